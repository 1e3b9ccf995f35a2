package tikvstore

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"roster/core"
)

// Bounds of the reads of one region that join.
const (
	maxJoinedKeys  = 128
	maxJoinedCalls = 4096
	// maxAlone bounds those that do not wait for others. Each costs the cluster a
	// timestamp and a request.
	maxAlone = 1024
)

// patience is how long a call waits for others. A read can take long for the sake
// of one key, whose writer has died; then each of the rest does better alone.
const patience = 500 * time.Millisecond

// joint serves calls of Read. While one read of a region is under way, those that
// arrive wait and are served together by the next: it takes its timestamp after
// all of them came, so it sees whatever was acknowledged to their callers before.
// A region that hangs keeps none but its own readers waiting, and those not for
// long.
type joint struct {
	// read finds the values of keys on a snapshot that it takes.
	read func(ctx context.Context, keys [][]byte) (map[string][]byte, error)
	// life ends with the store, which waits for those that run.
	life    context.Context
	running *sync.WaitGroup

	mu sync.Mutex
	// regions are those being read.
	regions map[uint64]*queue
	// apart counts the callers that read keys of a region alone.
	apart map[uint64]int
}

// queue is who waits for the next read of a region.
type queue struct {
	calls []*call
	// since is when the read under way began.
	since time.Time
}

// call is one Read. Whoever made it may have left.
type call struct {
	deadline time.Time
	keys     [][]byte

	values [][]byte
	err    error
	done   chan struct{}
}

// do reads keys of a region within ctx, which has a deadline. Who reads many keys
// gains nothing by joining, and would keep those waiting who read few.
func (j *joint) do(ctx context.Context, region uint64, keys [][]byte) ([][]byte, error) {
	if len(keys) > maxJoinedKeys {
		return j.aside(ctx, region, keys)
	}
	deadline, _ := ctx.Deadline()
	c := &call{deadline: deadline, keys: keys, done: make(chan struct{})}
	switch joined, err := j.enter(region, c); {
	case err != nil:
		return nil, err
	case !joined:
		return j.aside(ctx, region, keys)
	}
	slow := time.NewTimer(patience)
	defer slow.Stop()
	select {
	case <-c.done:
		return c.values, c.err
	case <-slow.C:
		j.leave(region, c)
		return j.aside(ctx, region, keys)
	case <-ctx.Done():
		j.leave(region, c)
		return nil, unavailable(ctx.Err())
	}
}

// aside reads keys of a region alone, unless too many do already.
func (j *joint) aside(ctx context.Context, region uint64, keys [][]byte) ([][]byte, error) {
	if !j.step(region) {
		return nil, crowded(maxAlone)
	}
	defer j.stepBack(region)
	return j.alone(ctx, keys)
}

// step counts one more who reads a region alone, if there is room.
func (j *joint) step(region uint64) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.apart[region] >= maxAlone {
		return false
	}
	j.apart[region]++
	return true
}

func (j *joint) stepBack(region uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.apart[region]--; j.apart[region] == 0 {
		delete(j.apart, region)
	}
}

func crowded(n int) error {
	return core.Errorf(core.Unavailable, "%d reads wait for the same region of the store; nothing was read, retry later", n)
}

// alone is a read for one caller.
func (j *joint) alone(ctx context.Context, keys [][]byte) ([][]byte, error) {
	found, err := j.read(ctx, keys)
	if err != nil {
		return nil, err
	}
	return pick(found, keys), nil
}

// enter has a call wait, unless the read under way is slow.
func (j *joint) enter(region uint64, c *call) (joined bool, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	q := j.regions[region]
	switch {
	case q == nil:
		q = &queue{since: time.Now()}
		j.regions[region] = q
		j.running.Go(func() { j.work(region, q) })
	case time.Since(q.since) > patience:
		return false, nil
	case len(q.calls) >= maxJoinedCalls:
		return false, crowded(maxJoinedCalls)
	}
	q.calls = append(q.calls, c)
	return true, nil
}

// leave spares the store the keys of a call that nobody waits for.
func (j *joint) leave(region uint64, c *call) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if q := j.regions[region]; q != nil {
		if i := slices.Index(q.calls, c); i >= 0 {
			q.calls = slices.Delete(q.calls, i, i+1)
		}
	}
}

// work reads for those who wait for a region until nobody does.
func (j *joint) work(region uint64, q *queue) {
	for calls := j.take(region, q); len(calls) > 0; calls = j.take(region, q) {
		j.serve(calls)
	}
}

// take removes the calls to serve next; with none, the region is free.
func (j *joint) take(region uint64, q *queue) []*call {
	j.mu.Lock()
	defer j.mu.Unlock()
	n, keys := 0, 0
	for n < len(q.calls) && keys+len(q.calls[n].keys) <= maxJoinedKeys {
		keys += len(q.calls[n].keys)
		n++
	}
	if n == 0 {
		delete(j.regions, region)
		return nil
	}
	taken := q.calls[:n]
	q.calls, q.since = slices.Clone(q.calls[n:]), time.Now()
	return taken
}

// serve answers calls with one read, which may take as long as the most patient
// of them.
func (j *joint) serve(calls []*call) {
	var keys [][]byte
	given := map[string]bool{}
	last := calls[0].deadline
	for _, c := range calls {
		if c.deadline.After(last) {
			last = c.deadline
		}
		for _, key := range c.keys {
			if !given[string(key)] {
				given[string(key)] = true
				keys = append(keys, key)
			}
		}
	}
	ctx, cancel := context.WithDeadline(j.life, last)
	defer cancel()
	found, err := j.contain(ctx, keys)
	for _, c := range calls {
		if c.err = err; err == nil {
			c.values = pick(found, c.keys)
		}
		close(c.done)
	}
}

// contain turns a panic into an error: nobody above would keep it from ending the
// process.
func (j *joint) contain(ctx context.Context, keys [][]byte) (found map[string][]byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = core.Errorf(core.Internal, "internal error, see the server's log").
				Because(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	return j.read(ctx, keys)
}

// pick puts the values found in the order of the keys.
func pick(found map[string][]byte, keys [][]byte) [][]byte {
	values := make([][]byte, len(keys))
	for i, key := range keys {
		values[i] = found[string(key)]
	}
	return values
}
