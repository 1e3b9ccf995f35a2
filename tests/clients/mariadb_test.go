package clients

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	pb "roster/core/metapb"
	"roster/tests/harness"
)

// flags are the connection flags that the MariaDB command-line clients share.
func (s *site) flags() []string {
	flags := []string{"--no-defaults", "--protocol=tcp", "-h" + s.host, "-P" + s.port, "-u" + s.user, "--password=" + s.password}
	if s.ca != "" {
		return append(flags, "--ssl-ca="+s.ca, "--ssl-verify-server-cert")
	}
	return flags
}

// TestMariaDBPlainPassword: without TLS these clients answer a server that asks
// for the whole password of caching_sha2_password with the password in clear,
// which no server can take for the encrypted one. They get in once the server
// remembers the password from another login, or where there is none.
func TestMariaDBPlainPassword(t *testing.T) {
	mariadb := need(t, "mariadb")
	someLogins(t, logins[:1], func(t *testing.T, s *site) {
		out, exit := run(t, mariadb, append(s.flags(), "-e", "SHOW INSTANCES")...)
		if exit != 1 || strings.Contains(out, s.instance) {
			t.Errorf("exit code %d and %q", exit, out)
		}
		contains(t, out, "ERROR 1045 (28000)", "connect with TLS", "mysql_native_password")
		if strings.Contains(s.server.Output(), s.password) {
			t.Error("the server's output holds the password")
		}
		s.remember(t)
		contains(t, mustRun(t, mariadb, append(s.flags(), "-e", "SHOW INSTANCES")...), s.instance)
	})
	t.Run("no password", func(t *testing.T) {
		s := newSite(t, harness.Run(t, harness.Options{}))
		contains(t, mustRun(t, mariadb, append(s.flags(), "-e", "SHOW INSTANCES")...), s.instance)
	})
}

func TestMariaDBExecute(t *testing.T) {
	mariadb := need(t, "mariadb")
	eachMariaDBLogin(t, func(t *testing.T, s *site) {
		execute := func(text string) string {
			t.Helper()
			return mustRun(t, mariadb, append(s.flags(), "--batch", "-e", text)...)
		}
		if got, want := execute("SELECT 1 AS one, '' AS empty, NULL AS none"), "one\tempty\tnone\n1\t\tNULL\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		encrypted := execute("SHOW STATUS LIKE 'Ssl_cipher'")
		if got := strings.TrimSpace(strings.TrimPrefix(encrypted, "Variable_name\tValue\nSsl_cipher")) != ""; got != (s.ca != "") {
			t.Errorf("encrypted is %v: %q", got, encrypted)
		}
		use := "USE `" + s.instance + "`; "
		contains(t, execute(use+"SHOW CLUSTERS"), "compute_1\t", "\tNORMAL\t")
		contains(t, execute(use+"ALTER CLUSTER compute_1 SET STATUS 'SUSPENDED'; SHOW CLUSTERS"), "\tSUSPENDED\t")
		s.wantStatus(t, pb.ClusterStatus_SUSPENDED)
		contains(t, execute("/* a comment */ -- another\n# and one more\nSHOW CLUSTERS IN INSTANCE `"+s.instance+"`"), "\tSUSPENDED\t")

		for text, want := range map[string]string{
			use + "ALTER CLUSTER compute_1 SUSPEND": "ERROR 1210 (HY000) at line 1: INVALID_ARGUMENT: ",
			use + "DROP CLUSTER none_such":          "ERROR 1146 (42S02) at line 1: NOT_FOUND: ",
			"USE none_such":                         "ERROR 1049 (42000) at line 1: ",
			"SHOW CLUSTERS":                         "ERROR 1046 (3D000) at line 1: ",
			use + "ALTER CLUSTER compute_1 SET":     "ERROR 1064 (42000) at line 1: ",
			"SELECT * FROM roster.none_such":        "ERROR 1146 (42S02) at line 1: ",
			"SELECT none_such FROM roster.clusters": "ERROR 1054 (42S22) at line 1: ",
		} {
			out, exit := run(t, mariadb, append(s.flags(), "--batch", "-e", text)...)
			if exit != 1 || !strings.Contains(out, want) {
				t.Errorf("%s: exit code %d and %q, want 1 and %q", text, exit, out, want)
			}
		}

		contains(t, execute("SHOW FULL PROCESSLIST"), "ProgramName", "\tSHOW FULL PROCESSLIST\tmysql\n")
		_, err := s.endless(t, func(id int64) { execute(fmt.Sprintf("KILL QUERY %d", id)) })
		if got := failure(err); got != "1317 70100" {
			t.Errorf("killed: %s", got)
		}

		listed := execute("SHOW OBJECT STORES IN INSTANCE `" + s.instance + "`; SELECT * FROM `" + s.instance + "`.object_stores; SHOW CREATE INSTANCE `" + s.instance + "`")
		contains(t, listed, "******")
		if strings.Contains(listed, "hidden-secret-key") {
			t.Errorf("the secret key is shown:\n%s", listed)
		}
	})
}

func TestMariaDBShow(t *testing.T) {
	show := need(t, "mariadb-show")
	eachMariaDBLogin(t, func(t *testing.T, s *site) {
		contains(t, mustRun(t, show, s.flags()...), s.instance, "roster", "information_schema")
		contains(t, mustRun(t, show, append(s.flags(), "roster")...), "clusters", "nodes", "object_stores")
		contains(t, mustRun(t, show, append(s.flags(), "roster", "clusters")...), "cluster_name")
	})
}

func TestMariaDBAdmin(t *testing.T) {
	admin := need(t, "mariadb-admin")
	eachMariaDBLogin(t, func(t *testing.T, s *site) {
		for command, want := range map[string]string{
			"ping":            "mysqld is alive",
			"status":          "Uptime: ",
			"processlist":     "show processlist",
			"version":         "Protocol version",
			"variables":       "max_allowed_packet",
			"extended-status": "Slow_queries",
		} {
			contains(t, mustRun(t, admin, append(s.flags(), command)...), want)
		}
		out, exit := run(t, admin, append(s.flags(), "--user=nobody", "status")...)
		if exit != 1 || !strings.Contains(out, "Access denied for user 'nobody'") {
			t.Errorf("an unknown user: exit code %d and %q", exit, out)
		}
		ended, err := s.endless(t, func(id int64) { mustRun(t, admin, append(s.flags(), "kill", strconv.FormatInt(id, 10))...) })
		if got := failure(err); got != "1317 70100" || !ended {
			t.Errorf("killed: %s, and the session has ended: %v", got, ended)
		}
		out, exit = run(t, admin, append(s.flags(), "kill", "999999")...)
		if exit == 0 || !strings.Contains(out, "Unknown thread id") {
			t.Errorf("kill of no session: exit code %d and %q", exit, out)
		}
	})
}
