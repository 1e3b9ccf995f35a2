package clients

import (
	"context"
	"testing"

	pb "roster/core/metapb"
)

const (
	ctrlC = "\x03"
	ctrlD = "\x04"
)

// awaitRunning waits until as many sessions of the server run the endless statement.
func (s *site) awaitRunning(t *testing.T, want int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	db := s.open(t)
	const query = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'WITH RECURSIVE%'"
	for running := -1; running != want; {
		if err := db.QueryRowContext(ctx, query).Scan(&running); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMariaDBInteractive(t *testing.T) {
	mariadb := need(t, "mariadb")
	eachMariaDBLogin(t, func(t *testing.T, s *site) {
		// With a database and without -A it asks for every table's columns.
		term := newTerminal(t, mariadb, append(s.flags(), "roster")...)
		const prompt = `MariaDB \[[^\]]+\]> |MySQL \[[^\]]+\]> `
		contains(t, term.expect(prompt), "connection id is")
		term.press("status\n")
		status := term.expect(`--------------\s+[^-]*(?:MariaDB|MySQL) \[`)
		contains(t, status, "Current database:", "Connection id:", "Uptime:")
		if s.ca == "" {
			contains(t, status, "Not in use")
		} else {
			contains(t, status, "Cipher in use is")
		}
		term.press("use " + s.instance + "\n")
		term.expect(`Database changed[^\[]*\[` + s.instance + `\]> `)
		term.press("SHOW CLUSTERS;\n")
		contains(t, term.expect(`row[s]? in set[^\[]*\[`), "| compute_1 ", "| NORMAL ")
		term.press("ALTER CLUSTER compute_1 SET STATUS 'SUSPENDED';\n")
		term.expect(`Query OK`)
		term.press("ALTER CLUSTER compute_1 SET STATUS 'SUSPENDED';\n")
		term.expect(`ERROR 1210 \(HY000\): INVALID_ARGUMENT: `)
		term.press("SELECT cluster_name,\n")
		term.expect(`-> `)
		term.press("status FROM clusters;\n")
		contains(t, term.expect(`1 row in set`), "| compute_1 ", "| SUSPENDED ")
		term.press(endless + ";\n")
		s.awaitRunning(t, 1)
		term.press(ctrlC)
		term.expect(`ERROR 1317 \(70100\)`)
		term.press("SELECT 40 + 2;\n")
		term.expect(`\|\s+42 \|`)
		term.press("help\n")
		term.expect(`List of all`)
		term.press("quit\n")
		term.ends()
		s.wantStatus(t, pb.ClusterStatus_SUSPENDED)
	})
}

func TestMycli(t *testing.T) {
	mycli := need(t, "mycli")
	eachLogin(t, func(t *testing.T, s *site) {
		flags := []string{"-h", s.host, "-P", s.port, "-u", s.user, "-p", s.password, "--no-warn"}
		if s.ca != "" {
			flags = append(flags, "--ssl-ca", s.ca)
		}
		contains(t, mustRun(t, mycli, append(flags, "--csv", "-e", "SHOW CLUSTERS", s.instance)...), `"compute_1"`, `"NORMAL"`)
		if out, exit := run(t, mycli, append(flags, "-e", "DROP CLUSTER none_such", s.instance)...); exit == 0 {
			t.Errorf("an error: exit code 0 and %q", out)
		} else {
			contains(t, out, "1146", "NOT_FOUND: ")
		}

		term := newTerminal(t, mycli, append(flags, s.instance)...)
		term.expect(s.instance + `>`)
		term.press("SHOW CLUSTERS;\r")
		contains(t, term.expect(`row in set`), "| compute_1 ", "| NORMAL ")
		cipher := `\| Ssl_cipher +\| +\|`
		if s.ca != "" {
			cipher = `\| Ssl_cipher +\| TLS_\w+ +\|`
		}
		term.press("SHOW STATUS LIKE 'Ssl_cipher';\r")
		term.expect(cipher)
		term.press("ALTER CLUSTER compute_1 SET STATUS 'SUSPENDED';\r")
		term.expect(`Query OK`)
		term.press("ALTER CLUSTER compute_1 SET STATUS 'SUSPENDED';\r")
		term.expect(`1210, .*INVALID_ARGUMENT: `)
		term.press("use roster\r")
		term.expect(`connected to database "roster"`)
		term.press(endless + ";\r")
		s.awaitRunning(t, 1)
		term.press(ctrlC)
		// It connects anew and kills its old session, which the server may have
		// ended by then, since its client is gone.
		term.expect(`cancelled query|Unknown thread id`)
		s.awaitRunning(t, 0)
		term.press("SELECT 40 + 2;\r")
		term.expect(`\|\s*42\s*\|`)
		term.press("status\r")
		contains(t, term.expect(`Slow queries: [\s\S]*roster>`), "Uptime:", "Connections: ")
		term.press(ctrlD)
		term.ends()
		s.wantStatus(t, pb.ClusterStatus_SUSPENDED)
	})
}
