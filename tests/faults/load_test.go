package faults

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"roster/core"
	"roster/tests/harness"
)

// tally counts verdicts over all clients.
type tally struct {
	acked, refused, unknown, unsent atomic.Int64
	// target is the count of acknowledgements at which reached is closed.
	target  int64
	reached chan struct{}
}

// expect returns a channel that is closed after n more acknowledgements. It must
// not be called under load.
func (t *tally) expect(n int64) <-chan struct{} {
	t.target, t.reached = t.acked.Load()+n, make(chan struct{})
	return t.reached
}

func (t *tally) count(v verdict) {
	switch v {
	case acknowledged:
		if t.acked.Add(1) == t.target {
			close(t.reached)
		}
	case refused:
		t.refused.Add(1)
	case unknown:
		t.unknown.Add(1)
	case unsent:
		t.unsent.Add(1)
	}
}

// load is clients at work on a server.
type load struct {
	tally *tally
	last  chan struct{}
	done  chan struct{}
	err   error // once done is closed
}

// startLoad lets clients work until the server answers no more.
func startLoad(ctx context.Context, clients []*client, api core.API, t *tally) *load {
	l := &load{tally: t, last: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(l.done)
		l.err = each(clients, func(c *client) error { return c.work(ctx, api, t, l.last) })
	}()
	return l
}

// finish lets every client make one more request, and waits for all of them.
func (l *load) finish() error {
	close(l.last)
	<-l.done
	return l.err
}

// await waits for a number of acknowledgements. Clients that all stop before
// have met a fault.
func (l *load) await(t *testing.T, s *harness.Server, reached <-chan struct{}) {
	t.Helper()
	select {
	case <-reached:
	case <-l.done:
		t.Fatalf("the clients stopped before the server did: %v\n%s", l.err, tail(s))
	}
}

// verifyAll fails t for whatever the clients find amiss, and returns how many
// pending operations had taken effect.
func verifyAll(t *testing.T, clients []*client, api core.API) int {
	t.Helper()
	var landed atomic.Int64
	err := each(clients, func(c *client) error {
		there, err := c.verify(t.Context(), api)
		if there {
			landed.Add(1)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return int(landed.Load())
}

// each runs fn for all clients at once and joins their errors.
func each(clients []*client, fn func(*client) error) error {
	faults := make([]error, len(clients))
	var running sync.WaitGroup
	for i, c := range clients {
		running.Go(func() { faults[i] = fn(c) })
	}
	running.Wait()
	return errors.Join(faults...)
}

// tailBytes is how much of a server's output a failure shows.
const tailBytes = 4 << 10

func tail(s *harness.Server) string {
	out := s.Output()
	return out[max(0, len(out)-tailBytes):]
}
