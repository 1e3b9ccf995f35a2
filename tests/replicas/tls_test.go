//go:build cluster

package replicas

import (
	"strings"
	"testing"

	"roster/tests/certs"
	"roster/tests/cluster"
	"roster/tests/harness"
)

// TestAServerProvesItselfToTheCluster needs TLS with a client's certificate for
// every connection to PD and to the store.
func TestAServerProvesItselfToTheCluster(t *testing.T) {
	ours, foreign := certs.New(t), certs.New(t)
	before := map[string]*tlsFront{}
	ownCluster(t, cluster.Options{Advertise: func(name, listens string) (string, error) {
		f, err := startTLSFront(t, listens, ours.Server())
		if err != nil {
			return "", err
		}
		before[name] = f
		return f.listener.Addr().String(), nil
	}})

	t.Run("with the cluster's authority", func(t *testing.T) {
		s := harness.Run(t, harness.Options{Args: []string{"--tikv-ca", ours.Cert, "--tikv-cert", ours.Cert, "--tikv-key", ours.Key}})
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
		{"with another authority", []string{"--tikv-ca", foreign.Cert, "--tikv-cert", ours.Cert, "--tikv-key", ours.Key}, "certificate signed by unknown authority"},
		{"with a certificate of another authority", []string{"--tikv-ca", ours.Cert, "--tikv-cert", foreign.Cert, "--tikv-key", foreign.Key}, "unknown certificate authority"},
		{"without a certificate", []string{"--tikv-ca", ours.Cert}, "certificate required"},
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
