//go:build cluster

package cluster

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"roster/tests/harness"
)

// crash ends a process as its own panic would, not by the harness.
func crash(t *testing.T, p *Process) {
	t.Helper()
	if err := syscall.Kill(p.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// awaitRevivals waits until stores were started again so often.
func awaitRevivals(t *testing.T, c *Cluster, n int) {
	t.Helper()
	harness.Poll(t, fmt.Sprintf("the start %d of stores again", n), time.Minute, func(context.Context) (bool, error) {
		if done := c.Revivals(); len(done) < n {
			return false, fmt.Errorf("there were %v", done)
		}
		return true, nil
	})
}

func TestAStoreThatEndsByItselfIsStartedAgain(t *testing.T) {
	c := Run(t, Options{})
	s := open(t, c)
	put(t, s, "before", "1")
	store := c.Store(0)
	for n := 1; n <= 2; n++ {
		pid := store.PID()
		crash(t, store)
		awaitRevivals(t, c, n)
		if store.PID() == pid {
			t.Errorf("still process %d", pid)
		}
		if got, want := c.Revivals()[n-1].String(), "store1 ended by itself (signal: killed), started again"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
		ready(t, c)
		want(t, s, "before", "1")
	}
}

func TestAStoreThatATestEndsStaysAway(t *testing.T) {
	c := Run(t, Options{})
	store := c.Store(0)
	c.revivals.mu.Lock()
	c.revivals.pause = time.Hour
	c.revivals.mu.Unlock()
	for name, end := range map[string]func() error{
		"stopped":                 store.Stop,
		"killed":                  store.Kill,
		"stopped after its crash": func() error { crash(t, store); return store.Stop() },
	} {
		t.Run(name, func(t *testing.T) {
			// Stop and Kill return when nothing is left that could start it.
			do(t, end)
			if store.PID() != 0 || len(c.Revivals()) != 0 {
				t.Errorf("process %d, %v", store.PID(), c.Revivals())
			}
			do(t, store.Start)
			ready(t, c)
		})
	}
}

func TestTheCauseIsWhatALifeSaidLast(t *testing.T) {
	c := Run(t, Options{})
	store := c.Store(0)
	args := store.args
	do(t, store.Stop)
	for _, turn := range []struct{ script, why string }{
		{`echo 'panic: out of range' >&2; echo a stack; exit 2`, "panic: out of range"},
		{`exit 3`, "exit status 3"},
	} {
		n := len(c.Revivals())
		store.args = []string{"/bin/sh", "-c", turn.script}
		do(t, store.Start)
		awaitRevivals(t, c, n+1)
		if got := c.Revivals()[n]; got != (Revival{Store: "store1", Why: turn.why}) {
			t.Errorf("%v, want %s", got, turn.why)
		}
		do(t, store.Stop)
	}
	store.args = args
	do(t, store.Start)
	ready(t, c)
}
