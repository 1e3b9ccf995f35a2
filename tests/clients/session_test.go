package clients

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	pb "roster/core/metapb"
	"roster/tests/harness"
)

// transcript is what the session of a driver prints: the same for every driver
// but for the lines that say which it has. states tells whether the driver shows
// SQLSTATE beside an error's number.
func transcript(s *site, states bool) string {
	encrypted := "no"
	if s.ca != "" {
		encrypted = "yes"
	}
	text := "encrypted: " + encrypted + `
database is the instance: yes
clusters: compute_1 NORMAL
clusters: compute_1 SUSPENDED
refused state change: 1210 HY000
no such cluster: 1146 42S02
no such instance: 1049 42000
syntax: 1064 42000
prepared: compute_1 TO_RESUME "" null
killed: 1317 70100
alive: 1
`
	if !states {
		text = strings.NewReplacer(" HY000", "", " 42S02", "", " 42000", "", " 70100", "").Replace(text)
	}
	return text
}

func (s *site) arguments() []string {
	args := []string{s.host, s.port, s.user, s.password, s.instance}
	if s.ca != "" {
		args = append(args, s.ca)
	}
	return args
}

func TestPyMySQL(t *testing.T) {
	// Debian's python3-pymysql belongs to Debian's own Python.
	const python = "/usr/bin/python3"
	if _, err := os.Stat(python); err != nil {
		harness.Missing(t, "PyMySQL", setup)
	}
	if _, exit := run(t, python, "-c", "import pymysql"); exit != 0 {
		harness.Missing(t, "PyMySQL", setup)
	}
	eachLogin(t, func(t *testing.T, s *site) {
		out := mustRun(t, python, append([]string{"pymysql_session.py"}, s.arguments()...)...)
		if want := transcript(s, false); out != want {
			t.Errorf("got\n%s\nwant\n%s", out, want)
		}
		s.wantStatus(t, pb.ClusterStatus_TO_RESUME)
	})
}

func TestNode(t *testing.T) {
	for driver, rest := range map[string]string{
		"mysql2":  "alive after reset: 1\nalive after change of user: 1\n",
		"mariadb": "alive after reset: 1\n",
	} {
		t.Run(driver, func(t *testing.T) {
			node := need(t, "node")
			if _, err := os.Stat(filepath.Join("node", "node_modules", driver)); err != nil {
				harness.Missing(t, "the Node package "+driver, setup)
			}
			eachLogin(t, func(t *testing.T, s *site) {
				out := mustRun(t, node, append([]string{"node/session.mjs", driver}, s.arguments()...)...)
				if want := transcript(s, true) + rest; out != want {
					t.Errorf("got\n%s\nwant\n%s", out, want)
				}
				s.wantStatus(t, pb.ClusterStatus_TO_RESUME)
			})
		})
	}
}
