package core

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
)

// gate is lanes whose commits a test holds and lets go. It records the batches
// they were given.
type gate struct {
	lanes   *lanes
	entered chan struct{}
	release chan struct{}
	ctx     context.Context
	calls   sync.WaitGroup

	mu      sync.Mutex
	batches [][]string
}

func newGate(t *testing.T, local bool) *gate {
	g := &gate{entered: make(chan struct{}), release: make(chan struct{}), ctx: inTime(t)}
	g.lanes = newLanes(g.commit, local)
	return g
}

func (g *gate) commit(c commitment) {
	g.entered <- struct{}{}
	<-g.release
	g.mu.Lock()
	defer g.mu.Unlock()
	var names []string
	for _, ch := range c.changes {
		names = append(names, ch.operation)
		ch.err = nil
	}
	g.batches = append(g.batches, names)
}

// call has a caller of its own make a change.
func (g *gate) call(t *testing.T, instance, operation string) {
	g.calls.Go(func() {
		if err := g.lanes.do(g.ctx, named(instance, operation)); err != nil {
			t.Errorf("%s: %v", operation, err)
		}
	})
}

// finish lets the commit under way end, and others after it, and waits for the callers.
func (g *gate) finish(others int) {
	g.release <- struct{}{}
	for range others {
		<-g.entered
		g.release <- struct{}{}
	}
	g.calls.Wait()
}

func named(instance, operation string) *change {
	return &change{trace: trace{instance: instance, operation: operation}}
}

// waitFor polls for a state that other goroutines are about to reach.
func (l *lanes) waitFor(t *testing.T, waiting int) {
	t.Helper()
	for t.Context().Err() == nil {
		l.mu.Lock()
		queue := l.busy["i"]
		n := 0
		if queue != nil {
			n = len(queue.waiting)
		}
		l.mu.Unlock()
		if n == waiting {
			return
		}
	}
}

// waitEmpty polls until no lane is left.
func (l *lanes) waitEmpty(t *testing.T) {
	t.Helper()
	for t.Context().Err() == nil {
		l.mu.Lock()
		n := len(l.busy)
		l.mu.Unlock()
		if n == 0 {
			return
		}
	}
}

func inTime(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), MaxWait)
	t.Cleanup(cancel)
	return ctx
}

// bothWays runs a test with changes committed by workers, and by lone callers.
func bothWays(t *testing.T, run func(t *testing.T, local bool)) {
	for _, local := range []bool{false, true} {
		t.Run(fmt.Sprintf("local=%v", local), func(t *testing.T) { run(t, local) })
	}
}

func TestLanesCommitTogetherWhatWaits(t *testing.T) {
	bothWays(t, func(t *testing.T, local bool) {
		g := newGate(t, local)
		g.call(t, "i", "first")
		<-g.entered
		for i := range 5 {
			g.call(t, "i", fmt.Sprint(i))
			g.lanes.waitFor(t, i+1)
		}
		g.finish(1)
		if got := fmt.Sprint(g.batches); got != "[[first] [0 1 2 3 4]]" {
			t.Errorf("batches are %s", got)
		}
		g.lanes.waitEmpty(t)
	})
}

func TestLanesOfInstancesDoNotWaitForEachOther(t *testing.T) {
	bothWays(t, func(t *testing.T, local bool) {
		g := newGate(t, local)
		g.call(t, "a", "x")
		g.call(t, "b", "x")
		<-g.entered
		<-g.entered
		g.release <- struct{}{}
		g.finish(0)
	})
}

func TestLanesBoundABatch(t *testing.T) {
	bothWays(t, func(t *testing.T, local bool) {
		g := newGate(t, local)
		g.call(t, "i", "x")
		<-g.entered
		for range maxBatch + 1 {
			g.call(t, "i", "x")
		}
		g.lanes.waitFor(t, maxBatch+1)
		g.finish(2)
		for i, want := range []int{1, maxBatch, 1} {
			if got := len(g.batches[i]); got != want {
				t.Errorf("batch %d has %d changes, want %d", i, got, want)
			}
		}
	})
}

func TestLanesLetACancelledChangeLeave(t *testing.T) {
	bothWays(t, func(t *testing.T, local bool) {
		g := newGate(t, local)
		g.call(t, "i", "first")
		<-g.entered
		leaving, cancel := context.WithCancel(g.ctx)
		left := make(chan error)
		go func() { left <- g.lanes.do(leaving, named("i", "leaver")) }()
		g.lanes.waitFor(t, 1)
		g.call(t, "i", "stayer")
		g.lanes.waitFor(t, 2)
		cancel()
		if err := <-left; CodeOf(err) != Unavailable {
			t.Errorf("the leaver got %v, want Unavailable", err)
		}
		g.finish(1)
		if got := fmt.Sprint(g.batches); got != "[[first] [stayer]]" {
			t.Errorf("batches are %s", got)
		}
	})
}

func TestLanesRefuseBeyondTheQueue(t *testing.T) {
	l := newLanes(nil, false)
	l.busy["i"] = &lane{waiting: make([]*ticket, maxWaiting)}
	if err := l.do(inTime(t), named("i", "x")); CodeOf(err) != Busy {
		t.Errorf("got %v, want Busy", err)
	}
}

func TestLanesGoOnAfterAPanic(t *testing.T) {
	bothWays(t, func(t *testing.T, local bool) {
		boom := true
		l := newLanes(func(c commitment) {
			if boom {
				panic("boom")
			}
			c.changes[0].err = nil
		}, local)
		if err := l.do(inTime(t), named("i", "x")); CodeOf(err) != Undetermined {
			t.Errorf("a panic in the commit ends as %v, want Undetermined", err)
		}
		boom = false
		if err := l.do(inTime(t), named("i", "x")); err != nil {
			t.Errorf("the lane stands still: %v", err)
		}
	})
}

func TestALoneCallerCommitsUnderItsOwnContext(t *testing.T) {
	l := newLanes(func(c commitment) {
		<-c.ctx.Done()
		c.changes[0].err = Errorf(Undetermined, "gave up")
	}, true)
	hurried, cancel := context.WithCancel(inTime(t))
	cancel()
	if err := l.do(hurried, named("i", "x")); CodeOf(err) != Undetermined {
		t.Errorf("got %v, want the commit's Undetermined", err)
	}
	l.waitEmpty(t)
}

func TestLanesAnswerInTime(t *testing.T) {
	g := newGate(t, false)
	hurried, cancel := context.WithCancel(g.ctx)
	answered := make(chan error)
	go func() { answered <- g.lanes.do(hurried, named("i", "hurried")) }()
	<-g.entered
	cancel()
	if err := <-answered; CodeOf(err) != Undetermined {
		t.Errorf("a change under way when its time ends is answered %v, want Undetermined", err)
	}
	g.finish(0)
	g.lanes.waitEmpty(t)
}

func TestContainTurnsAPanicIntoAnError(t *testing.T) {
	err := contain(func() error { panic("secret detail") })
	if CodeOf(err) != Internal || err.Error() != "internal error, see the server's log" {
		t.Errorf("got %v", err)
	}
	if cause := errors.Unwrap(err); cause == nil {
		t.Error("the cause is lost to the log")
	}
}
