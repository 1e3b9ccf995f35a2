package mysqlfront

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"roster/mysqlfront/session"
)

func TestVariablesAreTheOptions(t *testing.T) {
	r := start(t, withTLS(t), func(o *Options) {
		o.Version, o.MaxConns, o.MaxPrepared, o.MaxPacketBytes = "9.9.9-test", 17, 5, 4096
		o.IdleTimeout, o.StatementTimeout, o.SlowStatement = 90*time.Second, 1500*time.Millisecond, 250*time.Millisecond
		o.LoginTimeout, o.ReadTimeout, o.WriteTimeout = 7*time.Second, 8*time.Second, 9*time.Second
		o.Location, o.AuthPlugin, o.RequireSecure = time.FixedZone("XYZ", 3600), Native, true
	})
	r.waitFor("the listener", func() bool { return r.port() != 0 })
	_, port, err := net.SplitHostPort(r.addr)
	if err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"version": "9.9.9-test", "max_connections": "17", "max_prepared_stmt_count": "5", "max_allowed_packet": "4096",
		"wait_timeout": "90", "interactive_timeout": "90", "max_execution_time": "1500", "long_query_time": "0.250000",
		"connect_timeout": "7", "net_read_timeout": "8", "net_write_timeout": "9", "system_time_zone": "XYZ",
		"default_authentication_plugin": Native, "have_ssl": "YES", "require_secure_transport": "1", "port": port, "hostname": host,
	}
	for name := range variables {
		if got, ok := r.Variable(name); !ok || got != want[name] {
			t.Errorf("%s is %q, want %q", name, got, want[name])
		}
	}
	if _, ok := r.Variable("none_such"); ok {
		t.Error("a variable that the server knows nothing of is its own")
	}
	if err := r.SetTLS("", ""); err != nil {
		t.Fatal(err)
	}
	if got, _ := r.Variable("have_ssl"); got != "DISABLED" {
		t.Errorf("without a certificate have_ssl is %s", got)
	}
}

func TestStatusCounts(t *testing.T) {
	r := start(t, func(o *Options) { o.SlowStatement = time.Nanosecond })
	c := r.single()
	before := r.Status()
	for range 3 {
		if _, err := c.ExecContext(t.Context(), "ok"); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.PingContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	stmt, err := c.PrepareContext(t.Context(), "ok")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stmt.ExecContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.db("root", "wrong", "").PingContext(t.Context()); err == nil {
		t.Fatal("a wrong password is taken")
	}
	r.waitFor("the failed login", func() bool { return r.Status()["Aborted_connects"] == before["Aborted_connects"]+1 })
	after := r.Status()
	for name, more := range map[string]uint64{"Questions": 4, "Queries": 5, "Slow_queries": 4, "Connections": 1} {
		if got := after[name] - before[name]; got != more {
			t.Errorf("%s grew by %d, want %d", name, got, more)
		}
	}
	if most := after["Max_used_connections"]; most == 0 || most > after["Connections"] {
		t.Errorf("Max_used_connections is %d of %d", most, after["Connections"])
	}
}

func TestClientFacts(t *testing.T) {
	r := start(t, withTLS(t))
	client := func(encrypt bool, attributes string) session.Client {
		t.Helper()
		config := driver.NewConfig()
		config.Net, config.Addr, config.User, config.ConnectionAttributes = "tcp", r.addr, "root", attributes
		if encrypt {
			config.TLS = &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13}
		}
		connector, err := driver.NewConnector(config)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := connector.Connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
			r.waitFor("the end of the session", func() bool { return len(r.Sessions()) == 0 })
		}()
		return r.Sessions()[0].Client
	}
	plain := client(false, "program_name:my-tool")
	if plain != (session.Client{Program: "my-tool"}) {
		t.Errorf("not encrypted: %+v", plain)
	}
	encrypted := client(true, "")
	if encrypted.TLSVersion != "TLSv1.3" || encrypted.Cipher == "" || encrypted.Program != "Go-MySQL-Driver" {
		t.Errorf("encrypted: %+v", encrypted)
	}
}

func TestOwnLimits(t *testing.T) {
	s := New(Options{})
	c := &conn{srv: s, session: &session.Session{Vars: map[string]string{}}}
	for _, x := range []struct {
		own  string
		want time.Duration
	}{
		{"", time.Minute},
		{"20", 20 * time.Second},
		{"60", time.Minute},
		{"61", time.Minute},
		{strconv.Itoa(1 << 62), time.Minute},
		{"0", time.Minute},
		{"-1", time.Minute},
	} {
		c.session.Vars["wait_timeout"] = x.own
		if got := c.within(time.Minute, "wait_timeout", time.Second); got != x.want {
			t.Errorf("%q: %v, want %v", x.own, got, x.want)
		}
	}
}

// TestSessionTightensLimits: what a session sets for itself counts, where the
// server's limits are too long to be met here.
func TestSessionTightensLimits(t *testing.T) {
	r := start(t, func(o *Options) { o.IdleTimeout, o.StatementTimeout = time.Hour, time.Hour })
	c := r.single()
	set := func(text string) {
		t.Helper()
		if _, err := c.ExecContext(t.Context(), "let "+text); err != nil {
			t.Fatal(err)
		}
	}
	set("max_execution_time 1")
	var refusal *driver.MySQLError
	if _, err := c.ExecContext(t.Context(), "slow_read"); !errors.As(err, &refusal) || refusal.Number != 3024 {
		t.Errorf("a statement that reads: %v, want 3024", err)
	}
	<-r.engine.started
	if err := <-r.engine.ended; err == nil {
		t.Error("the statement was not told to end")
	}
	go func() {
		<-r.engine.started
		r.engine.finish <- struct{}{}
	}()
	if _, err := c.ExecContext(t.Context(), "slow"); err != nil {
		t.Errorf("a statement that may write is ended early: %v", err)
	}
	set("wait_timeout 1")
	r.waitFor("the end of the idle session", func() bool { return len(r.Sessions()) == 0 })
}
