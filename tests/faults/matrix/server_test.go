package matrix

import (
	"context"
	"errors"
	"testing"

	"roster/core"
	"roster/tests/harness"
)

// server is a roster with failpoints that may crash and starts again on its data.
type server struct {
	*harness.Server
	options harness.Options
	rest    *harness.REST
	sql     *harness.SQL
}

// fronts are the ways in, by the part of the catalogue they have.
var fronts = []string{"rest", "sql"}

func (s *server) api(front string) core.API {
	if front == "sql" {
		return s.sql
	}
	return s.rest
}

// launch starts a server of its own for a test, or for a part of it.
func launch(o harness.Options) (*server, error) {
	o.Failpoints = true
	s := &server{options: o}
	return s, s.start()
}

func (s *server) start() (err error) {
	if s.Server, err = harness.Start(s.options); err != nil {
		return err
	}
	s.rest = &harness.REST{URL: s.URL, Token: harness.DefaultToken}
	s.sql, err = harness.OpenSQL(s.SQLAddr, harness.SQLOptions{})
	return err
}

// crashed waits for the end of the process, and starts another.
func (s *server) crashed() error {
	return errors.Join(s.AwaitExit(requestLimit), s.sql.DB.Close(), s.start())
}

// restart kills the process and starts another.
func (s *server) restart() error { return errors.Join(s.Kill(), s.sql.DB.Close(), s.start()) }

func (s *server) close() error { return errors.Join(s.Kill(), s.sql.DB.Close()) }

// run is a server of one test that says little.
func run(t *testing.T) *server {
	t.Helper()
	return runWith(t, harness.Options{DataDir: t.TempDir(), Args: []string{"--log-level", "error"}})
}

// runWith is launch for one test.
func runWith(t *testing.T, o harness.Options) *server {
	t.Helper()
	s, err := launch(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// openSQL is a client of the MySQL front that ends with the test.
func openSQL(t *testing.T, s *harness.Server) *harness.SQL {
	t.Helper()
	sql, err := harness.OpenSQL(s.SQLAddr, harness.SQLOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sql.DB.Close(); err != nil {
			t.Error(err)
		}
	})
	return sql
}

// operate has every operation succeed through both fronts, and counts them.
func (s *server) operate(t *testing.T) (succeeded int) {
	t.Helper()
	m := new(matrix)
	for _, op := range operations {
		for _, front := range fronts {
			id, err := m.prepare(t.Context(), s, op)
			if err == nil {
				err = op.call(t.Context(), s.api(front), id)
			}
			if err != nil {
				t.Errorf("%s through %s: %v", op.name, front, err)
				continue
			}
			succeeded++
		}
	}
	return succeeded
}

// reconnect lets go of connections that the server closes after an unknown outcome.
func (s *server) reconnect() {
	s.sql.DB.SetMaxIdleConns(0)
	s.sql.DB.SetMaxIdleConns(1)
}

// switchOn sets the failpoints of a row.
func (s *server) switchOn(ctx context.Context, f fault) error {
	for point, term := range f.with {
		if err := s.rest.SetFailpoint(ctx, point, term); err != nil {
			return err
		}
	}
	return s.rest.SetFailpoint(ctx, f.point, f.term)
}

func (s *server) switchOff(ctx context.Context, f fault) error {
	err := s.rest.SetFailpoint(ctx, f.point, "")
	for point := range f.with {
		err = errors.Join(err, s.rest.SetFailpoint(ctx, point, ""))
	}
	return err
}
