package admin

import (
	"context"
	"errors"
	"strings"

	"roster/core"
	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

// place is the instance a statement is about, by its id, by a cloud_unique_id,
// or by both as some callers give it.
type place struct{ instance, uniqueID string }

// systemDatabases are those that are no instance.
var systemDatabases = []string{"roster", "information_schema", "mysql"}

func isSystem(database string) bool {
	for _, d := range systemDatabases {
		if strings.EqualFold(d, database) {
			return true
		}
	}
	return false
}

// place resolves a scope, or takes the current database where there is none, and
// holds it to what the user may see.
func (x *execution) place(ctx context.Context, s *scope) (place, error) {
	if s != nil && s.All {
		return place{}, fail(1235, "42000", "ALL INSTANCES is not supported here, name one")
	}
	p, err := x.given(s)
	if err != nil {
		return place{}, err
	}
	if p.instance == "" && p.uniqueID == "" && s == nil {
		return place{}, fail(1046, "3D000", "No instance selected: USE one, or add IN INSTANCE")
	}
	return x.confine(ctx, p)
}

func (x *execution) given(s *scope) (p place, err error) {
	if s == nil {
		if !isSystem(x.session.Database) {
			p.instance = x.session.Database
		}
		return p, nil
	}
	named := s.Instance
	if named == nil {
		named = s.Bare
	}
	if p.instance, err = x.name(named); err != nil {
		return place{}, err
	}
	unique := s.UniqueID
	if unique == nil {
		unique = s.Holder
	}
	p.uniqueID, err = x.name(unique)
	return p, err
}

// confine refuses a user of one instance all others. A cloud_unique_id is
// replaced by the instance it was found to name, so that it cannot come to name
// another before the operation.
func (x *execution) confine(ctx context.Context, p place) (place, error) {
	own := x.session.Instance
	if own == "" || p.uniqueID == "" && p.instance == own {
		return p, nil
	}
	if p.uniqueID == "" {
		return place{}, denied(x.session.User, p.instance)
	}
	found, err := x.reading(ctx, place{uniqueID: p.uniqueID})
	if code := core.CodeOf(err); err != nil && code != core.NotFound && code != core.InvalidArgument {
		return place{}, err
	}
	if found.InstanceID() != own {
		return place{}, denied(x.session.User, p.uniqueID)
	}
	return place{instance: own}, nil
}

// named is place for a statement whose noun is the instance itself.
func (x *execution) named(ctx context.Context, n *name) (place, error) {
	id, err := x.name(n)
	if err != nil {
		return place{}, err
	}
	return x.confine(ctx, place{instance: id})
}

// holder is a cloud_unique_id for the operations that know an instance by no
// other name.
func (p place) holder() (string, error) {
	switch {
	case p.uniqueID != "":
		return p.uniqueID, nil
	case strings.Contains(p.instance, ":"):
		return "", invalid("instance %q has a colon in its id, name it by IN UNIQUE ID", clip(p.instance))
	case p.instance == "":
		return "", nil
	}
	return "1:" + p.instance + ":sql", nil
}

// document reads the instance.
func (x *execution) document(ctx context.Context, p place) (*pb.InstanceInfoPB, error) {
	reading, err := x.reading(ctx, p)
	if err != nil {
		return nil, err
	}
	return reading.Instance()
}

func (x *execution) reading(ctx context.Context, p place) (core.Reading, error) {
	if p.instance != "" {
		return x.ReadDocument(ctx, &pb.GetInstanceRequest{InstanceId: &p.instance})
	}
	return x.ReadDocument(ctx, &pb.GetInstanceRequest{CloudUniqueId: &p.uniqueID})
}

// revision is what IF VERSION compares: the revision of the instance's last
// change, nil when its history is gone.
func (x *execution) revision(ctx context.Context, instance string) (any, error) {
	records, _, err := x.History(ctx, core.HistoryQuery{Instance: instance, Limit: 1, Reverse: true})
	if err != nil || len(records) == 0 {
		return nil, err
	}
	return records[0].GetRevision(), nil
}

// use is USE.
type use struct {
	Name name `parser:"'USE' @@"`
}

func (u *use) run(ctx context.Context, x *execution) (*session.Result, error) {
	database, err := x.name(&u.Name)
	if err != nil {
		return nil, err
	}
	if !isSystem(database) {
		if err := x.checkInstance(ctx, database); err != nil {
			return nil, err
		}
	}
	x.session.Database = database
	return &session.Result{}, nil
}

func (x *execution) checkInstance(ctx context.Context, id string) error {
	if _, err := x.confine(ctx, place{instance: id}); err != nil {
		return err
	}
	_, err := x.ReadDocument(ctx, &pb.GetInstanceRequest{InstanceId: &id})
	var cause *core.Error
	if errors.As(err, &cause) && (cause.Code == core.NotFound || id == "") {
		return fail(1049, "42000", "Unknown database '%s': there is no such instance", clip(id))
	}
	return err
}
