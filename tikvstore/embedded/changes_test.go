package embedded

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"roster/core"
)

// asked is what a store tells of the range from "b".
func asked(t *testing.T, s *Store, end string, since uint64) (version uint64, known bool, keys string) {
	t.Helper()
	changes, err := s.Changes(t.Context(), core.Range{Start: []byte("b"), End: []byte(end)}, since)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, key := range changes.Keys {
		names = append(names, string(key))
	}
	slices.Sort(names)
	return changes.Version, changes.Known, strings.Join(names, " ")
}

func wantChanges(t *testing.T, s *Store, since uint64, want string) uint64 {
	t.Helper()
	version, known, keys := asked(t, s, "c", since)
	if !known || keys != want {
		t.Errorf("the changes of b to c are %q, known %v, want %q", keys, known, want)
	}
	return version
}

func wantUnknown(t *testing.T, s *Store, end string, since uint64) uint64 {
	t.Helper()
	version, known, _ := asked(t, s, end, since)
	if known {
		t.Errorf("the changes of b to %s since %d are known", end, since)
	}
	return version
}

func TestChangesAreKnownFromTheFirstQuestion(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Dir: dir})
	set := func(keys ...string) {
		t.Helper()
		for _, key := range keys {
			if err := s.Update(t.Context(), func(tx core.Txn) error { return tx.Put([]byte(key), []byte("v")) }); err != nil {
				t.Fatal(err)
			}
		}
	}
	set("b1")
	v0 := wantUnknown(t, s, "c", 0)
	wantChanges(t, s, v0, "")
	set("a", "b2", "b1", "b2", "c")
	v1 := wantChanges(t, s, v0, "b1 b2")
	if err := s.Update(t.Context(), func(tx core.Txn) error { return tx.Delete([]byte("b1")) }); err != nil {
		t.Fatal(err)
	}
	wantChanges(t, s, v1, "b1")
	v2 := wantChanges(t, s, v0, "b1 b2")
	wantUnknown(t, s, "c", v0-1)
	wantUnknown(t, s, "d", v0) // nobody has asked for that

	shut(t, s)
	if _, err := s.Changes(t.Context(), core.Range{}, v2); core.CodeOf(err) != core.Unavailable {
		t.Errorf("Changes of a closed store: %v", err)
	}
	s = open(t, Options{Dir: dir})
	wantUnknown(t, s, "c", v2)
}

func TestChangesRememberSoMuch(t *testing.T) {
	batchOf := func(version uint64, key string) *batch {
		return &batch{version: version, writes: []write{{key: engineKey(nil, []byte(key)), kind: put}}}
	}
	all := core.Range{Start: []byte("k"), End: []byte("l")}
	c := &changes{top: 1}
	c.since(all, 1)
	long := strings.Repeat("x", 1000)
	for version := uint64(2); version < 5000; version++ {
		c.add(batchOf(version, fmt.Sprintf("k%04d%s", version, long)))
		w, _ := c.watch(all)
		if w.bytes > watchedBytes {
			t.Fatalf("%d bytes are remembered", w.bytes)
		}
		if w.from >= version && len(w.written) > 0 {
			t.Fatalf("of version %d there are %d changes since %d", version, len(w.written), w.from)
		}
	}
	w, top := c.watch(all)
	if w.from <= 1 || top != 4999 {
		t.Fatalf("changes are remembered from %d to %d", w.from, top)
	}
	if got := c.since(all, w.from-1); got.Known {
		t.Error("forgotten changes are known")
	}
	got := c.since(all, w.from)
	if !got.Known || uint64(len(got.Keys)) != top-w.from {
		t.Errorf("%d changes are told since %d, up to %d", len(got.Keys), w.from, top)
	}

	for i := range maxWatches {
		c.since(core.Range{Start: []byte{byte(i)}}, top)
	}
	if len(c.watches) != maxWatches {
		t.Errorf("%d ranges are watched", len(c.watches))
	}
	c.add(batchOf(5000, "k"))
	if got := c.since(all, top); got.Known {
		t.Error("changes of a range that was given up are known")
	}
}
