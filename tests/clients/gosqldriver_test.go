package clients

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	pb "roster/core/metapb"
)

// endless is a statement that runs until it is killed.
const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000000) SELECT COUNT(*) FROM n"

// open is a pool of go-sql-driver connections to the site.
func (s *site) open(t *testing.T) *sql.DB {
	t.Helper()
	config := mysql.NewConfig()
	config.Net, config.Addr, config.User, config.Passwd = "tcp", s.host+":"+s.port, s.user, s.password
	config.Timeout, config.ReadTimeout = limit, limit
	config.Logger = new(mysql.NopLogger) // a killed connection is no news
	if s.ca != "" {
		ca, err := os.ReadFile(s.ca)
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(ca)
		config.TLS = &tls.Config{RootCAs: roots, ServerName: s.host, MinVersion: tls.VersionTLS12}
	}
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

// goSession is the scripted session of drivers by go-sql-driver.
type goSession struct {
	*testing.T
	conn *sql.Conn
	out  strings.Builder
}

func (g *goSession) exec(text string, args ...any) {
	g.Helper()
	if _, err := g.conn.ExecContext(g.Context(), text, args...); err != nil {
		g.Fatalf("%s: %v", text, err)
	}
}

func (g *goSession) scan(text string, into ...any) {
	g.Helper()
	if err := g.conn.QueryRowContext(g.Context(), text).Scan(into...); err != nil {
		g.Fatalf("%s: %v", text, err)
	}
}

// clusters reads the columns Cluster and Status of SHOW CLUSTERS.
func (g *goSession) clusters() string {
	g.Helper()
	rows, err := g.conn.QueryContext(g.Context(), "SHOW CLUSTERS")
	if err != nil {
		g.Fatal(err)
	}
	columns, err := rows.Columns()
	if err != nil {
		g.Fatal(err)
	}
	var all []string
	for rows.Next() {
		values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			g.Fatal(err)
		}
		for i, column := range columns {
			if column == "Cluster" || column == "Status" {
				all = append(all, values[i].String)
			}
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		g.Fatal(err)
	}
	return strings.Join(all, " ")
}

func failure(err error) string {
	var refusal *mysql.MySQLError
	if !errors.As(err, &refusal) {
		return fmt.Sprint(err)
	}
	return fmt.Sprintf("%d %s", refusal.Number, refusal.SQLState[:])
}

func (g *goSession) failure(text string) string {
	_, err := g.conn.ExecContext(g.Context(), text)
	return failure(err)
}

// endless runs the endless statement, has it killed once it runs, and returns its
// error. ended tells whether its session can be used no more.
func (s *site) endless(t *testing.T, kill func(id int64)) (ended bool, err error) {
	t.Helper()
	conn, err := s.open(t).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }() // fails where the session has ended
	var id int64
	if err := conn.QueryRowContext(t.Context(), "SELECT CONNECTION_ID()").Scan(&id); err != nil {
		t.Fatal(err)
	}
	outcome := make(chan error, 1)
	go func() {
		_, err := conn.ExecContext(context.WithoutCancel(t.Context()), endless)
		outcome <- err
	}()
	s.awaitRunning(t, 1)
	kill(id)
	err = <-outcome
	return conn.PingContext(t.Context()) != nil, err
}

func (g *goSession) print(name string, value any) { fmt.Fprintf(&g.out, "%s: %v\n", name, value) }

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func TestGoSQLDriver(t *testing.T) {
	eachLogin(t, func(t *testing.T, s *site) {
		conn, err := s.open(t).Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
		}()
		g := &goSession{T: t, conn: conn}
		var name, cipher, database string
		g.scan("SHOW STATUS LIKE 'Ssl_cipher'", &name, &cipher)
		g.print("encrypted", yes(cipher != ""))
		g.exec("USE `" + s.instance + "`")
		g.scan("SELECT DATABASE()", &database)
		g.print("database is the instance", yes(database == s.instance))
		g.print("clusters", g.clusters())
		g.exec("ALTER CLUSTER compute_1 SET STATUS 'SUSPENDED'")
		g.print("clusters", g.clusters())
		g.print("refused state change", g.failure("ALTER CLUSTER compute_1 SET STATUS 'SUSPENDED'"))
		g.print("no such cluster", g.failure("DROP CLUSTER none_such"))
		g.print("no such instance", g.failure("USE none_such"))
		g.print("syntax", g.failure("ALTER CLUSTER compute_1 SET"))
		g.exec("ALTER CLUSTER ? SET STATUS ?", "compute_1", "TO_RESUME")
		g.prepared()
		ended, err := s.endless(t, func(id int64) { g.exec("KILL QUERY ?", id) })
		g.print("killed", failure(err))
		alive := 1
		if ended {
			alive = 0
		}
		g.print("alive", alive)
		if want := transcript(s, true); g.out.String() != want {
			t.Errorf("got\n%s\nwant\n%s", g.out.String(), want)
		}
		s.wantStatus(t, pb.ClusterStatus_TO_RESUME)
	})
}

func (g *goSession) prepared() {
	g.Helper()
	stmt, err := g.conn.PrepareContext(g.Context(), "SELECT cluster_name, status, '' AS empty, NULL AS none FROM clusters WHERE cluster_name = ? LIMIT ?")
	if err != nil {
		g.Fatal(err)
	}
	var cluster, status string
	var empty, none sql.NullString
	for range 2 { // a statement may run again
		if err := stmt.QueryRowContext(g.Context(), "compute_1", 1).Scan(&cluster, &status, &empty, &none); err != nil {
			g.Fatal(err)
		}
	}
	null := "not null"
	if !none.Valid {
		null = "null"
	}
	g.print("prepared", fmt.Sprintf("%s %s %q %s", cluster, status, empty.String, null))
	if !empty.Valid {
		g.Error("the empty string is NULL")
	}
	if err := stmt.Close(); err != nil {
		g.Error(err)
	}
}

// TestPasswords: a user with a password logs in by either authentication plugin,
// and an old password ends at once.
func TestPasswords(t *testing.T) {
	eachLogin(t, func(t *testing.T, s *site) {
		root := s.open(t)
		exec := func(text string) {
			t.Helper()
			if _, err := root.ExecContext(t.Context(), text); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
		}
		login := func(password string) error {
			as := *s
			as.user, as.password = "olga", password
			return as.open(t).PingContext(t.Context())
		}
		exec("CREATE USER olga IDENTIFIED BY 'first-password'")
		exec("GRANT operator TO olga")
		if err := login("first-password"); err != nil {
			t.Fatal(err)
		}
		wrong, unknown := login("wrong-password"), func() error {
			as := *s
			as.user, as.password = "nobody", "wrong-password"
			return as.open(t).PingContext(t.Context())
		}()
		for _, err := range []error{wrong, unknown} {
			if got := failure(err); got != "1045 28000" {
				t.Errorf("got %v, want 1045 28000", err)
			}
		}
		if got, want := strings.ReplaceAll(fmt.Sprint(unknown), "nobody", "olga"), fmt.Sprint(wrong); got != want {
			t.Errorf("an unknown user reads %q, a wrong password %q", got, want)
		}
		exec("ALTER USER olga IDENTIFIED BY 'second-password'")
		if got := failure(login("first-password")); got != "1045 28000" {
			t.Errorf("the old password: got %s, want 1045 28000", got)
		}
		if err := login("second-password"); err != nil {
			t.Errorf("the new password: %v", err)
		}
		exec("DROP USER olga")
		if got := failure(login("second-password")); got != "1045 28000" {
			t.Errorf("a dropped user: got %s, want 1045 28000", got)
		}
		for _, secret := range []string{"first-password", "second-password", "wrong-password", hex.EncodeToString([]byte("first-password"))} {
			if strings.Contains(s.server.Output(), secret) {
				t.Errorf("the server's output holds the password %q", secret)
			}
		}
	})
}
