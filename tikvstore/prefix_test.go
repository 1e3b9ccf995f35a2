package tikvstore

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"roster/core"
)

// sharing returns a store with another prefix on the cluster of the one given,
// which stays the one to close.
func sharing(store *Store, other string) *Store {
	shared := New(store.client)
	shared.prefix = prefix(other)
	return shared
}

func write(t *testing.T, store *Store, pairs ...string) {
	t.Helper()
	err := store.Update(t.Context(), func(tx core.Txn) error {
		for pair := range slices.Chunk(pairs, 2) {
			if err := tx.Put([]byte(pair[0]), []byte(pair[1])); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("Update: %v", err)
	}
}

func TestStoresWithDifferentPrefixesNeverMeet(t *testing.T) {
	store, _ := mockCluster(t, nil)
	defer closeStore(t, store)
	// Neighbours in the order of keys, on both sides.
	before, after := sharing(store, "roster-/"), sharing(store, "roster0/")
	write(t, before, "\xff\xff", "before", "k", "before")
	write(t, store, "j", "mine", "k", "mine", "l", "mine")
	write(t, after, "\x00", "after", "k", "after")
	for s, want := range map[*Store]string{
		before: "k=before \xff\xff=before ",
		store:  "j=mine k=mine l=mine ",
		after:  "\x00=after k=after ",
	} {
		err := s.View(t.Context(), core.ViewOptions{}, func(r core.Reader) error {
			forwards, backwards := "", ""
			page, err := r.Scan(core.Range{})
			for _, item := range page.Items {
				forwards += fmt.Sprintf("%s=%s ", item.Key, item.Value)
			}
			if forwards != want || page.Rest != nil || err != nil {
				t.Errorf("%s: Scan = %q, %v, want %q", s.prefix, forwards, err, want)
			}
			page, err = r.Scan(core.Range{Reverse: true})
			slices.Reverse(page.Items)
			for _, item := range page.Items {
				backwards += fmt.Sprintf("%s=%s ", item.Key, item.Value)
			}
			if backwards != want || page.Rest != nil || err != nil {
				t.Errorf("%s: reverse Scan = %q, %v, want %q", s.prefix, backwards, err, want)
			}
			got, err := r.BatchGet([][]byte{[]byte("k"), []byte("absent")})
			if len(got) != 1 || !strings.Contains(want, "k="+string(got["k"])+" ") || err != nil {
				t.Errorf("%s: BatchGet = %q, %v", s.prefix, got, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Update(t.Context(), func(tx core.Txn) error { return tx.Delete([]byte("k")) }); err != nil {
		t.Fatal(err)
	}
	if got := read(t, before, "k") + read(t, store, "k") + read(t, after, "k"); got != "beforeafter" {
		t.Errorf("after one deletes its key the others read %q", got)
	}
}
