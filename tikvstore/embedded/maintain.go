package embedded

import (
	"bytes"
	"context"
	"errors"
	"math"
	"time"

	"github.com/dgraph-io/badger/v4"
)

const (
	maintainEvery = time.Minute
	// maxCleaned is the most value log files one pass cleans, and cleanRatio how
	// much of a file must be garbage.
	maxCleaned = 4
	cleanRatio = 0.5
	// maxSwept is the most records one pass looks at for tombstones, maxErased
	// the most it erases.
	maxSwept  = 100_000
	maxErased = 1_000
)

// maintain works until quit is closed.
func (s *Store) maintain(quit <-chan struct{}) {
	ticker := time.NewTicker(maintainEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if err := s.tidy(); err != nil {
				s.log.Warningf("maintenance failed and will run again in %v: %v (%v)", maintainEvery, err, errors.Unwrap(err))
			}
		case <-quit:
			return
		}
	}
}

// tidy is one pass of maintenance: it lets go of history that is too old, and
// gives its space back.
func (s *Store) tidy() error {
	s.tidying.Lock()
	defer s.tidying.Unlock()
	if err := s.forget(); err != nil {
		return err
	}
	if err := s.sweep(); err != nil {
		return err
	}
	if err := s.reclaim(s.reclaimer.budget(s.journal.written.Load())); err != nil {
		return err
	}
	return s.clean()
}

// forget lets compaction drop what the retention does not cover. The mark is
// durable first: after a restart no snapshot below it may be served.
func (s *Store) forget() error {
	floor := s.oracle.raiseFloor(s.keepFrom())
	if floor == s.forgotten {
		return nil
	}
	at, err := s.oracle.fresh()
	if err != nil {
		return err
	}
	if err := s.setMark(floorMark, at, floor); err != nil {
		return err
	}
	s.db.SetDiscardTs(floor)
	s.forgotten = floor
	return nil
}

// keepFrom is the version the retention reaches back to.
func (s *Store) keepFrom() uint64 {
	return versionAt(s.opts.Clock().Add(-s.opts.Retention))
}

// sweep erases tombstones below the floor that have no older version of their
// key left beneath them. It goes through the store a part at a time.
func (s *Store) sweep() error {
	_, since, err := s.oracle.begin()
	if err != nil {
		return err
	}
	defer s.oracle.end(since)
	ctx, cancel := context.WithTimeout(context.Background(), maxUpdateTime)
	defer cancel()
	if err := s.intake.awaitAll(ctx); err != nil {
		return err
	}
	m := s.findTombstones(since)
	if len(m.writes) == 0 {
		return nil
	}
	lost, err := s.commits.submit(m)
	if lost != nil || err != nil {
		return err // what was written again is no tombstone any more
	}
	return s.commits.wait(ctx, m)
}

// findTombstones goes on from where the last call ended.
func (s *Store) findTombstones(since uint64) *commit {
	txn := s.db.NewTransactionAt(since, false)
	defer txn.Discard()
	it := txn.NewIterator(badger.IteratorOptions{Prefix: []byte{userSpace}, AllVersions: true})
	defer it.Close()

	m := &commit{since: since}
	var key []byte
	erasable := false
	end := func() {
		if w := (write{key: bytes.Clone(key), kind: erase}); erasable {
			m.writes = append(m.writes, w)
			m.keys = append(m.keys, s.commits.recent.hash(w.key[1:]))
			m.load = m.plus(w.load())
		}
		erasable = false
	}
	it.Seek(s.swept)
	for n := 0; it.Valid() && n < maxSwept && len(m.writes) < maxErased; n++ {
		item := it.Item()
		if bytes.Equal(item.Key(), key) {
			erasable = false
		} else {
			end()
			key = item.KeyCopy(key)
			erasable = item.UserMeta() == tombstone && item.Version() <= s.forgotten
		}
		it.Next()
	}
	s.swept = nil
	if it.Valid() {
		s.swept = it.Item().KeyCopy(nil)
		if bytes.Equal(s.swept, key) {
			s.swept, erasable = append(s.swept, 0), false
		}
	}
	end()
	return m
}

// clean gives back the space of dropped values in the engine's own log, where an
// older version of the store put them.
func (s *Store) clean() error {
	for range maxCleaned {
		if err := room(s.free, reserveBytes); err != nil {
			return err
		}
		err := s.cleanOne()
		if errors.Is(err, badger.ErrNoRewrite) || errors.Is(err, badger.ErrRejected) {
			return nil
		}
		if err != nil {
			return errEngine("cleaning the value log", err)
		}
	}
	return nil
}

// cleanOne cleans one file. The engine deletes it when no iterator is open any
// more, by when what it moved has to be durable.
func (s *Store) cleanOne() error {
	txn := s.db.NewTransactionAt(math.MaxUint64, false)
	defer txn.Discard()
	it := txn.NewIterator(badger.IteratorOptions{})
	defer it.Close()
	if err := s.db.RunValueLogGC(cleanRatio); err != nil {
		return err
	}
	return s.journal.syncEngine()
}
