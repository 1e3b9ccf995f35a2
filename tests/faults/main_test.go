// Package faults tests the shipped server under faults: killed, stopped and
// contended under load, and started on damaged records.
package faults

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
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

func TestMain(m *testing.M) { goleak.VerifyTestMain(suite{m}) }

// suite ends what the tests share before leaks are looked for.
type suite struct{ tests *testing.M }

func (s suite) Run() int {
	// Each client keeps its connection, as a control plane does.
	transport := http.DefaultTransport.(*http.Transport)
	transport.MaxIdleConnsPerHost = maxClients
	code := s.tests.Run()
	if err := harness.Cleanup(); err != nil {
		fmt.Println(err)
		code = 1
	}
	transport.CloseIdleConnections()
	return code
}

// newSeed is the seed of a test's random choices; it is logged, so that they
// can be made again.
func newSeed(t *testing.T) uint64 {
	t.Helper()
	chosen := *seed
	if chosen == 0 {
		chosen = rand.Uint64()
	}
	t.Logf("seed %d", chosen)
	return chosen
}

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
