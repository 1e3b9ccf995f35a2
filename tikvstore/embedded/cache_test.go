package embedded

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"roster/core"
)

// engineValue reads a key in the snapshot at a version from the engine itself.
func engineValue(t *testing.T, s *Store, version uint64, key string) string {
	t.Helper()
	r := &reader{ctx: t.Context(), store: s, at: version}
	defer r.end()
	value, err := r.load([]byte(key))
	if err != nil {
		t.Error(err)
	}
	return string(value)
}

// Pairs of keys are written together. Whatever way they are read, they are equal,
// and equal to what the engine has at the version of the snapshot.
func TestCachedValuesAreThoseOfTheEngine(t *testing.T) {
	s := open(t, Options{})
	s.cache.most = 4 * (cachedOverhead + 20) // so that keys go all the time
	const pairs, writers, readers, rounds = 6, 4, 4, 150
	keys := func(i int) (a, b []byte) { return fmt.Appendf(nil, "a%d", i), fmt.Appendf(nil, "b%d", i) }
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range rounds {
				a, b := keys(rand.IntN(pairs))
				err := s.Update(t.Context(), func(tx core.Txn) error {
					old, err := tx.Get(a)
					if err != nil {
						return err
					}
					if want := engineValue(t, s, tx.(*txn).at, string(a)); string(old) != want {
						t.Errorf("an update read %s=%q, the engine has %q in its snapshot", a, old, want)
					}
					if n, _ := strconv.Atoi(string(old)); n%7 == 6 {
						_, err = tx.Delete(a), tx.Delete(b)
						return err
					}
					n, _ := strconv.Atoi(string(old))
					next := strconv.AppendInt(nil, int64(n+1), 10)
					if err := tx.Put(a, next); err != nil {
						return err
					}
					return tx.Put(b, next)
				})
				if err != nil {
					t.Errorf("Update: %v", err)
				}
			}
		})
	}
	for range readers {
		wg.Go(func() {
			for range rounds {
				a, b := keys(rand.IntN(pairs))
				values, err := s.Read(t.Context(), a, b)
				if err != nil || !bytes.Equal(values[0], values[1]) {
					t.Errorf("Read = %q, %v of keys that are written together", values, err)
				}
				err = s.View(t.Context(), core.ViewOptions{}, func(r core.Reader) error {
					got, err := r.Get(a)
					if want := engineValue(t, s, r.Version(), string(a)); string(got) != want {
						t.Errorf("a view read %s=%q, the engine has %q in its snapshot", a, got, want)
					}
					return err
				})
				if err != nil {
					t.Errorf("View: %v", err)
				}
			}
		})
	}
	wg.Wait()
	for i := range pairs {
		a, _ := keys(i)
		values, err := s.Read(t.Context(), a)
		if want := engineValue(t, s, s.oracle.visible, string(a)); err != nil || string(values[0]) != want {
			t.Errorf("Read of %s = %q, %v, the engine has %q", a, values, err, want)
		}
	}
}

func TestHotKeysAreReadWithoutTheEngine(t *testing.T) {
	s := open(t, Options{})
	set(t, s, "a", "1")
	read := func(want string) {
		t.Helper()
		values, err := s.Read(t.Context(), []byte("a"), []byte("absent"))
		if err != nil || string(values[0]) != want || values[1] != nil {
			t.Errorf("Read = %q, %v, want %q and nothing", values, err, want)
		}
	}
	read("1")
	set(t, s, "a", "2")
	db := s.db
	s.db = (*badger.DB)(nil) // any use of it panics
	read("2")
	s.db = db
	remove(t, s, "a")
	read("")
}

func TestCacheIsBounded(t *testing.T) {
	c := newCache(20*(cachedOverhead+10), 1)
	read := func(key string) {
		if e := c.reserve([]byte(key), 1); e != nil {
			c.fill(e, []byte("value"), true)
		}
		c.get([]byte(key), 1)
	}
	for i := range 1000 {
		read("hot")
		read(fmt.Sprint(i))
		sum := 0
		for _, e := range c.entries {
			sum += len(e.key) + len(e.value) + cachedOverhead
		}
		if sum != c.bytes || sum > c.most || len(c.entries) != c.order.Len() {
			t.Fatalf("%d bytes are held, %d are counted, %d is the most; %d entries, %d in order", sum, c.bytes, c.most, len(c.entries), c.order.Len())
		}
	}
	if _, ok := c.get([]byte("hot"), 1); !ok {
		t.Error("the key that is read all the time is gone")
	}
	if e := c.reserve([]byte("large"), 1); e != nil {
		c.fill(e, make([]byte, cachedValue+1), true)
	}
	if _, ok := c.get([]byte("large"), 1); ok {
		t.Error("a value over the limit is held")
	}
}

func TestCommitBeatsALoad(t *testing.T) {
	c := newCache(cacheBytes, 1)
	e := c.reserve([]byte("a"), 1)
	c.settle(&batch{version: 2, writes: []write{{key: []byte("ua"), value: []byte("new")}}}, func(uint64) {})
	c.fill(e, []byte("old"), true)
	if values, ok := c.read([][]byte{[]byte("a")}); !ok || string(values[0]) != "new" {
		t.Errorf("read = %q, %v after a commit during the load, want new", values, ok)
	}
	if value, ok := c.get([]byte("a"), 1); ok {
		t.Errorf("get = %q for a snapshot before the value", value)
	}
	if e := c.reserve([]byte("b"), 1); e != nil {
		t.Error("a value of an old snapshot may be held as the newest")
	}
	failed := c.reserve([]byte("b"), 2)
	c.fill(failed, nil, false)
	if _, ok := c.get([]byte("b"), 2); ok {
		t.Error("a failed load is held")
	}
}
