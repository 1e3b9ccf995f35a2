package core_test

import (
	"fmt"
	"slices"
	"testing"

	"roster/core"
	"roster/core/metakey"
)

func changedSince(t *testing.T, s *core.Service, version uint64) core.ChangedInstances {
	t.Helper()
	changed, err := s.ChangedInstances(t.Context(), version)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

func TestChangedInstances(t *testing.T) {
	store := openStore(t)
	s := newService(t, store)
	create(t, s, "old")
	first := changedSince(t, s, 0)
	if first.Known || first.Version == 0 {
		t.Fatalf("at first: %+v, want a version only", first)
	}
	create(t, s, "b")
	create(t, s, "a")
	wantCode(t, s.AddCluster(t.Context(), cluster("b", "c", "node")), core.OK)
	err := store.Update(t.Context(), func(tx core.Txn) error { return tx.Delete(metakey.Instance("old")) })
	if err != nil {
		t.Fatal(err)
	}
	changed := changedSince(t, s, first.Version)
	// They are as at that version, whatever comes later.
	wantCode(t, s.AddCluster(t.Context(), cluster("a", "later", "other")), core.OK)
	if !changed.Known || len(changed.Instances) != 3 {
		t.Fatalf("%+v, want three instances", changed)
	}
	listed, _, err := s.ListInstances(core.WithVersion(t.Context(), changed.Version), "", 10)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"a", "b", "old"} {
		got := changed.Instances[i]
		if got.ID != want || (got.Doc == nil) != (want == "old") {
			t.Errorf("instance %d is %+v, want %s", i, got, want)
		}
		if got.Doc != nil && encoded(got.Doc) != encoded(listed[i]) {
			t.Errorf("%s is %v, listed as %v", want, got.Doc, listed[i])
		}
	}
	if again := changedSince(t, s, changed.Version); len(again.Instances) != 1 || again.Instances[0].ID != "a" {
		t.Errorf("%+v, want the one instance that changed since", again)
	}

	err = store.Update(t.Context(), func(tx core.Txn) error {
		for i := range 1001 {
			if err := tx.Put(metakey.Instance(fmt.Sprintf("x%d", i)), []byte("any")); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if many := changedSince(t, s, changed.Version); many.Known || len(many.Instances) > 0 {
		t.Errorf("%d instances are told to have changed", len(many.Instances))
	}
	last := changedSince(t, s, 0).Version
	broken := store.Update(t.Context(), func(tx core.Txn) error { return tx.Put(metakey.Instance("a"), []byte{0xff}) })
	if _, err := s.ChangedInstances(t.Context(), last); broken != nil || core.CodeOf(err) != core.InvalidArgument {
		t.Errorf("a damaged record: %v, %v", broken, err)
	}
}

func TestChangedInstancesAreBoundedInBytes(t *testing.T) {
	store := openStore(t)
	s := newService(t, store)
	for _, c := range []struct {
		instances, bytes int
		known            bool
	}{
		{100, 100, true},
		{100, 100 << 10, true},
		{100, 200 << 10, false},
		{2, 5 << 20, true},
		{4, 5 << 20, false},
	} {
		since, ids := changedSince(t, s, 0).Version, manyIDs("i", c.instances)
		err := store.Update(t.Context(), func(tx core.Txn) error {
			for _, id := range ids {
				if err := tx.Put(metakey.Instance(id), record(t, id, c.bytes)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		changed := changedSince(t, s, since)
		var got []string
		for _, instance := range changed.Instances {
			got = append(got, instance.ID)
		}
		if !c.known {
			ids = nil
		}
		if changed.Known != c.known || changed.Version <= since || !slices.Equal(got, ids) {
			t.Errorf("%d instances of %d bytes: known %v at %d, after %d: %s", c.instances, c.bytes, changed.Known, changed.Version, since, got)
		}
	}
}

func TestChangedInstancesAreReadInPages(t *testing.T) {
	store := &countingStore{records: map[string][]byte{}}
	s := newService(t, store)
	for _, step := range []struct {
		bytes int
		paged []int
	}{
		{100, []int{16, 16, 8}},
		{core.MaxValueBytes / 16, []int{16, 16, 8}},
		{core.MaxValueBytes / 4, []int{16}}, // too many bytes, so no more are read
	} {
		for _, id := range manyIDs("i", 40) {
			store.records[string(metakey.Instance(id))] = record(t, id, step.bytes)
		}
		store.paged = nil
		if _, err := s.ChangedInstances(t.Context(), 1); err != nil || !slices.Equal(store.paged, step.paged) {
			t.Errorf("records of %d bytes: pages %v, %v, want %v", step.bytes, store.paged, err, step.paged)
		}
	}
}
