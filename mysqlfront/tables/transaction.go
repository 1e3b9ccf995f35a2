package tables

import (
	"context"

	"github.com/pingcap/tidb/pkg/parser/ast"

	"roster/core"
	"roster/mysqlfront/session"
)

// begin is BEGIN and START TRANSACTION. A read-only one pins the snapshot that
// every SELECT reads until it ends; any other is accepted and does nothing, as
// each of Roster's statements is a transaction of its own.
type begin struct {
	common
	readOnly bool
	at       *translated
}

func (e *Engine) begin(s *session.Session, c common, n *ast.BeginStmt) (session.Statement, error) {
	out := &begin{common: c, readOnly: n.ReadOnly}
	if n.AsOf != nil {
		t := &translator{session: s}
		version, err := t.version(n.AsOf.TsExpr)
		if err != nil {
			return nil, err
		}
		out.at = &translated{
			sql:     "WITH result(c0) AS (SELECT " + version + ") SELECT collect(c0) FROM result",
			columns: []session.Column{{Name: "version", Type: session.BigInt}},
		}
	}
	return out, nil
}

func (b *begin) Run(ctx context.Context, s *session.Session, args []any) (*session.Result, error) {
	if err := b.check(args); err != nil {
		return nil, err
	}
	s.Snapshot = 0
	switch {
	case b.at != nil:
		r, err := b.engine.answer(ctx, s, b.at, args)
		if err != nil {
			return nil, err
		}
		version, ok := r.rows[0][0].(int64)
		if !ok {
			return nil, fail(1292, "22007", "Incorrect TIMESTAMP value in AS OF: NULL")
		}
		s.Snapshot = uint64(version)
	case b.readOnly || variable(s, "transaction_read_only") == "1":
		version, err := b.engine.source.Version(ctx)
		if err != nil {
			return nil, err
		}
		s.Snapshot = version
	default:
		s.Note(1196, "each statement of Roster commits by itself; START TRANSACTION READ ONLY pins one snapshot for SELECT")
	}
	return &session.Result{}, nil
}

// end is COMMIT and ROLLBACK.
type end struct{ common }

func (st *end) Run(_ context.Context, s *session.Session, args []any) (*session.Result, error) {
	if err := st.check(args); err != nil {
		return nil, err
	}
	s.Snapshot = 0
	return &session.Result{}, nil
}

// nothing is a statement without an effect here, such as SAVEPOINT.
type nothing struct{ common }

func (st *nothing) Run(_ context.Context, _ *session.Session, args []any) (*session.Result, error) {
	return &session.Result{}, st.check(args)
}

// use is USE.
type use struct {
	common
	database string
}

func (u *use) Run(ctx context.Context, s *session.Session, _ []any) (*session.Result, error) {
	name, err := u.engine.CheckDatabase(ctx, s, u.database)
	if err != nil {
		return nil, err
	}
	s.Database = name
	return &session.Result{}, nil
}

// CheckDatabase says whether the session may make a database its current one, and
// its name as it should be kept. Errors: 1049 without such an instance, 1044 for
// one the user may not see.
func (e *Engine) CheckDatabase(ctx context.Context, s *session.Session, name string) (string, error) {
	if schema := systemSchema(name); schema != "" {
		return schema, nil
	}
	if err := mayUse(s, name); err != nil {
		return "", err
	}
	r := e.newRun(ctx, s)
	doc, err := r.instance(0, name)
	switch {
	case core.CodeOf(err) == core.InvalidArgument, err == nil && doc == nil:
		return "", unknownDatabase(name)
	}
	return name, err
}

// do is DO: its expressions are computed and dropped.
type do struct {
	common
	query *translated
}

func (e *Engine) do(s *session.Session, c common, n *ast.DoStmt) (session.Statement, error) {
	t := &translator{session: s}
	values, err := t.exprs(n.Exprs, &scope{clause: "field list"})
	if err != nil {
		return nil, err
	}
	return &do{common: c, query: &translated{sql: "SELECT " + list(values)}}, nil
}

func (d *do) Run(ctx context.Context, s *session.Session, args []any) (*session.Result, error) {
	if err := d.check(args); err != nil {
		return nil, err
	}
	_, err := d.engine.answer(ctx, s, d.query, args)
	return &session.Result{}, err
}
