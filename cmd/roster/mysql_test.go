package main

import (
	"database/sql"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/sirupsen/logrus"

	"roster/mysqlfront/session"
)

func TestSQLUserFile(t *testing.T) {
	for _, c := range []struct {
		name, file, fault string
		want              map[string]string
	}{
		{"roles, scopes and blanks in a password", "# who may\n\nann admin secret one\nbob operator@shop pw\n", "",
			map[string]string{"ann": "admin//secret one", "bob": "operator/shop/pw"}},
		{"a field is missing", "ann admin\n", "line 1 has 2 fields", nil},
		{"fields in another order", "ann CANARY admin\n", "line 1: the second field must be a role", nil},
		{"a scope without an instance", "ann reader@ CANARY\n", "line 1: the second field must be a role", nil},
		{"a user twice", "ann reader CANARY\nann admin CANARY\n", "line 2: the user of this line is given before", nil},
		{"nobody", "# CANARY\n", "has no user", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			users, err := config{MySQLAddr: "0.0.0.0:9030", MySQLUserFile: write(t, c.file)}.loadSQLUsers()
			if c.fault == "" && err != nil || c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault) || strings.Contains(err.Error(), "CANARY")) {
				t.Fatalf("got %v, want %q", err, c.fault)
			}
			for name, want := range c.want {
				u := users[name]
				if got := u.Role.String() + "/" + u.Instance + "/" + u.Password.Reveal(); got != want {
					t.Errorf("%s is %s, want %s", name, got, want)
				}
			}
		})
	}
}

func TestRootWithoutPasswordIsForLoopback(t *testing.T) {
	for addr, allowed := range map[string]bool{"127.0.0.1:9030": true, "[::1]:9030": true, "localhost:9030": true, "0.0.0.0:9030": false, ":9030": false, "10.1.2.3:9030": false} {
		users, err := config{MySQLAddr: addr}.loadSQLUsers()
		if allowed != (err == nil) || allowed && users["root"].Role != session.Admin {
			t.Errorf("%s: got %v, %v", addr, users, err)
		}
	}
}

// TestUsersMayChangeWhileServing logs in before and after.
func TestUsersMayChangeWhileServing(t *testing.T) {
	file := write(t, "ann admin one\n")
	c, err := load(t, "", "--http-addr", "127.0.0.1:0", "--mysql-addr", "127.0.0.1:0", "--data-dir", t.TempDir(), "--mysql-user-file", file)
	if err != nil {
		t.Fatal(err)
	}
	log := logrus.New()
	log.SetOutput(io.Discard)
	s, err := start(t.Context(), c, log)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}()
	ask := func(password, statement string) uint16 {
		t.Helper()
		db, err := sql.Open("mysql", "ann:"+password+"@tcp("+s.sqlLn.Addr().String()+")/")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		_, err = db.ExecContext(t.Context(), statement)
		var refusal *mysql.MySQLError
		if err != nil && !errors.As(err, &refusal) {
			t.Fatal(err)
		}
		if refusal != nil {
			return refusal.Number
		}
		return 0
	}
	replace := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s.reload()
	}
	const look, denied = "SHOW INSTANCES", 1045
	for _, step := range []struct {
		name, password, statement string
		want                      uint16
		before                    func()
	}{
		{"as the file says", "one", look, 0, nil},
		{"a changed password counts", "two", look, 0, func() { replace("ann admin two\n") }},
		{"and an old one does not", "one", look, denied, nil},
		{"a fault changes nothing", "two", look, 0, func() { replace("ann nobody three\n") }},
		{"a user made in SQL", "two", "CREATE USER ann IDENTIFIED BY 'four' ROLE admin", 0, nil},
		{"comes before the file's", "two", look, denied, nil},
		{"with that password", "four", "DROP USER ann", 0, nil},
		{"and no longer than it is there", "two", look, 0, nil},
	} {
		if step.before != nil {
			step.before()
		}
		if got := ask(step.password, step.statement); got != step.want {
			t.Errorf("%s: got %d, want %d", step.name, got, step.want)
		}
	}
}
