package tables_test

import (
	"strings"
	"testing"

	"roster/mysqlfront/session"
	"roster/mysqlfront/tables"
)

// facts is what a server tells of itself.
type facts struct{}

var served = map[string]string{
	"version": "8.0.36-roster", "port": "4711", "hostname": "here", "have_ssl": "YES", "require_secure_transport": "1", "wait_timeout": "600",
	"max_execution_time": "5000", "max_connections": "12", "system_time_zone": "CET", "default_authentication_plugin": "mysql_native_password",
}

func (facts) Variable(name string) (value string, ok bool) {
	value, ok = served[name]
	return value, ok
}

func (facts) Status() map[string]uint64 {
	return map[string]uint64{"Slow_queries": 3, "Uptime": 61}
}

func TestServerVariables(t *testing.T) {
	e, s := newEngine(t, newSource(), tables.Options{}), newSession()
	for text, want := range map[string]string{
		"SELECT @@version":                                         "8.0.36-roster",
		"SELECT @@port":                                            "4711",
		"SELECT @@hostname":                                        "here",
		"SELECT @@have_ssl":                                        "YES",
		"SELECT @@max_connections":                                 "12",
		"SELECT @@system_time_zone":                                "CET",
		"SHOW VARIABLES LIKE 'require_secure_transport'":           "require_secure_transport|ON",
		"SHOW GLOBAL VARIABLES LIKE 'port'":                        "port|4711",
		"SELECT plugin FROM mysql.user WHERE User = 'root'":        "mysql_native_password",
		"SHOW STATUS LIKE 'Slow_queries'":                          "Slow_queries|3",
		"SHOW GLOBAL STATUS LIKE 'Uptime'":                         "Uptime|61",
		"SHOW GLOBAL STATUS WHERE Variable_name = 'Opened_tables'": "Opened_tables|0",
	} {
		if got, err := ask(t, e, s, text); err != nil || !strings.HasSuffix(got, "\n"+want) {
			t.Errorf("%s: got %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"SET port = 1", "SET hostname = 'x'", "SET max_connections = 5"} {
		if _, err := ask(t, e, s, text); number(err) != 1238 {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := ask(t, e, s, "SELECT @@cte_max_recursion_depth"); number(err) != 1193 {
		t.Errorf("a limit that is not kept is shown: %v", err)
	}
}

func TestEncryptionStatus(t *testing.T) {
	e, s := newEngine(t, newSource(), tables.Options{}), newSession()
	s.Client = session.Client{TLSVersion: "TLSv1.3", Cipher: "TLS_AES_128_GCM_SHA256"}
	for text, want := range map[string]string{
		"SHOW STATUS LIKE 'Ssl%'":         "Variable_name|Value\nSsl_cipher|TLS_AES_128_GCM_SHA256\nSsl_version|TLSv1.3",
		"SHOW SESSION STATUS LIKE 'ssl%'": "Variable_name|Value\nSsl_cipher|TLS_AES_128_GCM_SHA256\nSsl_version|TLSv1.3",
		"SHOW GLOBAL STATUS LIKE 'Ssl%'":  "Variable_name|Value\nSsl_cipher|\nSsl_version|",
	} {
		if got, err := ask(t, e, s, text); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", text, got, err, want)
		}
	}
}

func TestOwnLimits(t *testing.T) {
	for _, c := range []struct {
		set, variable, want string
		warned              bool
	}{
		{"wait_timeout = 30", "wait_timeout", "30", false},
		{"wait_timeout = 601", "wait_timeout", "600", true},
		{"wait_timeout = 0", "wait_timeout", "1", true},
		{"wait_timeout = -5", "wait_timeout", "1", true},
		{"wait_timeout = DEFAULT", "wait_timeout", "600", false},
		{"max_execution_time = 1500", "max_execution_time", "1500", false},
		{"max_execution_time = 0", "max_execution_time", "5000", false},
		{"max_execution_time = 60000", "max_execution_time", "5000", true},
	} {
		e, s := newEngine(t, newSource(), tables.Options{}), newSession()
		if _, err := ask(t, e, s, "SET SESSION "+c.set); err != nil {
			t.Errorf("%s: %v", c.set, err)
		}
		if warned := len(s.Warnings) == 1 && s.Warnings[0].Code == 1292; warned != c.warned {
			t.Errorf("%s: warnings %v", c.set, s.Warnings)
		}
		s.Warnings = nil
		if got, err := ask(t, e, s, "SELECT @@"+c.variable); err != nil || got != "@@"+c.variable+"\n"+c.want {
			t.Errorf("%s: got %q, %v, want %s", c.set, got, err, c.want)
		}
	}
	e, s := newEngine(t, newSource(), tables.Options{}), newSession()
	if _, err := ask(t, e, s, "SET wait_timeout = 'soon'"); number(err) != 1232 {
		t.Error(err)
	}
}

func TestWarningCounts(t *testing.T) {
	e, s := newEngine(t, newSource(), tables.Options{}), newSession()
	s.Warnings = []session.Warning{{Level: "Note", Code: 1}, {Level: "Error", Code: 2}, {Level: "Error", Code: 3}}
	if got, err := ask(t, e, s, "SELECT @@warning_count, @@session.error_count"); err != nil || got != "@@warning_count|@@session.error_count\n3|2" {
		t.Errorf("got %q, %v", got, err)
	}
}
