package embedded

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pingcap/failpoint"

	"roster/core"
	"roster/failpoints"
)

const (
	// reserveBytes stay free for the engine's own work. It writes through memory
	// maps, where a full disk is not an error but a signal that ends the process.
	reserveBytes = 128 << 20
	// startBytes must be free to open the store and write its own small records,
	// so that a full disk does not stop reads after a restart.
	startBytes = reserveBytes / 2
	// commitGrace is what a sync usually takes, and more: nobody should have to call
	// an outcome unknown that is about to be known.
	commitGrace = 100 * time.Millisecond
)

// errForced is the cause of failures that a failpoint asked for.
var errForced = errors.New("a failpoint was hit")

// commit is a transaction on its way to the disk.
type commit struct {
	writes []write
	keys   []uint64 // hashes of what was written or guarded
	since  uint64   // the snapshot they must be unchanged since
	load
	version uint64
	done    chan error
}

// group is commits that become durable and visible together.
type group struct {
	commits []*commit
	batch   batch
	refused error // why nothing was written, nil if it is in the journal
}

// committer validates commits one by one and writes them in groups: all that
// came in while the disk was busy become one batch, which is atomic and costs
// one sync. Groups follow each other, so versions become visible in order.
type committer struct {
	oracle *oracle
	most   load
	free   func() (uint64, error)
	// keep makes a batch durable. handed tells whether it may be there after an
	// error. give hands it over to the engine, and show makes it visible.
	keep func(*batch) (handed bool, err error)
	give func(*group)
	show func(*batch)
	wake chan struct{}
	// notice is told when writes begin to be refused for lack of space, and, with
	// nil, when that ends.
	notice func(error)
	full   bool
	// stopped is told why no more writes are taken.
	stopped func(error)

	mu     sync.Mutex
	recent recent
	queue  []*commit
	halted atomic.Pointer[error] // set once, under mu or before the queue is emptied under it
}

func newCommitter(o *oracle, free func() (uint64, error)) *committer {
	return &committer{
		oracle:  o,
		most:    maxLoad,
		free:    free,
		show:    func(b *batch) { o.settle(b.version) },
		wake:    make(chan struct{}, 1),
		notice:  func(error) {},
		stopped: func(error) {},
		recent:  newRecent(),
	}
}

// submit validates m against everything committed since its snapshot and queues
// it. From here on others see it as a conflict.
func (c *committer) submit(m *commit) (*conflict, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cause := c.halted.Load(); cause != nil {
		return nil, errHalted().Because(*cause)
	}
	if by, lost := c.recent.conflict(m.keys, m.since); lost {
		return &conflict{by}, nil
	}
	v, err := c.oracle.submit()
	if err != nil {
		return nil, err
	}
	m.version = v
	m.done = make(chan error, 1)
	c.recent.add(m.keys, v)
	if len(c.recent.order) > c.recent.pruneAt {
		c.recent.prune(c.oracle.oldestUpdate())
	}
	c.queue = append(c.queue, m)
	poke(c.wake)
	return nil, nil
}

// wait returns the outcome of a submitted commit, which the end of ctx cannot call
// back any more: it is then unknown, unless it comes soon.
func (c *committer) wait(ctx context.Context, m *commit) error {
	select {
	case err := <-m.done:
		return err
	case <-ctx.Done():
	}
	soon := time.NewTimer(commitGrace)
	defer soon.Stop()
	select {
	case err := <-m.done:
		return err
	case <-soon.C:
		return core.Errorf(core.Undetermined, "the disk has not answered in time: the commit may or may not take effect").Because(ctx.Err())
	}
}

// run writes groups until quit is closed. Commits that are still in the queue then
// are those whose callers did not wait for them.
func (c *committer) run(quit <-chan struct{}) {
	for {
		select {
		case <-c.wake:
		case <-quit:
			return
		}
		for {
			// First those may come that could run by now: each group costs a sync.
			runtime.Gosched()
			commits := c.take()
			if len(commits) == 0 {
				break
			}
			c.finish(c.write(commits))
		}
	}
}

// take is the next group: the head of the queue, as long as it fits.
func (c *committer) take() []*commit {
	c.mu.Lock()
	defer c.mu.Unlock()
	var sum load
	n := 0
	for n < len(c.queue) {
		sum = sum.plus(c.queue[n].load)
		if n > 0 && sum.over(c.most) {
			break
		}
		n++
	}
	group := c.queue[:n:n]
	c.queue = slices.Clone(c.queue[n:])
	return group
}

// write makes a group durable. Its commits share the version of the last: those
// still queued have higher ones.
func (c *committer) write(commits []*commit) *group {
	g := &group{commits: commits, batch: batch{version: commits[len(commits)-1].version}}
	var sum load
	for _, m := range commits {
		sum = sum.plus(m.load)
	}
	if sum.entries == 0 {
		return g
	}
	// Twice, because values are copied once more when the journal is cleaned.
	err := room(c.free, reserveBytes+2*uint64(sum.bytes+sum.values))
	failpoint.Inject("diskFull", func(v failpoint.Value) {
		if failpoints.Act(v) {
			err = room(func() (uint64, error) { return 0, nil }, reserveBytes)
		}
	})
	failpoint.Inject("writeFailed", func(v failpoint.Value) {
		if failpoints.Act(v) {
			err = errEngine("taking a commit", errForced)
		}
	})
	c.tell(err)
	if err != nil {
		g.refused = err
		return g
	}
	if len(commits) == 1 {
		g.batch.writes = commits[0].writes
	} else {
		g.batch.writes = make([]write, 0, sum.entries)
		for _, m := range commits {
			g.batch.writes = append(g.batch.writes, m.writes...)
		}
	}
	handed, err := c.keep(&g.batch)
	failpoint.Inject("written", func(v failpoint.Value) {
		if failpoints.Act(v) {
			err = errForced
		}
	})
	switch {
	case err != nil && handed:
		c.halt(err)
	case err != nil:
		g.refused, g.batch.writes = err, nil
	}
	return g
}

// finish makes a group visible and answers its commits.
func (c *committer) finish(g *group) {
	if cause := c.halted.Load(); cause != nil {
		err := g.refused
		if err == nil {
			err = core.Errorf(core.Undetermined, "the disk failed during the commit: it may or may not take effect").Because(*cause)
		}
		answer(g.commits, err)
		return
	}
	if len(g.batch.writes) > 0 {
		c.give(g) // before a reader can miss it
	}
	// A group that was refused leaves its version empty, but not unreached:
	// later snapshots must not run into its traces in recent.
	c.show(&g.batch)
	answer(g.commits, g.refused)
}

// tell notes when a lack of space begins and ends; readers do not notice it.
func (c *committer) tell(lack error) {
	if full := lack != nil; full != c.full {
		c.full = full
		c.notice(lack)
	}
}

// halt ends writing: after a failed write nobody knows what of it is on disk, so
// nothing at or above its version may become visible.
func (c *committer) halt(cause error) {
	if !c.halted.CompareAndSwap(nil, &cause) {
		return
	}
	c.stopped(cause)
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.oracle.halted)
	answer(c.queue, errHalted().Because(cause))
	c.queue = nil
}

func answer(group []*commit, err error) {
	for _, m := range group {
		m.done <- err
	}
}

// room refuses a write unless need bytes are free.
func room(free func() (uint64, error), need uint64) error {
	have, err := free()
	if err != nil {
		return core.Errorf(core.Unavailable, "the disk's free space cannot be read; nothing was written").Because(err)
	}
	if have < need {
		return core.Errorf(core.Unavailable, "the disk of the data directory is nearly full: %d bytes are free, %d are needed; nothing was written: free some space", have, need)
	}
	return nil
}
