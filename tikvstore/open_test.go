package tikvstore

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tikv/client-go/v2/config"

	"roster/core"
	"roster/tests/certs"
)

func TestOpenRefusesOptions(t *testing.T) {
	junk := filepath.Join(t.TempDir(), "junk.pem")
	if err := os.WriteFile(junk, []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		opts Options
		want string
	}{
		"no address of PD":           {Options{}, "addresses of PD"},
		"an empty address of PD":     {Options{PDAddrs: []string{"pd:2379", ""}}, "addresses of PD"},
		"a negative request timeout": {Options{PDAddrs: []string{"pd:2379"}, RequestTimeout: -1}, "request timeout"},
		"too long a request timeout": {Options{PDAddrs: []string{"pd:2379"}, RequestTimeout: 11 * time.Second}, "up to 10s"},
		"a certificate without key":  {Options{PDAddrs: []string{"pd:2379"}, CA: "ca", Cert: "cert"}, `"cert"`},
		"a key without certificate":  {Options{PDAddrs: []string{"pd:2379"}, CA: "ca", Key: "key"}, `"key"`},
		"a certificate without CA":   {Options{PDAddrs: []string{"pd:2379"}, Cert: "cert", Key: "key"}, "without a CA"},
		"a prefix without a slash":   {Options{PDAddrs: []string{"pd:2379"}, Prefix: "roster"}, `"roster"`},
		"a prefix of two parts":      {Options{PDAddrs: []string{"pd:2379"}, Prefix: "roster/x/"}, `"roster/x/"`},
		"a CA that is not there":     {Options{PDAddrs: []string{"pd:2379"}, CA: "absent.pem"}, `"absent.pem"`},
		"a CA that is none":          {Options{PDAddrs: []string{"pd:2379"}, CA: junk}, "junk.pem"},
	} {
		t.Run(name, func(t *testing.T) {
			store, err := Open(t.Context(), c.opts)
			if core.CodeOf(err) != core.InvalidArgument || !strings.Contains(err.Error(), c.want) || store != nil {
				t.Errorf("Open = %v, %v, want INVALID_ARGUMENT with %q", store, err, c.want)
			}
		})
	}
}

func TestOpenEndsWithTheContextWhenPDIsAway(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err = Open(ctx, Options{PDAddrs: []string{addr}})
	if core.CodeOf(err) != core.Unavailable || !strings.Contains(err.Error(), addr) {
		t.Errorf("Open = %v, want Unavailable with the address %s", err, addr)
	}
}

func TestOpenEndsWithTheContextWhenPDGivesNoTimestamps(t *testing.T) {
	fake := startPD(t, nil)
	fake.silent.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if _, err := Open(ctx, Options{PDAddrs: []string{fake.url}}); core.CodeOf(err) != core.Unavailable {
		t.Errorf("Open = %v, want Unavailable", err)
	}
}

func TestOpenConnects(t *testing.T) {
	pair := certs.New(t)
	oneSided := pair.Server()
	oneSided.ClientAuth = tls.NoClientCert
	for name, c := range map[string]struct {
		opts   Options
		server *tls.Config
	}{
		"in clear":        {Options{}, nil},
		"with TLS":        {Options{CA: pair.Cert}, oneSided},
		"with mutual TLS": {Options{CA: pair.Cert, Cert: pair.Cert, Key: pair.Key}, pair.Server()},
	} {
		t.Run(name, func(t *testing.T) {
			fake := startPD(t, c.server)
			c.opts.PDAddrs = []string{fake.url}
			c.opts.RequestTimeout = 5 * time.Second
			store, err := Open(t.Context(), c.opts)
			if err != nil {
				t.Fatalf("Open: %v, because %v", err, errors.Unwrap(err))
			}
			// The checks whether a store is alive look there.
			if got := config.GetGlobalConfig().Security.ClusterSSLCA; got != c.opts.CA {
				t.Errorf("client-go's own checks use the CA %q, want %q", got, c.opts.CA)
			}
			var version uint64
			if err := store.View(t.Context(), core.ViewOptions{}, func(r core.Reader) error {
				version = r.Version()
				return nil
			}); err != nil || version == 0 {
				t.Errorf("View = %v at version %d, want the timestamp of PD", err, version)
			}

			fake.silent.Store(true)
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			ran := false
			err = store.Update(ctx, func(core.Txn) error {
				ran = true
				return nil
			})
			if core.CodeOf(err) != core.Unavailable || ran {
				t.Errorf("Update without timestamps = %v, ran: %v, want Unavailable and no run", err, ran)
			}
			if err := store.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
}

func TestOpenTellsWhyTLSFails(t *testing.T) {
	ours, foreign := certs.New(t), certs.New(t)
	for name, c := range map[string]struct {
		opts   Options
		server *tls.Config
		says   string
	}{
		"the CA is another":          {Options{CA: foreign.Cert, Cert: ours.Cert, Key: ours.Key}, ours.Server(), "certificate signed by unknown authority"},
		"the certificate is another": {Options{CA: ours.Cert, Cert: foreign.Cert, Key: foreign.Key}, ours.Server(), "unknown certificate authority"},
		"no certificate is given":    {Options{CA: ours.Cert}, ours.Server(), "certificate required"},
		"PD has no TLS":              {Options{CA: ours.Cert}, nil, "does not look like a TLS handshake"},
	} {
		t.Run(name, func(t *testing.T) {
			c.opts.PDAddrs = []string{startPD(t, c.server).url}
			c.opts.RequestTimeout = 500 * time.Millisecond
			_, err := Open(t.Context(), c.opts)
			if core.CodeOf(err) != core.Unavailable || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "check tikv-ca") {
				t.Errorf("Open = %v, want %q", err, c.says)
			}
		})
	}
}
