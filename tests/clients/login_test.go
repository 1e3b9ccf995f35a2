package clients

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"roster/tests/harness"
)

// certificate writes a certificate for 127.0.0.1 that signs itself, and its key.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost", "127.0.0.1"},
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", keyDER)
}

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
	cert, key := certificate(t)
	users := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(users, []byte("ada admin "+password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, l := range logins {
		name, flags := "without TLS", []string{"--mysql-auth-plugin", l.plugin, "--mysql-user-file", users}
		if l.tls {
			name, flags = "with TLS", append(flags, "--mysql-tls-cert", cert, "--mysql-tls-key", key)
		}
		t.Run(l.plugin+" "+name, func(t *testing.T) {
			s := newSite(t, harness.Run(t, harness.Options{Args: flags}))
			s.user, s.password = "ada", password
			if l.tls {
				s.ca = cert
			}
			test(t, s)
		})
	}
}
