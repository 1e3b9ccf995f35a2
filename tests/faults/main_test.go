// Package faults tests the shipped server under faults: killed, stopped and
// contended under load, and started on damaged records.
package faults

import (
	"flag"
	"testing"

	"go.uber.org/goleak"

	"roster/tests/harness"
)

var (
	long = flag.Bool("long", false, "run the long form of the fault rounds")
	seed = flag.Uint64("seed", 0, "seed of the random choices, as a failed run logged it; 0 chooses one")
)

// maxClients is the most clients that one test lets loose.
const maxClients = 64

func TestMain(m *testing.M) { goleak.VerifyTestMain(harness.Suite{Tests: m, Clients: maxClients}) }

// start runs a server on a directory; it is killed if the test ends before it.
func start(t *testing.T, dir string, args ...string) (*harness.Server, *harness.REST) {
	t.Helper()
	s, err := harness.Start(harness.Options{DataDir: dir, Args: args})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Kill(); err != nil {
			t.Error(err)
		}
	})
	return s, &harness.REST{URL: s.URL, Token: harness.DefaultToken}
}

// stop ends a server as an operator does; it has to exit with 0.
func stop(t *testing.T, s *harness.Server) {
	t.Helper()
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
}
