//go:build cluster

package replicas

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roster/tests/cluster"
	"roster/tests/harness"
)

// TestAServerProvesItselfToTheCluster needs TLS with a client's certificate for
// every connection to PD and to the store.
func TestAServerProvesItselfToTheCluster(t *testing.T) {
	ours, foreign := newAuthority(t), newAuthority(t)
	serverSide := &tls.Config{
		Certificates: []tls.Certificate{ours.pair}, ClientCAs: ours.pool(),
		ClientAuth: tls.RequireAndVerifyClientCert, NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12,
	}
	before := map[string]*tlsFront{}
	ownCluster(t, cluster.Options{Advertise: func(name, listens string) (string, error) {
		f, err := startTLSFront(t, listens, serverSide)
		if err != nil {
			return "", err
		}
		before[name] = f
		return f.listener.Addr().String(), nil
	}})

	t.Run("with the cluster's authority", func(t *testing.T) {
		s := harness.Run(t, harness.Options{Args: []string{"--tikv-ca", ours.cert, "--tikv-cert", ours.cert, "--tikv-key", ours.key}})
		create(t, &harness.REST{URL: s.URL, Token: harness.DefaultToken}, "secured")
		for name, f := range before {
			if f.secured.Load() == 0 {
				t.Errorf("no connection to %s with TLS", name)
			}
		}
	})
	for _, turn := range []struct {
		name string
		args []string
		says string
	}{
		{"with another authority", []string{"--tikv-ca", foreign.cert, "--tikv-cert", ours.cert, "--tikv-key", ours.key}, "certificate signed by unknown authority"},
		{"with a certificate of another authority", []string{"--tikv-ca", ours.cert, "--tikv-cert", foreign.cert, "--tikv-key", foreign.key}, "unknown certificate authority"},
		{"without a certificate", []string{"--tikv-ca", ours.cert}, "certificate required"},
	} {
		t.Run(turn.name, func(t *testing.T) {
			s, err := harness.Start(harness.Options{Args: append(turn.args, "--store-connect-timeout", "5s")})
			if err == nil {
				t.Error("it serves", s.Kill())
			} else if !strings.Contains(err.Error(), turn.says) {
				t.Errorf("it says %v, want %q", err, turn.says)
			}
		})
	}
}

// authority signs itself, and proves servers and clients alike.
type authority struct {
	cert, key string // paths of PEM files
	pair      tls.Certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{pair: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}}
	dir := t.TempDir()
	for _, file := range []struct {
		path *string
		kind string
		der  []byte
	}{{&a.cert, "CERTIFICATE", der}, {&a.key, "PRIVATE KEY", keyDER}} {
		*file.path = filepath.Join(dir, strings.ReplaceAll(file.kind, " ", "-")+".pem")
		if err := os.WriteFile(*file.path, pem.EncodeToMemory(&pem.Block{Type: file.kind, Bytes: file.der}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	if cert, err := x509.ParseCertificate(a.pair.Certificate[0]); err == nil {
		pool.AddCert(cert)
	}
	return pool
}
