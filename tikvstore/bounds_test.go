package tikvstore

import (
	"bytes"
	"testing"

	"roster/core"
)

func TestLargeItemsEndAPageEarly(t *testing.T) {
	store, _ := mockCluster(t, nil)
	defer closeStore(t, store)
	value := bytes.Repeat([]byte("v"), 100)
	err := store.Update(t.Context(), func(tx core.Txn) error {
		for _, key := range []string{"a", "b", "c", "d", "e"} {
			if err := tx.Put([]byte(key), value); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("Update: %v", err)
	}
	err = store.View(t.Context(), core.ViewOptions{}, func(r core.Reader) error {
		for reverse, want := range map[bool][]string{false: {"a", "b", "c"}, true: {"e", "d", "c"}} {
			page, err := r.(*reader).page(core.Range{Reverse: reverse}, core.MaxScan, 250)
			if err != nil {
				return err
			}
			var got []string
			for _, item := range page.Items {
				got = append(got, string(item.Key))
			}
			if len(got) != 3 || got[0] != want[0] || got[2] != want[2] || page.Rest == nil {
				t.Errorf("reverse %v: the page holds %q with rest %v, want %q and a rest", reverse, got, page.Rest, want)
				continue
			}
			rest, err := r.Scan(*page.Rest)
			if err != nil || len(rest.Items) != 2 || rest.Rest != nil {
				t.Errorf("reverse %v: the rest holds %d items, %v, want 2", reverse, len(rest.Items), err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("View: %v", err)
	}
}

func TestPassedOverSizeLimitStopsTheCommit(t *testing.T) {
	store, _ := mockCluster(t, nil)
	defer closeStore(t, store)
	value := make([]byte, core.MaxValueBytes)
	refused := 0
	err := store.Update(t.Context(), func(tx core.Txn) error {
		for i := range core.MaxTxnBytes/core.MaxValueBytes + 1 {
			if err := tx.Put([]byte{'k', byte(i)}, value); err != nil {
				refused++
			}
		}
		return nil
	})
	if core.CodeOf(err) != core.InvalidArgument || refused != 1 {
		t.Errorf("Update = %v after %d refused writes, want INVALID_ARGUMENT after 1", err, refused)
	}
	if got := read(t, store, "k\x00"); got != "" {
		t.Errorf("%d bytes were written", len(got))
	}
}
