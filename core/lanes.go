package core

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Bounds of one instance's queue.
const (
	maxBatch   = 128
	maxWaiting = 4096
)

// lanes queue the changes of each instance and commit those that wait together,
// so that writers of one document do not conflict within a process. The first
// in a lane commits for those behind it, then hands the lane on.
type lanes struct {
	commit func(commitment)

	mu   sync.Mutex
	busy map[string]*lane
}

// commitment is a set of changes to commit together, verdicts going to change.err.
type commitment struct {
	ctx      context.Context
	instance string
	changes  []*change
}

// lane is the queue of an instance that has a change under way.
type lane struct{ waiting []*ticket }

type ticket struct {
	ctx    context.Context
	change *change
	done   chan struct{}
	lead   chan struct{}
}

func newLanes(commit func(commitment)) *lanes {
	return &lanes{commit: commit, busy: map[string]*lane{}}
}

// do runs a change and returns its verdict. A context that ends while the
// change still waits takes it out of the queue, with nothing written.
func (l *lanes) do(ctx context.Context, c *change) error {
	t := &ticket{ctx: ctx, change: c, done: make(chan struct{}), lead: make(chan struct{})}
	leads, err := l.enter(t)
	if err != nil {
		return err
	}
	if leads {
		l.run(t)
		return c.err
	}
	select {
	case <-t.done:
	case <-t.lead:
		l.run(t)
	case <-ctx.Done():
		return l.leave(t)
	}
	return c.err
}

// enter reports whether the ticket is the first of its lane.
func (l *lanes) enter(t *ticket) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	queue := l.busy[t.change.instance]
	if queue == nil {
		l.busy[t.change.instance] = &lane{}
		return true, nil
	}
	if len(queue.waiting) >= maxWaiting {
		return false, Errorf(Conflict, "instance %s has %d operations waiting, nothing was written, retry later", t.change.instance, maxWaiting)
	}
	queue.waiting = append(queue.waiting, t)
	return false, nil
}

// run commits the ticket's change with those waiting, and hands the lane on. It
// does so even if the commit panics: the lane would stand still for ever.
func (l *lanes) run(t *ticket) {
	instance := t.change.instance
	tickets := append([]*ticket{t}, l.take(instance, maxBatch-1)...)
	defer func() {
		for _, follower := range tickets[1:] {
			close(follower.done)
		}
		l.hand(instance)
	}()
	ctx, cancel := context.WithDeadline(context.WithoutCancel(t.ctx), latest(tickets))
	defer cancel()
	changes := make([]*change, len(tickets))
	for i, t := range tickets {
		changes[i] = t.change
		t.change.err = Errorf(Internal, "internal error, see the server's log")
	}
	l.commit(commitment{ctx: ctx, instance: instance, changes: changes})
}

// latest is the time by which the last of the tickets wants its answer.
func latest(tickets []*ticket) time.Time {
	var last time.Time
	for _, t := range tickets {
		if deadline, ok := t.ctx.Deadline(); ok && deadline.After(last) {
			last = deadline
		}
	}
	return last
}

func (l *lanes) take(instance string, n int) []*ticket {
	l.mu.Lock()
	defer l.mu.Unlock()
	queue := l.busy[instance]
	n = min(n, len(queue.waiting))
	taken := slices.Clone(queue.waiting[:n])
	queue.waiting = slices.Delete(queue.waiting, 0, n)
	return taken
}

// hand gives the lane to the next in it.
func (l *lanes) hand(instance string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	queue := l.busy[instance]
	if len(queue.waiting) == 0 {
		delete(l.busy, instance)
		return
	}
	close(queue.waiting[0].lead)
	queue.waiting = slices.Delete(queue.waiting, 0, 1)
}

// leave takes a ticket out of its lane. One that is being committed waits for
// its verdict, which the commit's own deadline bounds.
func (l *lanes) leave(t *ticket) error {
	l.mu.Lock()
	if queue := l.busy[t.change.instance]; queue != nil {
		if i := slices.Index(queue.waiting, t); i >= 0 {
			queue.waiting = slices.Delete(queue.waiting, i, i+1)
			l.mu.Unlock()
			return gaveUp(t.ctx)
		}
	}
	l.mu.Unlock()
	select {
	case <-t.done:
		return t.change.err
	case <-t.lead:
		l.hand(t.change.instance)
		return gaveUp(t.ctx)
	}
}

func gaveUp(ctx context.Context) error {
	return Errorf(Unavailable, "the request ended while it waited for others on its instance, nothing was written").Because(context.Cause(ctx))
}
