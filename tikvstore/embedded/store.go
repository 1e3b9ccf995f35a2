// Package embedded is core.Store on one machine, over Badger: what a server uses
// when there is no TiKV. It gives the same guarantees.
//
// The journal makes transactions durable, many under one sync, and keeps their
// values. Badger, in managed mode, is the index: it has the versions of keys and
// where their values are, and small values themselves. It syncs nothing at a
// commit; what it loses in a crash the journal gives it again. Everything that
// decides is here: the oracle gives out versions, the committer detects conflicts
// and forms groups, the intake gives them to Badger, maintenance lets history go.
//
// Besides the limits of package core, one transaction writes at most 35,000 keys
// and 3 MB of keys and of values under 256 bytes; more is InvalidArgument.
package embedded

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/pingcap/failpoint"

	"roster/core"
	"roster/failpoints"
)

// closeTimeout bounds Close's wait for running calls and commits.
const closeTimeout = 10 * time.Second

// Store is a core.Store in a directory.
type Store struct {
	opts    Options
	log     *engineLog
	db      *badger.DB
	free    func() (uint64, error)
	journal *journal
	oracle  *oracle
	cache   *cache
	changes changes
	commits *committer
	intake  *intake

	settling, maintenance, committing, taking background

	closeWithin time.Duration

	mu     sync.RWMutex // held for reading to enter a call
	closed bool
	calls  sync.WaitGroup

	tidying   sync.Mutex
	forgotten uint64 // the discard mark the engine knows
	swept     []byte // where the next sweep goes on
	reclaimer reclaimer
}

var _ core.Store = (*Store)(nil)

// Exists reports whether a directory holds a store already.
func Exists(dir string) (bool, error) {
	_, err := os.Stat(filepath.Join(dir, badger.ManifestFilename))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Open opens the store in opts.Dir, or creates it. Errors: InvalidArgument for
// an option, Unavailable when another server has the directory or its disk is
// full, Internal when it cannot be read.
func Open(opts Options) (*Store, error) {
	opts = opts.withDefaults()
	if err := opts.validate(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(opts.Dir, 0o700); err != nil {
		return nil, core.Errorf(core.Internal, "the data directory %q cannot be created: %v", opts.Dir, err).Because(err)
	}
	s := &Store{
		opts: opts,
		log:  &engineLog{to: opts.Logger},
		free: func() (uint64, error) { return freeBytes(opts.Dir) },

		closeWithin: closeTimeout,
	}
	if err := room(s.free, startBytes); err != nil {
		return nil, err
	}
	db, err := badger.OpenManaged(opts.engine(s.log))
	if err != nil {
		return nil, openError(opts.Dir, err)
	}
	s.db = db
	s.journal, err = openJournal(opts.Dir, s.free, s.log.journal, func(batches ...*batch) error { return takeIn(db, batches...) })
	if err != nil {
		return nil, errors.Join(damaged(opts.Dir, err), db.Close())
	}
	if err := s.recover(); err != nil {
		return nil, errors.Join(err, db.Close(), s.journal.close())
	}
	return s, nil
}

func openError(dir string, err error) error {
	// The engine keeps the cause of a failed lock only as text.
	if strings.Contains(err.Error(), "directory lock") {
		return core.Errorf(core.Unavailable, "the data directory %q is in use by another server: stop that one or choose another directory", dir).Because(err)
	}
	return core.Errorf(core.Internal, "the data directory %q cannot be opened: %v", dir, err).Because(err)
}

func damaged(dir string, err error) error {
	return core.Errorf(core.Internal, "the data directory %q is damaged: restore it from a dump: %v", dir, err).Because(err)
}

// takeIn gives durable batches to the engine. If it does not take them, they are
// only in the journal, which then takes no more: a start has to repeat them.
func (s *Store) takeIn(batches ...*batch) error {
	err := takeIn(s.db, batches...)
	if err == nil {
		err = s.log.err()
	}
	if err != nil {
		s.journal.fail(err)
		return err
	}
	for _, b := range batches {
		s.journal.applied(b)
	}
	return nil
}

// recover starts the store on the open engine from where it stopped.
func (s *Store) recover() error {
	if err := s.log.err(); err != nil {
		return damaged(s.opts.Dir, err)
	}
	last, err := s.mark(versionMark)
	if err != nil {
		return err
	}
	floor, err := s.mark(floorMark)
	if err != nil {
		return err
	}
	s.forgotten = floor
	s.db.SetDiscardTs(floor)
	s.oracle, err = newOracle(s.opts.Clock, max(last, s.db.MaxVersion(), s.journal.top), floor, func(at, bound uint64) error {
		return s.setMark(versionMark, at, bound)
	})
	if err != nil {
		return err
	}
	if err := s.forget(); err != nil {
		return err
	}
	s.cache = newCache(cacheBytes, s.oracle.visible)
	s.changes.top = s.oracle.visible
	s.commits = newCommitter(s.oracle, s.free)
	s.commits.keep = func(b *batch) (bool, error) {
		if err := s.journal.keepUp(); err != nil {
			return false, err
		}
		return s.journal.append(b)
	}
	s.intake = newIntake(s.takeIn, s.commits.halt)
	s.commits.give = s.intake.give
	s.commits.show = func(b *batch) {
		s.changes.add(b)
		s.cache.settle(b, s.oracle.settle)
	}
	s.commits.notice, s.commits.stopped = s.log.space, s.log.stopped
	s.settling = start(s.journal.run)
	s.taking = start(s.intake.run)
	s.committing = start(s.commits.run)
	s.maintenance = start(s.maintain)
	return nil
}

// View implements core.Store.
func (s *Store) View(ctx context.Context, opts core.ViewOptions, fn func(core.Reader) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.calls.Done()
	if ctx.Err() != nil {
		return errEnded(ctx)
	}
	version, err := s.oracle.open(ctx, opts.Version)
	if err != nil {
		return err
	}
	defer s.oracle.shut(version)
	r := &reader{ctx: ctx, store: s, at: version, version: version}
	defer r.end()
	return fn(r)
}

// Read implements core.Store.
func (s *Store) Read(ctx context.Context, keys ...[]byte) ([][]byte, error) {
	if values, ok := s.cache.read(keys); ok && ctx.Err() == nil && !s.isClosed() {
		return values, nil
	}
	values := make([][]byte, len(keys))
	err := s.View(ctx, core.ViewOptions{}, func(r core.Reader) (err error) {
		for i, key := range keys {
			if values[i], err = r.Get(key); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return values, nil
}

// Changes implements core.Store. It remembers since the first call for a range, up to
// a bound, and nothing of the time before it was opened.
func (s *Store) Changes(ctx context.Context, r core.Range, since uint64) (core.Changes, error) {
	if err := s.enter(); err != nil {
		return core.Changes{}, err
	}
	defer s.calls.Done()
	if ctx.Err() != nil {
		return core.Changes{}, errEnded(ctx)
	}
	return s.changes.since(r, since), nil
}

// Update implements core.Store. Without a deadline it tries for 10 seconds.
func (s *Store) Update(ctx context.Context, fn func(core.Txn) error) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.calls.Done()
	ctx, cancel := bounded(ctx)
	defer cancel()
	return retry(ctx, func() (*conflict, error) { return s.try(ctx, fn) }, s.oracle.await)
}

// try runs fn once and commits what it wrote.
func (s *Store) try(ctx context.Context, fn func(core.Txn) error) (*conflict, error) {
	if ctx.Err() != nil {
		return nil, errEnded(ctx)
	}
	if s.isClosed() {
		return nil, errClosed()
	}
	version, since, err := s.oracle.begin()
	if err != nil {
		return nil, err
	}
	defer s.oracle.end(since)
	t := &txn{
		reader: reader{ctx: ctx, store: s, at: since, version: version},
		recent: &s.commits.recent,
		most:   s.commits.most,
	}
	defer t.end()
	if err := fn(t); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, errEnded(ctx)
	}
	m := t.commit()
	if m == nil {
		return nil, nil
	}
	failpoint.Inject("conflict", func(v failpoint.Value) {
		if failpoints.Act(v) {
			failpoint.Return(&conflict{since}, nil)
		}
	})
	if lost, err := s.commits.submit(m); lost != nil || err != nil {
		return lost, err
	}
	return nil, s.commits.wait(ctx, m)
}

// Stats counts what the store did since it was opened.
type Stats struct {
	// Syncs are the waits for the disk on behalf of writes.
	Syncs uint64
	// JournalBytes are what was written to the journal.
	JournalBytes uint64
}

// Stats returns the counts as they are now.
func (s *Store) Stats() Stats {
	return Stats{Syncs: s.journal.syncs.Load(), JournalBytes: s.journal.written.Load()}
}

// enter lets a call begin; Close waits for those that did.
func (s *Store) enter() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return errClosed()
	}
	s.calls.Add(1)
	return nil
}

func (s *Store) isClosed() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.closed
}

// Close lets running calls and commits end, for at most 10 seconds, and closes the
// store. If they do not end it is Unavailable and the files stay open. Closing again does
// nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	closed := s.closed
	s.closed = true
	s.mu.Unlock()
	if closed {
		return nil
	}
	if !s.idle(s.closeWithin) {
		return core.Errorf(core.Unavailable, "the store is not closed: calls still run, or the disk does not answer, after %v", s.closeWithin)
	}
	if err := s.oracle.seal(); err != nil {
		s.log.Warningf("versions will start up to %v ahead of the clock: %v", core.VersionTime(versionWindow).Sub(core.VersionTime(0)), err)
	}
	s.settling.stop()
	err := s.db.Close()
	if err != nil {
		s.journal.fail(err) // what it lost is only in the segments
	}
	if err := errors.Join(err, s.journal.close()); err != nil {
		return core.Errorf(core.Internal, "the data directory %q could not be closed cleanly: see the server's log", s.opts.Dir).Because(err)
	}
	return nil
}

// background is a goroutine that runs until it is stopped.
type background struct{ quit, done chan struct{} }

func start(run func(quit <-chan struct{})) background {
	b := background{make(chan struct{}), make(chan struct{})}
	go func() {
		defer close(b.done)
		run(b.quit)
	}()
	return b
}

func (b background) stop() {
	close(b.quit)
	<-b.done
}

// idle waits until no call runs and nothing is written any more, and reports whether
// that took no longer than most.
func (s *Store) idle(most time.Duration) bool {
	done := make(chan struct{})
	go func() {
		s.calls.Wait()
		s.maintenance.stop() // commits, so it goes first
		s.committing.stop()
		s.taking.stop()
		close(done)
	}()
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
