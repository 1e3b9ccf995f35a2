package admin

import (
	"context"

	"roster/core"
	"roster/failpoints"
	"roster/mysqlfront/session"
)

// SwitchesFailpoints says that no failpoint of the front may hit the statement.
func (s *statement) SwitchesFailpoints() bool {
	_, ok := s.command.(interface{ switchesFailpoints() })
	return ok
}

// failpointsBuilt refuses what only a build with failpoints has.
func failpointsBuilt() error {
	if !failpoints.Built {
		return fail(1235, "42000", "This build has no failpoints: use the one that make build-failpoint makes")
	}
	return nil
}

func switched(err error) (*session.Result, error) {
	if err != nil {
		return nil, core.FailpointError(err)
	}
	return &session.Result{Affected: 1}, nil
}

type setFailpoint struct {
	Name value `parser:"'SET' 'FAILPOINT' @@ '='"`
	Term value `parser:"@@"`
}

func (*setFailpoint) switchesFailpoints() {}

func (c *setFailpoint) run(_ context.Context, x *execution) (*session.Result, error) {
	if err := failpointsBuilt(); err != nil {
		return nil, err
	}
	name, err := x.text(&c.Name)
	if err != nil {
		return nil, err
	}
	term, err := x.text(&c.Term)
	if err != nil {
		return nil, err
	}
	return switched(failpoints.Set(name, term))
}

type clearFailpoint struct {
	All  bool   `parser:"'CLEAR' ( @'FAILPOINTS'"`
	Name *value `parser:"| 'FAILPOINT' @@ )"`
}

func (*clearFailpoint) switchesFailpoints() {}

func (c *clearFailpoint) run(_ context.Context, x *execution) (*session.Result, error) {
	if err := failpointsBuilt(); err != nil {
		return nil, err
	}
	if c.All {
		return switched(failpoints.ClearAll())
	}
	name, err := x.text(c.Name)
	if err != nil {
		return nil, err
	}
	return switched(failpoints.Clear(name))
}

var failpointFields = []field[failpoints.Point]{
	{"Name", session.Varchar, false, func(p failpoints.Point) any { return p.Name }},
	{"Term", session.Varchar, false, func(p failpoints.Point) any {
		term, _ := failpoints.Term(p.Name) // fails for a name that is unknown only
		return term
	}},
	{"Effect", session.Varchar, false, func(p failpoints.Point) any { return p.Effect }},
	{"Path", session.Varchar, true, func(p failpoints.Point) any { return p.Path() }},
	{"Place", session.Varchar, true, func(p failpoints.Point) any { return p.Place }},
}

// showFailpoints lists the catalogue with the terms that are switched on.
type showFailpoints struct {
	Full bool `parser:"'SHOW' @'FULL'? 'FAILPOINTS'"`
	filter
}

func (*showFailpoints) switchesFailpoints() {}

func (c *showFailpoints) columns() []session.Column {
	return columnsOf("failpoints", shown(failpointFields, c.Full))
}

func (c *showFailpoints) run(_ context.Context, x *execution) (*session.Result, error) {
	if err := failpointsBuilt(); err != nil {
		return nil, err
	}
	fields := shown(failpointFields, c.Full)
	return x.filtered(list{c.columns(), "Name", rowsOf(fields, each(failpoints.Catalogue))}, &c.filter)
}
