package faults

import (
	"sync"
	"testing"

	"roster/core"
	"roster/tests/harness"
)

// stopClients and stopAfter are the load that a stop is asked for under.
const stopClients, stopAfter = 16, 300

// TestStop asks a server under load to stop: it exits with 0 and has answered
// whatever it has done.
func TestStop(t *testing.T) {
	seed := harness.Seed(t, *seed)
	t.Run("answers every request until clients have seen that it is not ready", func(t *testing.T) {
		dir, clients := t.TempDir(), newClients(stopClients, seed)
		s, api := start(t, dir, "--drain-delay", "5s")
		l, stopped := stopUnderLoad(t, s, api, clients)
		unready(t, api)
		if err := l.finish(); err != nil {
			t.Errorf("%v\n%s", err, tail(s))
		}
		for _, c := range clients {
			if c.pending != nil {
				t.Errorf("%v was not answered: %v", c.pending, c.cause)
			}
		}
		if n := l.tally.unsent.Load(); n > 0 {
			t.Errorf("%d connections were refused although the server was to answer on", n)
		}
		finishStop(t, l, stopped)
		restartAndVerify(t, dir, clients)
	})
	t.Run("does nothing that it does not answer", func(t *testing.T) {
		dir, clients := t.TempDir(), newClients(stopClients, seed)
		s, api := start(t, dir)
		l, stopped := stopUnderLoad(t, s, api, clients)
		if <-l.done; l.err != nil {
			t.Errorf("%v\n%s", l.err, tail(s))
		}
		for _, c := range clients {
			if c.pending != nil && core.CodeOf(c.cause) == core.Undetermined {
				t.Errorf("%v: %v", c.pending, c.cause)
			}
		}
		finishStop(t, l, stopped)
		if landed := restartAndVerify(t, dir, clients); landed > 0 {
			t.Errorf("%d requests took effect without an answer", landed)
		}
	})
	t.Run("waits for a request that it has begun to read", func(t *testing.T) {
		dir, c := t.TempDir(), newClient(0, seed)
		s, api := start(t, dir)
		created, late := createInstance("late"), addCluster("late", c.name(), c.name(), c.node())
		if err := created.send(t.Context(), api); err != nil {
			t.Fatal(err)
		}
		begun := begin(t, s, late)
		stopped := stopping(t, s)
		untilRefused(t, s)
		if err := begun.complete(); err != nil {
			t.Errorf("%v\n%s", err, tail(s))
		}
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		c.docs["late"] = late.after(created.after(nil))
		restartAndVerify(t, dir, []*client{c})
	})
}

// stopUnderLoad asks the server to stop once the clients are at work.
func stopUnderLoad(t *testing.T, s *harness.Server, api core.API, clients []*client) (*load, <-chan error) {
	t.Helper()
	counts := new(tally)
	reached := counts.expect(stopAfter)
	l := startLoad(t.Context(), clients, api, counts)
	l.await(t, s, reached)
	return l, stopping(t, s)
}

// stopping asks a server to stop and tells how it has ended.
func stopping(t *testing.T, s *harness.Server) <-chan error {
	stopped := make(chan error, 1)
	var asking sync.WaitGroup
	asking.Go(func() { stopped <- s.Stop() })
	t.Cleanup(asking.Wait)
	return stopped
}

func finishStop(t *testing.T, l *load, stopped <-chan error) {
	t.Helper()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	counts := l.tally
	t.Logf("%d acknowledged, %d refused, %d dropped unread, %d not let in", counts.acked.Load(), counts.refused.Load(), counts.unknown.Load(), counts.unsent.Load())
}

func restartAndVerify(t *testing.T, dir string, clients []*client) (landed int) {
	t.Helper()
	s, api := start(t, dir)
	landed = verifyAll(t, clients, api)
	stop(t, s)
	return landed
}
