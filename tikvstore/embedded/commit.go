package embedded

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/dgraph-io/badger/v4"
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
	// commitGrace bounds the wait for the disk once the caller's time is up.
	commitGrace = 10 * time.Second
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

// committer validates commits one by one and writes them in groups: all that
// came in while the disk was busy become one engine transaction, which is
// atomic and costs one sync. Groups follow each other, so versions become
// visible in order.
type committer struct {
	oracle *oracle
	most   load
	free   func() (uint64, error)
	// put writes a group at one version. handed tells whether the engine may
	// have written any of it.
	put   func(group []*commit, version uint64) (handed bool, err error)
	grace time.Duration
	wake  chan struct{}
	// notice is told when writes begin to be refused for lack of space, and, with
	// nil, when that ends.
	notice func(error)
	full   bool

	mu     sync.Mutex
	recent recent
	queue  []*commit
	halted bool
}

func newCommitter(o *oracle, most load, free func() (uint64, error), put func([]*commit, uint64) (bool, error)) *committer {
	return &committer{oracle: o, most: most, free: free, put: put, grace: commitGrace, wake: make(chan struct{}, 1), recent: newRecent()}
}

// submit validates m against everything committed since its snapshot and queues
// it. From here on others see it as a conflict.
func (c *committer) submit(m *commit) (*conflict, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.halted {
		return nil, errHalted()
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
	select {
	case c.wake <- struct{}{}:
	default:
	}
	return nil, nil
}

// wait returns the outcome of a submitted commit. The end of ctx cannot call it
// back any more, so the wait goes on for as long as a disk may need.
func (c *committer) wait(ctx context.Context, m *commit) error {
	select {
	case err := <-m.done:
		return err
	case <-ctx.Done():
	}
	timer := time.NewTimer(c.grace)
	defer timer.Stop()
	select {
	case err := <-m.done:
		return err
	case <-timer.C:
		return core.Errorf(core.Undetermined, "the disk has not answered for %v: the commit may or may not take effect", c.grace).Because(ctx.Err())
	}
}

// run writes groups until quit is closed, which nobody may do while a commit is
// on its way.
func (c *committer) run(quit <-chan struct{}) {
	for {
		select {
		case <-c.wake:
			for group := c.take(); len(group) > 0; group = c.take() {
				c.write(group)
			}
		case <-quit:
			return
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

// write ends the commits of a group. They share the version of the last: those
// still queued have higher ones.
func (c *committer) write(group []*commit) {
	version := group[len(group)-1].version
	var sum load
	for _, m := range group {
		sum = sum.plus(m.load)
	}
	var (
		handed bool
		err    error
	)
	if sum.entries > 0 {
		// Twice, because values are copied once more when their log is cleaned.
		err = room(c.free, reserveBytes+2*uint64(sum.bytes+sum.values))
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
		if err == nil {
			handed, err = c.put(group, version)
			failpoint.Inject("written", func(v failpoint.Value) {
				if failpoints.Act(v) {
					err = errForced
				}
			})
		}
	}
	if err != nil && handed {
		c.halt(err)
		answer(group, core.Errorf(core.Undetermined, "the disk failed during the commit: it may or may not take effect").Because(err))
		return
	}
	// A group that was refused leaves its version empty, but not unreached:
	// later snapshots must not run into its traces in recent.
	c.oracle.settle(version)
	answer(group, err)
}

// tell notes when a lack of space begins and ends; readers do not notice it.
func (c *committer) tell(lack error) {
	if full := lack != nil; full != c.full && c.notice != nil {
		c.full = full
		c.notice(lack)
	}
}

// halt ends writing: after a failed write nobody knows what of it is on disk, so
// nothing at or above its version may become visible.
func (c *committer) halt(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.halted = true
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

// engineWriter is committer.put over Badger.
func engineWriter(db *badger.DB, fault func() error) func([]*commit, uint64) (bool, error) {
	return func(group []*commit, version uint64) (bool, error) {
		txn := db.NewTransactionAt(version, true)
		defer txn.Discard()
		for _, m := range group {
			for _, w := range m.writes {
				if err := w.addTo(txn); err != nil {
					return false, errEngine("collecting a commit", err)
				}
			}
		}
		err := txn.CommitAt(version, nil)
		switch {
		case errors.Is(err, badger.ErrTxnTooBig), errors.Is(err, badger.ErrBlockedWrites):
			return false, errEngine("taking a commit", err)
		case err == nil:
			err = fault()
		}
		return true, err
	}
}
