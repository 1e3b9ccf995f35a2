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

// workerIdle is how long a worker waits for another lane before it ends. A new one
// has to grow its stack first, which costs more than a small commit.
const workerIdle = 100 * time.Millisecond

// lanes queue the changes of each instance and commit those that wait together,
// so that writers of one document do not conflict within a process.
type lanes struct {
	commit func(commitment)
	// starts hands a lane that is no longer empty to an idle worker.
	starts chan *lane

	mu   sync.Mutex
	busy map[string]*lane
}

// commitment is a set of changes to commit together, verdicts going to change.err.
type commitment struct {
	ctx      context.Context
	instance string
	changes  []*change
}

// lane is the queue of an instance, in the order of arrival. It has a worker of its
// own while it is not empty, so no instance waits for another.
type lane struct {
	instance string
	waiting  []*ticket
}

type ticket struct {
	ctx    context.Context
	change *change
	done   chan struct{}
}

func newLanes(commit func(commitment)) *lanes {
	return &lanes{commit: commit, starts: make(chan *lane), busy: map[string]*lane{}}
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
	instance := t.change.instance
	l.mu.Lock()
	queue, started := l.busy[instance]
	if !started {
		queue = &lane{instance: instance}
		l.busy[instance] = queue
	}
	full := len(queue.waiting) >= maxWaiting
	if !full {
		queue.waiting = append(queue.waiting, t)
	}
	l.mu.Unlock()
	if full {
		return Errorf(Busy, "instance %s has %d operations waiting, nothing was written, retry later", instance, maxWaiting)
	}
	if !started {
		select {
		case l.starts <- queue:
		default:
			go l.work(queue)
		}
	}
	return nil
}

// work serves one lane after another.
func (l *lanes) work(queue *lane) {
	idle := time.NewTimer(workerIdle)
	defer idle.Stop()
	for {
		l.serve(queue)
		idle.Reset(workerIdle)
		select {
		case queue = <-l.starts:
		case <-idle.C:
			return
		}
	}
}

// serve commits what waits in a lane until nothing does.
func (l *lanes) serve(queue *lane) {
	for {
		tickets := l.take(queue)
		if len(tickets) == 0 {
			return
		}
		l.run(queue.instance, tickets)
		for _, t := range tickets {
			close(t.done)
		}
	}
}

// take removes the next batch from a lane, and the lane when it is empty.
func (l *lanes) take(queue *lane) []*ticket {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(maxBatch, len(queue.waiting))
	switch n {
	case 0:
		delete(l.busy, queue.instance)
		return nil
	case len(queue.waiting):
		taken := queue.waiting
		queue.waiting = nil
		return taken
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
	ctx, cancel := WithTimeout(context.WithoutCancel(tickets[0].ctx), time.Until(last))
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
