// Package tikvstore is core.Store over a TiKV cluster: optimistic transactions
// under snapshot isolation, whose order is that of PD's timestamps.
//
// Every call ends with its context, and at the latest after the request timeout:
// client-go's own limits reach from 15 s to minutes.
package tikvstore

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/pingcap/failpoint"
	tikverr "github.com/tikv/client-go/v2/error"
	"github.com/tikv/client-go/v2/oracle"
	"github.com/tikv/client-go/v2/tikv"

	"roster/core"
	"roster/failpoints"
)

// maxRequestTimeout is the longest and the default request timeout.
const maxRequestTimeout = 10 * time.Second

// errForced is the cause of failures that a failpoint asked for.
var errForced = errors.New("a failpoint was hit")

// These bound the retries of one timestamp and of finding a region, in
// milliseconds; the context usually ends them earlier.
const (
	timestampBackoff = 10_000
	locateBackoff    = 10_000
)

// Store is a core.Store over one TiKV cluster. It is safe for concurrent use.
type Store struct {
	client  *tikv.KVStore
	prefix  prefix
	timeout time.Duration
	// settle is how long a safe point is known before it is used.
	settle    time.Duration
	reads     joint
	shortcuts shortcuts

	// stopped ends with Close and takes the running calls with it.
	stopped context.Context
	stop    context.CancelFunc

	// mu orders new calls before Close's wait for those that run.
	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup
}

var _ core.Store = (*Store)(nil)

// New makes a Store of a connected client, which it then owns and closes. Its
// keys have DefaultPrefix.
func New(client *tikv.KVStore) *Store {
	setUpDriver()
	stopped, stop := context.WithCancel(context.Background())
	s := &Store{
		client: client, prefix: prefix(DefaultPrefix), timeout: maxRequestTimeout, settle: settleTime,
		stopped: stopped, stop: stop,
	}
	s.reads = joint{read: s.readLatest, life: stopped, running: &s.running, regions: map[uint64]*queue{}, apart: map[uint64]int{}}
	return s
}

// Close ends the running calls, waits for them and closes the client. It must
// not be called from a function that View or Update runs. Again is fine.
func (s *Store) Close() error {
	s.mu.Lock()
	again := s.closed
	s.closed = true
	s.mu.Unlock()
	s.stop()
	s.running.Wait()
	if again {
		return nil
	}
	return s.client.Close()
}

// enter starts a call: it gives its context a deadline and keeps Close waiting
// until leave is called.
func (s *Store) enter(ctx context.Context, timeout time.Duration) (_ context.Context, leave func(), _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, nil, core.Errorf(core.Unavailable, "the store is closed; nothing was written")
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, unavailable(err)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	unlink := context.AfterFunc(s.stopped, cancel)
	s.running.Add(1)
	return ctx, func() {
		unlink()
		cancel()
		s.running.Done()
	}, nil
}

// View implements core.Store.
func (s *Store) View(ctx context.Context, opts core.ViewOptions, fn func(core.Reader) error) error {
	ctx, leave, err := s.enter(ctx, s.timeout)
	if err != nil {
		return err
	}
	defer leave()
	version, err := s.snapshotVersion(ctx, opts.Version)
	if err != nil {
		return err
	}
	snapshot := s.client.GetSnapshot(version)
	return fn(newReader(ctx, s.prefix, version, snapshot, snapshot))
}

// Read implements core.Store. Calls for few keys of one region join; one for keys of
// several reads alone, since any of them may hang.
func (s *Store) Read(ctx context.Context, keys ...[]byte) ([][]byte, error) {
	ctx, leave, err := s.enter(ctx, s.timeout)
	if err != nil {
		return nil, err
	}
	defer leave()
	region, err := s.regionOf(ctx, keys)
	if err != nil {
		return nil, err
	}
	if region == 0 {
		return s.reads.alone(ctx, keys)
	}
	return s.reads.do(ctx, region, keys)
}

// Changes implements core.Store. Other servers write too, so it never knows.
func (s *Store) Changes(ctx context.Context, _ core.Range, _ uint64) (core.Changes, error) {
	_, leave, err := s.enter(ctx, s.timeout)
	if err != nil {
		return core.Changes{}, err
	}
	leave()
	return core.Changes{}, nil
}

// readLatest takes a timestamp and reads keys at it.
func (s *Store) readLatest(ctx context.Context, keys [][]byte) (map[string][]byte, error) {
	version, err := s.timestamp(ctx)
	if err != nil {
		return nil, err
	}
	snapshot := s.client.GetSnapshot(version)
	return newReader(ctx, s.prefix, version, snapshot, snapshot).BatchGet(keys)
}

// regionOf is the region that has all the keys, 0 if none has.
func (s *Store) regionOf(ctx context.Context, keys [][]byte) (uint64, error) {
	for _, key := range keys {
		if err := checkKey(key); err != nil {
			return 0, err
		}
	}
	if len(keys) == 0 {
		return 0, nil
	}
	at, err := s.client.GetRegionCache().LocateKey(tikv.NewBackoffer(ctx, locateBackoff), s.prefix.add(keys[0]))
	if err != nil {
		return 0, explain(ctx, err)
	}
	for _, key := range keys[1:] {
		if !at.Contains(s.prefix.add(key)) {
			return 0, nil
		}
	}
	return at.Region.GetID(), nil
}

// Update implements core.Store.
func (s *Store) Update(ctx context.Context, fn func(core.Txn) error) error {
	caller := ctx
	ctx, leave, err := s.enter(ctx, s.timeout)
	if err != nil {
		return err
	}
	defer leave()
	run := func(tx core.Txn) error {
		if err := fn(tx); err != nil {
			return err
		}
		// A deadline reaches the derived context a moment after the caller's.
		if err := errors.Join(caller.Err(), ctx.Err()); err != nil {
			return unavailable(err)
		}
		return nil
	}
	for try := 1; ; try++ {
		lost, err := s.attempt(ctx, run)
		if lost == nil {
			return err
		}
		if !pause(ctx, try) {
			return core.Errorf(core.Conflict,
				"other writers were faster in each of %d tries; nothing was written, retry is safe", try).Because(lost)
		}
	}
}

// attempt runs fn and commits once. lost says that another transaction was
// faster, so that fn has to run again.
func (s *Store) attempt(ctx context.Context, fn func(core.Txn) error) (lost, err error) {
	version, err := s.timestamp(ctx)
	if err != nil {
		return nil, err
	}
	// Begin would fetch the timestamp itself, but without a context.
	driver, err := s.client.Begin(tikv.WithStartTS(version))
	if err != nil {
		return nil, explain(ctx, err)
	}
	s.shortcuts.offer(driver)
	tx := newTxn(ctx, s.prefix, driver)
	if err := fn(tx); err != nil {
		return nil, err
	}
	failpoint.Inject("conflict", func(v failpoint.Value) {
		if failpoints.Act(v) {
			failpoint.Return(errForced, nil)
		}
	})
	failpoint.Inject("regionError", func(v failpoint.Value) {
		if failpoints.Act(v) {
			failpoint.Return(nil, explain(ctx, tikverr.ErrRegionUnavailable))
		}
	})
	failpoint.Inject("prewritten", func(v failpoint.Value) {
		// The one thing client-go asks its caller between prewrite and commit.
		driver.SetCommitTSUpperBoundCheck(func(uint64) bool { return !failpoints.Act(v) })
	})
	// fn may have passed over the refusal of its last write.
	if err := tx.checkSize(); err != nil {
		return nil, err
	}
	ctx, cancel := commitContext(ctx)
	defer cancel()
	switch err := driver.Commit(ctx); {
	case err == nil:
		return nil, nil
	case isConflict(err):
		return err, nil
	default:
		return nil, explain(ctx, err)
	}
}

// longestReserve bounds what commitContext leaves.
const longestReserve = 2 * time.Second

// commitContext ends a while before a call's context, so that the caller of a commit without
// an answer can still find out what became of it.
func commitContext(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, _ := ctx.Deadline() // enter has set one
	return context.WithDeadline(ctx, deadline.Add(-min(longestReserve, time.Until(deadline)/4)))
}

// timestamp is a new timestamp of PD: unique, and higher than that of every
// commit acknowledged before.
func (s *Store) timestamp(ctx context.Context) (uint64, error) {
	failpoint.Inject("timestamp", func(v failpoint.Value) {
		if failpoints.Act(v) {
			failpoint.Return(0, unavailable(errForced))
		}
	})
	backoff := tikv.NewBackoffer(ctx, timestampBackoff)
	version, err := s.client.GetTimestampWithRetry(backoff, oracle.GlobalTxnScope)
	if err != nil {
		return 0, unavailable(err)
	}
	return version, nil
}

// snapshotVersion checks the version a View asks for against the present and
// the garbage collector's safe point.
func (s *Store) snapshotVersion(ctx context.Context, asked uint64) (uint64, error) {
	now, err := s.timestamp(ctx)
	if err != nil || asked == 0 {
		return now, err
	}
	if asked > now {
		return 0, core.Errorf(core.InvalidArgument,
			"version %d is in the future, the latest is %d; ask for one up to it, or 0 for the latest", asked, now)
	}
	var collected *tikverr.ErrGCTooEarly
	switch err := s.client.CheckVisibility(asked); {
	case errors.As(err, &collected):
		return 0, core.Errorf(core.InvalidArgument,
			"version %d is of %v, but history is kept only since %v; ask for a later one",
			asked, collected.TxnStartTS.UTC(), collected.GCSafePoint.UTC()).Because(err)
	case err != nil:
		return 0, explain(ctx, err)
	}
	return asked, nil
}
