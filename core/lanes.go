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
	// local has callers commit their own change when nobody else is at the instance,
	// which saves two hand-offs between goroutines. The store must then give up a
	// commit when its context ends, wherever in it it is.
	local bool
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

// lane is the queue of an instance, in the order of arrival. While it is not empty
// it has a worker of its own, or is its caller's, so no instance waits for another.
type lane struct {
	instance string
	waiting  []*ticket
}

type ticket struct {
	ctx    context.Context
	change *change
	done   chan struct{}
}

func newLanes(commit func(commitment), local bool) *lanes {
	return &lanes{commit: commit, local: local, starts: make(chan *lane), busy: map[string]*lane{}}
}

// do runs a change and returns its verdict. A context that ends while the change
// still waits takes it out of the queue, with nothing written; one that ends
// later leaves its outcome unknown.
func (l *lanes) do(ctx context.Context, c *change) error {
	if own := l.claim(c.instance); own != nil {
		l.run(ctx, c.instance, []*change{c})
		l.release(own)
		return c.err
	}
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

// claim returns the lane of an instance nobody is at, which is the caller's until
// it releases it, or nil.
func (l *lanes) claim(instance string) *lane {
	if !l.local {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy[instance] != nil {
		return nil
	}
	own := &lane{instance: instance}
	l.busy[instance] = own
	return own
}

// release hands a lane to a worker if others have come to wait in it.
func (l *lanes) release(own *lane) {
	l.mu.Lock()
	waited := len(own.waiting) > 0
	if !waited {
		delete(l.busy, own.instance)
	}
	l.mu.Unlock()
	if waited {
		l.start(own)
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
		l.start(queue)
	}
	return nil
}

// start gives a lane to an idle worker, or to a new one.
func (l *lanes) start(queue *lane) {
	select {
	case l.starts <- queue:
	default:
		go l.work(queue)
	}
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
		l.runAll(queue.instance, tickets)
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

// runAll commits a batch by the time the last of its callers wants an answer.
func (l *lanes) runAll(instance string, tickets []*ticket) {
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
	l.run(ctx, instance, changes)
}

// run commits changes. Where in the commit a panic struck is not known, so neither is
// the outcome.
func (l *lanes) run(ctx context.Context, instance string, changes []*change) {
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
