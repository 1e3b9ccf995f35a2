package matrix

import (
	"context"
	"encoding/base64"
	"errors"
	"os"
	"testing"

	"roster/core"
	"roster/tests/harness"
)

// server is a roster with failpoints that may crash and starts again on its data.
type server struct {
	*harness.Server
	dir  string
	rest *harness.REST
	sql  *harness.SQL
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
func launch(dir string) (*server, error) {
	s := &server{dir: dir}
	return s, s.start()
}

func (s *server) start() (err error) {
	o := harness.Options{DataDir: s.dir, Failpoints: true, Args: []string{"--log-level", "error"}}
	if pd := os.Getenv("ROSTER_PD"); pd != "" {
		o.Args = append(o.Args, "--store", "tikv", "--pd", pd)
		o.Env = []string{"ROSTER_KEYS=1:" + base64.StdEncoding.EncodeToString(make([]byte, 32))}
	}
	if s.Server, err = harness.Start(o); err != nil {
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

// run is launch for one test.
func run(t *testing.T) *server {
	t.Helper()
	s, err := launch(t.TempDir())
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
