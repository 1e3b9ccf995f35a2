// Package certs makes certificates for tests of TLS.
package certs

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
	"testing"
	"time"
)

// Pair is a certificate for this machine and its key. It is its own authority, and
// proves servers and clients alike.
type Pair struct {
	// Cert and Key are the paths of PEM files.
	Cert, Key string

	certificate tls.Certificate
}

// New is a pair of the test's own.
func New(tb testing.TB) *Pair {
	dir := tb.TempDir()
	return Write(tb, filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), "test")
}

// Write is a pair with a common name, in the files given.
func Write(tb testing.TB, certFile, keyFile, name string) *Pair {
	tb.Helper()
	check := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost", "127.0.0.1"},
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	check(err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	check(err)
	check(os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	check(os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600))
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	check(err)
	return &Pair{certFile, keyFile, pair}
}

// Pool trusts the pair alone.
func (p *Pair) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(p.certificate.Leaf)
	return pool
}

// Server is of a server that has every client prove itself by the pair too.
func (p *Pair) Server() *tls.Config {
	return &tls.Config{
		Certificates: []tls.Certificate{p.certificate}, NextProtos: []string{"h2", "http/1.1"},
		ClientCAs: p.Pool(), ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12,
	}
}
