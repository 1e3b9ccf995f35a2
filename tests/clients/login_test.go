package clients

import (
	"os"
	"path/filepath"
	"testing"

	"roster/tests/certs"
	"roster/tests/harness"
)

// password is that of the user ada, who may do everything.
const password = "ada's-pass\"word"

// login is a way to log in.
type login struct {
	plugin string
	tls    bool
}

// logins are by each authentication plugin, without TLS and with it.
var logins = []login{
	{"caching_sha2_password", false}, {"caching_sha2_password", true}, {"mysql_native_password", false}, {"mysql_native_password", true},
}

// eachLogin runs a test as a user with a password, by each way to log in.
func eachLogin(t *testing.T, test func(t *testing.T, s *site)) {
	t.Helper()
	someLogins(t, logins, test)
}

// eachMariaDBLogin is eachLogin for the MariaDB command-line clients, which
// without TLS need a server that remembers the password: see
// TestMariaDBPlainPassword.
func eachMariaDBLogin(t *testing.T, test func(t *testing.T, s *site)) {
	t.Helper()
	eachLogin(t, func(t *testing.T, s *site) {
		s.remember(t)
		test(t, s)
	})
}

// remember logs in as a driver does that encrypts the password by itself.
func (s *site) remember(t *testing.T) {
	t.Helper()
	if err := s.open(t).PingContext(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func someLogins(t *testing.T, logins []login, test func(t *testing.T, s *site)) {
	t.Helper()
	pair := certs.New(t)
	users := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(users, []byte("ada admin "+password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, l := range logins {
		name, flags := "without TLS", []string{"--mysql-auth-plugin", l.plugin, "--mysql-user-file", users}
		if l.tls {
			name, flags = "with TLS", append(flags, "--mysql-tls-cert", pair.Cert, "--mysql-tls-key", pair.Key)
		}
		t.Run(l.plugin+" "+name, func(t *testing.T) {
			s := newSite(t, harness.Run(t, harness.Options{Args: flags}))
			s.user, s.password = "ada", password
			if l.tls {
				s.ca = pair.Cert
			}
			test(t, s)
		})
	}
}
