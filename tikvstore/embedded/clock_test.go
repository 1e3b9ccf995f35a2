package embedded

import (
	"sync/atomic"
	"testing"
	"time"

	"roster/core"
)

// clock is a time that tests set.
type clock struct{ ms atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.ms.Store(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli())
	return c
}

func (c *clock) now() time.Time       { return time.UnixMilli(c.ms.Load()) }
func (c *clock) step(d time.Duration) { c.ms.Add(d.Milliseconds()) }

func set(t testing.TB, s *Store, key, value string) {
	t.Helper()
	err := s.Update(t.Context(), func(tx core.Txn) error { return tx.Put([]byte(key), []byte(value)) })
	if err != nil {
		t.Fatalf("Put(%q): %v", key, err)
	}
}

func remove(t testing.TB, s *Store, key string) {
	t.Helper()
	if err := s.Update(t.Context(), func(tx core.Txn) error { return tx.Delete([]byte(key)) }); err != nil {
		t.Fatalf("Delete(%q): %v", key, err)
	}
}

// get reads key at a version; an absent key is "".
func get(t testing.TB, s *Store, version uint64, key string) string {
	t.Helper()
	var value []byte
	err := s.View(t.Context(), core.ViewOptions{Version: version}, func(r core.Reader) (err error) {
		value, err = r.Get([]byte(key))
		return err
	})
	if err != nil {
		t.Fatalf("Get(%q) at version %d: %v", key, version, err)
	}
	return string(value)
}

// latest is the version of the latest snapshot.
func latest(t testing.TB, s *Store) (version uint64) {
	t.Helper()
	err := s.View(t.Context(), core.ViewOptions{}, func(r core.Reader) error {
		version = r.Version()
		return nil
	})
	if err != nil {
		t.Fatalf("View: %v", err)
	}
	return version
}

func wantCode(t testing.TB, err error, want core.Code) {
	t.Helper()
	if got := core.CodeOf(err); err == nil || got != want {
		t.Fatalf("got %v: %v, want %v", got, err, want)
	}
}
