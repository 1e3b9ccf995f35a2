package embedded

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"

	"roster/core"
)

func tidy(t *testing.T, s *Store) {
	t.Helper()
	if err := s.tidy(); err != nil {
		t.Fatalf("maintenance: %v", err)
	}
}

// reopen closes the store, merges all its tables into one level, as time and
// writes would, and opens it again.
func reopen(t *testing.T, s *Store) *Store {
	t.Helper()
	shut(t, s)
	db, err := badger.OpenManaged(s.opts.engine(s.log).WithCompactL0OnClose(true))
	if err != nil {
		t.Fatal(err)
	}
	db.SetDiscardTs(s.forgotten)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return open(t, s.opts)
}

// records is how many records of a key the engine holds, and of which the newest
// is its own delete marker.
func records(t *testing.T, s *Store, key string) (n int, deleted bool) {
	t.Helper()
	if err := s.intake.awaitAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	txn := s.db.NewTransactionAt(math.MaxUint64, false)
	defer txn.Discard()
	it := txn.NewKeyIterator(engineKey(nil, []byte(key)), badger.IteratorOptions{})
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		if n == 0 {
			deleted = it.Item().IsDeletedOrExpired()
		}
		n++
	}
	return n, deleted
}

func TestRetention(t *testing.T) {
	clock := newClock()
	s := open(t, Options{Clock: clock.now, Retention: time.Hour})
	set(t, s, "n", "1")
	first := latest(t, s)
	clock.step(30 * time.Minute)
	set(t, s, "n", "2")
	second := latest(t, s)
	clock.step(40 * time.Minute)
	set(t, s, "n", "3")
	tidy(t, s)

	err := s.View(t.Context(), core.ViewOptions{Version: first}, nil)
	wantCode(t, err, core.InvalidArgument)
	for _, part := range []string{fmt.Sprint(first), "no longer kept", fmt.Sprint(s.oracle.floor)} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v, want %q in it", err, part)
		}
	}
	if got := get(t, s, second, "n"); got != "2" {
		t.Errorf("n=%q within the retention, want 2", got)
	}

	clock.step(2 * time.Hour)
	set(t, s, "n", "4")
	tidy(t, s)
	s = reopen(t, s)
	if n, _ := records(t, s, "n"); n != 2 {
		t.Errorf("%d versions are on disk, want the one kept and the one before it", n)
	}
	if got := get(t, s, s.oracle.floor, "n"); got != "3" {
		t.Errorf("n=%q at the oldest version, want 3", got)
	}
}

func TestRetentionSurvivesAClockThatStepsBack(t *testing.T) {
	clock := newClock()
	s := open(t, Options{Clock: clock.now, Retention: time.Hour})
	set(t, s, "n", "1")
	first := latest(t, s)
	clock.step(3 * time.Hour)
	set(t, s, "n", "2")
	tidy(t, s)
	clock.step(-3 * time.Hour)
	s = reopen(t, s)
	err := s.View(t.Context(), core.ViewOptions{Version: first}, nil)
	wantCode(t, err, core.InvalidArgument)
}

func TestARunningViewKeepsItsSnapshot(t *testing.T) {
	clock := newClock()
	s := open(t, Options{Clock: clock.now, Retention: time.Hour})
	large := strings.Repeat("1", 10_000)
	set(t, s, "n", large)
	set(t, s, "deleted", "1")
	err := s.View(t.Context(), core.ViewOptions{}, func(r core.Reader) error {
		clock.step(2 * time.Hour)
		set(t, s, "n", "2")
		remove(t, s, "deleted")
		clock.step(2 * time.Hour)
		tidy(t, s)
		if s.forgotten > r.Version() {
			t.Errorf("versions up to %d may go under a view at %d", s.forgotten, r.Version())
		}
		found, err := r.BatchGet([][]byte{[]byte("n"), []byte("deleted")})
		if string(found["n"]) != large || string(found["deleted"]) != "1" {
			t.Errorf("the view lost its snapshot, it holds %d keys", len(found))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTombstonesGo(t *testing.T) {
	clock := newClock()
	s := open(t, Options{Clock: clock.now, Retention: time.Hour})
	set(t, s, "deleted", "1")
	set(t, s, "kept", "1")
	set(t, s, "again", "1")
	before := latest(t, s)
	for _, key := range []string{"deleted", "again", "never there"} {
		remove(t, s, key)
	}
	set(t, s, "again", "2")
	tidy(t, s)
	if got := get(t, s, before, "deleted"); got != "1" {
		t.Errorf("deleted=%q within the retention, want 1", got)
	}
	clock.step(2 * time.Hour)
	set(t, s, "kept", "2")
	tidy(t, s)
	if n, deleted := records(t, s, "deleted"); n != 2 || deleted {
		t.Errorf("%d records (erased: %v), want the value and the tombstone that hides it", n, deleted)
	}
	s = reopen(t, s) // now the value is gone
	tidy(t, s)
	if _, deleted := records(t, s, "deleted"); !deleted {
		t.Error("the tombstone is not erased")
	}
	clock.step(2 * time.Hour)
	set(t, s, "kept", "3")
	tidy(t, s)
	s = reopen(t, s)
	for _, key := range []string{"deleted", "never there"} {
		if n, _ := records(t, s, key); n != 0 {
			t.Errorf("%s has %d records left, want none", key, n)
		}
	}
	if a, k := get(t, s, 0, "again"), get(t, s, 0, "kept"); a != "2" || k != "3" {
		t.Errorf("again=%q and kept=%q, want 2 and 3", a, k)
	}
}

func TestSweepGoesThroughTheWholeStore(t *testing.T) {
	clock := newClock()
	s := open(t, Options{Clock: clock.now, Retention: time.Hour})
	key := func(i int) []byte { return fmt.Appendf(nil, "%06d", i) }
	const n = 2*maxErased + 10
	err := s.Update(t.Context(), func(tx core.Txn) error {
		for i := range n {
			if err := tx.Delete(key(i)); err != nil {
				return err
			}
		}
		return tx.Put([]byte("last"), []byte("1"))
	})
	if err != nil {
		t.Fatal(err)
	}
	clock.step(2 * time.Hour)
	set(t, s, "last", "2")
	for range 3 {
		tidy(t, s)
	}
	for i := range n {
		if _, deleted := records(t, s, string(key(i))); !deleted {
			t.Fatalf("the tombstone of key %d of %d is not erased", i, n)
		}
	}
}

// A segment that holds the only version of a deleted key is cleaned between two
// compactions: the worst order for the deletion.
func TestADeletedKeyStaysDeletedWhileTheJournalIsCleaned(t *testing.T) {
	clock := newClock()
	s := open(t, Options{Clock: clock.now, Retention: time.Hour})
	large := bytes.Repeat([]byte("v"), 1<<20)
	write := func(key string) {
		t.Helper()
		if err := s.Update(t.Context(), func(tx core.Txn) error { return tx.Put([]byte(key), large) }); err != nil {
			t.Fatal(err)
		}
	}
	write("deleted")
	for range 8 {
		write("garbage")
	}
	write("kept")
	clock.step(2 * time.Hour)
	set(t, s, "garbage", "small")
	clock.step(2 * time.Hour)
	set(t, s, "other", "1")
	tidy(t, s)
	s = reopen(t, s) // the journal has a new segment

	remove(t, s, "deleted")
	clock.step(2 * time.Hour)
	set(t, s, "other", "2")
	shut(t, s)
	s = open(t, s.opts) // the deletion is in a table of its own
	if err := s.forget(); err != nil {
		t.Fatal(err)
	}
	if err := s.reclaim(math.MaxInt64); err != nil {
		t.Fatal(err)
	}
	if left := journalBytes(t, s); left > 3<<20 {
		t.Errorf("the journal has %d bytes after it was cleaned: the garbage is still there", left)
	}
	if err := s.db.Flatten(1); err != nil {
		t.Fatal(err)
	}
	if got := get(t, s, 0, "deleted"); got != "" {
		t.Errorf("the deleted key is back with %d bytes", len(got))
	}
	for range 2 {
		tidy(t, s)
		s = reopen(t, s)
		if got := get(t, s, 0, "deleted"); got != "" {
			t.Errorf("the deleted key is back with %d bytes after maintenance", len(got))
		}
	}
	if got := get(t, s, 0, "kept"); got != string(large) {
		t.Errorf("the value that was moved has %d bytes, want %d", len(got), len(large))
	}
}

// What is in reach is read once to find it and once to move it.
func TestReclaimChargesWhatItReads(t *testing.T) {
	for name, c := range map[string]struct {
		kept    int // values of each segment
		cleaned int
	}{
		"segments with values in reach": {1, 1},
		"segments of garbage alone":     {0, 2},
	} {
		t.Run(name, func(t *testing.T) {
			clock := newClock()
			s := open(t, Options{Clock: clock.now, Retention: time.Hour})
			var segments []uint32
			for i := range 2 {
				for n := range c.kept {
					set(t, s, fmt.Sprint("kept", i, n), large("1"))
				}
				for range 3 {
					set(t, s, "garbage", large("2"))
				}
				segments = append(segments, s.journal.head.id)
				s = reopen(t, s)
			}
			set(t, s, "garbage", "small")
			clock.step(2 * time.Hour)
			set(t, s, "other", "1")
			if err := s.forget(); err != nil {
				t.Fatal(err)
			}
			if err := s.reclaim(s.journal.segments[segments[0]].end + 1); err != nil {
				t.Fatal(err)
			}
			cleaned := 0
			for _, id := range segments {
				if s.journal.segments[id] == nil {
					cleaned++
				}
			}
			if cleaned != c.cleaned {
				t.Errorf("%d segments are cleaned, want %d", cleaned, c.cleaned)
			}
		})
	}
}

// journalBytes is the length of the journal's segments together.
func journalBytes(t *testing.T, s *Store) (sum int64) {
	t.Helper()
	for _, seg := range s.journal.segments {
		sum += seg.end
	}
	return sum
}
