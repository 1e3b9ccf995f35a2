package core

import (
	"context"
	"fmt"
	"runtime/debug"
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
// so that writers of one document do not conflict within a process.
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

// lane is the queue of an instance. It has a goroutine while it is not empty.
type lane struct{ waiting []*ticket }

type ticket struct {
	ctx    context.Context
	change *change
	done   chan struct{}
}

func newLanes(commit func(commitment)) *lanes {
	return &lanes{commit: commit, busy: map[string]*lane{}}
}

// do runs a change and returns its verdict. A context that ends while the change
// still waits takes it out of the queue, with nothing written; one that ends
// later leaves its outcome unknown.
func (l *lanes) do(ctx context.Context, c *change) error {
	t := &ticket{ctx: ctx, change: c, done: make(chan struct{})}
	if err := l.enter(t); err != nil {
		return err
	}
	select {
	case <-t.done:
		return c.err
	case <-ctx.Done():
		return l.leave(t)
	}
}

func (l *lanes) enter(t *ticket) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	instance := t.change.instance
	queue := l.busy[instance]
	if queue == nil {
		queue = new(lane)
		l.busy[instance] = queue
		go l.work(instance, queue)
	}
	if len(queue.waiting) >= maxWaiting {
		return Errorf(Conflict, "instance %s has %d operations waiting, nothing was written, retry later", instance, maxWaiting)
	}
	queue.waiting = append(queue.waiting, t)
	return nil
}

// work commits what waits in a lane until nothing does.
func (l *lanes) work(instance string, queue *lane) {
	for {
		tickets := l.take(instance, queue)
		if len(tickets) == 0 {
			return
		}
		l.run(instance, tickets)
		for _, t := range tickets {
			close(t.done)
		}
	}
}

// take removes the next batch from a lane, and the lane when it is empty.
func (l *lanes) take(instance string, queue *lane) []*ticket {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(maxBatch, len(queue.waiting))
	if n == 0 {
		delete(l.busy, instance)
		return nil
	}
	taken := slices.Clone(queue.waiting[:n])
	queue.waiting = slices.Delete(queue.waiting, 0, n)
	return taken
}

// run commits a batch by the time the last of its callers wants an answer. Where
// in the commit a panic struck is not known, so neither is the outcome.
func (l *lanes) run(instance string, tickets []*ticket) {
	changes := make([]*change, len(tickets))
	var last time.Time
	for i, t := range tickets {
		changes[i] = t.change
		if deadline, ok := t.ctx.Deadline(); ok && deadline.After(last) {
			last = deadline
		}
	}
	ctx, cancel := context.WithDeadline(context.WithoutCancel(tickets[0].ctx), last)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err := panicked(p)
			for _, c := range changes {
				c.err = err
			}
		}
	}()
	l.commit(commitment{ctx: ctx, instance: instance, changes: changes})
}

// panicked is the outcome of a change whose commit panicked.
func panicked(p any) error {
	return Errorf(Undetermined, "internal error, see the server's log; whether the change was made is not known").
		Because(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
}

// leave takes a ticket out of its lane.
func (l *lanes) leave(t *ticket) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if queue := l.busy[t.change.instance]; queue != nil {
		if i := slices.Index(queue.waiting, t); i >= 0 {
			queue.waiting = slices.Delete(queue.waiting, i, i+1)
			return Errorf(Unavailable, "the request ended while it waited for others on its instance, nothing was written").
				Because(context.Cause(t.ctx))
		}
	}
	select {
	case <-t.done:
		return t.change.err
	default:
		return Errorf(Undetermined, "the request's time ended while its change was being committed: repeat it with the same request id, or read the state first").
			Because(context.Cause(t.ctx))
	}
}
