//go:build linux

package faults

import (
	"crypto/tls"
	"database/sql"
	"errors"
	"testing"

	"github.com/go-sql-driver/mysql"

	"roster/tests/certs"
	"roster/tests/harness"
)

const (
	// idleClients is how many connections the MySQL front takes by default.
	idleClients = 1000
	// maxIdleBytes is what each may cost.
	maxIdleBytes = 100 << 10
)

func TestIdleConnections(t *testing.T) {
	t.Run("in clear", func(t *testing.T) { testIdleConnections(t, nil) })
	t.Run("encrypted", func(t *testing.T) {
		pair := certs.New(t)
		testIdleConnections(t, &tls.Config{RootCAs: pair.Pool(), ServerName: "127.0.0.1"}, "--mysql-tls-cert", pair.Cert, "--mysql-tls-key", pair.Key)
	})
}

// testIdleConnections opens as many connections as there may be, uses each once,
// and looks at them when all of them wait.
func testIdleConnections(t *testing.T, encryption *tls.Config, args ...string) {
	s, rest := start(t, t.TempDir(), args...)
	const id = "idle"
	if err := createInstance(id).send(t.Context(), rest); err != nil {
		t.Fatal(err)
	}
	db := open(t, s, encryption)
	use := func() *sql.Conn {
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"SHOW CLUSTERS IN INSTANCE " + id, "SELECT * FROM roster.instances WHERE instance_id = '" + id + "'"} {
			rows, err := conn.QueryContext(t.Context(), text)
			if err != nil {
				t.Fatal(err)
			}
			for rows.Next() {
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				t.Fatal(err)
			}
		}
		return conn
	}
	conns := []*sql.Conn{use()} // after which the server has done each thing once
	before := ownMemory(t, s)
	for len(conns) < idleClients {
		conns = append(conns, use())
	}
	each := (ownMemory(t, s) - before) / idleClients
	t.Logf("%d bytes each", each)
	if each > maxIdleBytes {
		t.Errorf("a connection costs %d bytes, want at most %d", each, maxIdleBytes)
	}

	_, err := db.Conn(t.Context())
	if refused := new(mysql.MySQLError); !errors.As(err, &refused) || refused.Number != 1040 || string(refused.SQLState[:]) != "08004" {
		t.Errorf("one more is answered %v, want error 1040 (08004)", err)
	}
	for i, conn := range conns {
		if err := errors.Join(conn.PingContext(t.Context()), conn.Close()); err != nil {
			t.Fatalf("connection %d: %v", i+1, err)
		}
	}
}

// open is a pool without a bound.
func open(t *testing.T, s *harness.Server, encryption *tls.Config) *sql.DB {
	t.Helper()
	config := mysql.NewConfig()
	config.Net, config.Addr, config.User, config.TLS = "tcp", s.SQLAddr, "root", encryption
	connector, err := mysql.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// ownMemory is what a server holds in memory.
func ownMemory(t *testing.T, s *harness.Server) int {
	t.Helper()
	n, err := s.OwnMemory()
	if err != nil {
		t.Fatal(err)
	}
	return n
}
