package tables

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"roster/mysqlfront/session"
)

var errClosed = errors.New("the engine is closed")

// slots bounds the SQLite connections, made when first needed.
type slots struct {
	free   chan *slot
	closed chan struct{}
	once   sync.Once
}

func newSlots(n int) *slots {
	s := &slots{free: make(chan *slot, n), closed: make(chan struct{})}
	for range n {
		s.free <- &slot{}
	}
	return s
}

// use runs f on a slot of its own.
func (s *slots) use(ctx context.Context, f func(*slot) error) (err error) {
	select {
	case <-s.closed:
		return errClosed
	default:
	}
	select {
	case <-s.closed:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	case one := <-s.free:
		defer func() {
			if one.broken {
				err = errors.Join(err, one.close())
				one = &slot{}
			}
			s.free <- one
		}()
		if err := one.open(ctx); err != nil {
			return err
		}
		return f(one)
	}
}

// close waits for the running statements.
func (s *slots) close() (err error) {
	s.once.Do(func() {
		close(s.closed)
		for range cap(s.free) {
			err = errors.Join(err, (<-s.free).close())
		}
	})
	return err
}

// slot is one SQLite connection with the statement that runs on it.
type slot struct {
	db      *sql.DB
	conn    *sql.Conn
	running *run
	// compiled statements end before their connection does.
	compiled compiled
	broken   bool
}

// connector opens the connections of one driver.
type connector struct{ driver *sqlite.Driver }

// Identifiers in double quotes must not fall back to strings.
func (c connector) Connect(context.Context) (driver.Conn, error) {
	return c.driver.Open(":memory:?_dqs=0&_defensive=1")
}

func (c connector) Driver() driver.Driver { return c.driver }

// limits of SQLite on what a statement may make of it.
var limits = map[int]int{
	sqlite3.SQLITE_LIMIT_LENGTH:          16 << 20,
	sqlite3.SQLITE_LIMIT_ATTACHED:        len(systemSchemas),
	sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 200,
}

// open sets the connection up once.
func (s *slot) open(ctx context.Context) error {
	if s.conn != nil {
		return nil
	}
	d := new(sqlite.Driver)
	if err := d.RegisterModule("roster_table", module{s}); err != nil {
		return err
	}
	if err := d.RegisterCollationUtf8(foldCase, compareFolded); err != nil {
		return err
	}
	if err := s.register(d); err != nil {
		return err
	}
	s.db = sql.OpenDB(connector{d})
	s.db.SetMaxOpenConns(1)
	conn, err := s.db.Conn(context.WithoutCancel(ctx))
	if err != nil {
		return errors.Join(err, s.close())
	}
	s.conn = conn
	if err := s.prepare(context.WithoutCancel(ctx)); err != nil {
		return errors.Join(err, s.close())
	}
	return nil
}

// prepare creates the tables and then closes the connection to everything but reading.
func (s *slot) prepare(ctx context.Context) error {
	for _, schema := range systemSchemas {
		if _, err := s.conn.ExecContext(ctx, "ATTACH ':memory:' AS "+schema); err != nil {
			return err
		}
	}
	for _, t := range tableList {
		create := fmt.Sprintf("CREATE VIRTUAL TABLE %s.%s USING roster_table", t.schema, quoteName(lower(t.name)))
		if _, err := s.conn.ExecContext(ctx, create); err != nil {
			return err
		}
	}
	for limit, value := range limits {
		if _, err := sqlite.Limit(s.conn, limit, value); err != nil {
			return err
		}
	}
	return s.conn.Raw(func(conn any) error {
		return conn.(sqlite.AuthorizerRegisterer).RegisterAuthorizer(readOnly)
	})
}

// readOnly is the second lock: the translation already writes nothing but SELECT.
func readOnly(action sqlite.AuthorizerActionCode, _, _, _, _ string) sqlite.AuthorizerReturnCode {
	switch int32(action) {
	case sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE:
		return sqlite.AuthorizerOK
	}
	return sqlite.AuthorizerDeny
}

func (s *slot) close() (err error) {
	err = s.compiled.close()
	if s.conn != nil {
		err = errors.Join(err, s.conn.Close())
	}
	if s.db != nil {
		err = errors.Join(err, s.db.Close())
	}
	s.conn, s.db = nil, nil
	return err
}

// execute runs SQL, whose rows end up in r.
func (s *slot) execute(r *run, query string, args []driver.NamedValue) (err error) {
	s.running = r
	defer func() {
		s.running = nil
		r.close()
		if v := recover(); v != nil {
			s.broken = true
			err = fmt.Errorf("SQLite failed: %v", v)
		}
	}()
	return s.conn.Raw(func(conn any) error {
		stmt, err := s.compiled.take(r.ctx, conn.(driver.ConnPrepareContext), query)
		if err != nil {
			return err
		}
		rows, err := stmt.(driver.StmtQueryContext).QueryContext(r.ctx, args)
		if err == nil {
			err = rows.Close()
		}
		if err != nil {
			return errors.Join(err, stmt.Close())
		}
		return s.compiled.keep(query, stmt)
	})
}

// answer runs a translated query in the session.
func (e *Engine) answer(ctx context.Context, s *session.Session, q *translated, args []any) (*run, error) {
	bound, err := bind(s, args)
	if err != nil {
		return nil, err
	}
	r := e.newRun(ctx, s)
	r.out = q.columns
	err = e.slots.use(ctx, func(one *slot) error { return one.execute(r, q.sql, bound) })
	if err != nil && (!r.cut || r.err != nil) {
		return nil, r.failure(err)
	}
	return r, nil
}
