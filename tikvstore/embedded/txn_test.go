package embedded

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"roster/core"
)

func TestLargeDocumentWithManyIndexKeys(t *testing.T) {
	s := open(t, Options{})
	document := bytes.Repeat([]byte("d"), core.MaxValueBytes)
	const keys = 30_000
	key := func(i int) []byte { return fmt.Appendf(nil, "index/%050d", i) }
	err := s.Update(t.Context(), func(tx core.Txn) error {
		if err := tx.Put([]byte("document"), document); err != nil {
			return err
		}
		for i := range keys {
			if err := tx.Put(key(i), []byte("an instance of thirty-two bytes.")); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("Update: %v", err)
	}
	if got := get(t, s, 0, "document"); got != string(document) {
		t.Errorf("the document has %d bytes, want %d", len(got), len(document))
	}
	for _, i := range []int{0, keys / 2, keys - 1} {
		if get(t, s, 0, string(key(i))) == "" {
			t.Errorf("index key %d is missing", i)
		}
	}
}

func TestTransactionsOverTheEnginesLimit(t *testing.T) {
	s := open(t, Options{})
	for name, c := range map[string]struct {
		most  int64
		value string
	}{
		"too many keys":        {s.commits.most.entries, "v"},
		"too many small bytes": {s.commits.most.bytes / (inlineBytes - 1), strings.Repeat("v", inlineBytes-1)},
	} {
		t.Run(name, func(t *testing.T) {
			n := int64(0)
			err := s.Update(t.Context(), func(tx core.Txn) error {
				for n = 0; n <= c.most; n++ {
					if err := tx.Put(fmt.Appendf(nil, "%s/%06d", name, n), []byte(c.value)); err != nil {
						return err
					}
				}
				return nil
			})
			wantCode(t, err, core.InvalidArgument)
			if !strings.Contains(err.Error(), fmt.Sprint(s.commits.most.entries)) || !strings.Contains(err.Error(), "split") {
				t.Errorf("%v, want the limit and the way out named", err)
			}
			// What was taken before the refusal can be committed.
			err = s.Update(t.Context(), func(tx core.Txn) error {
				for i := range n {
					if err := tx.Put(fmt.Appendf(nil, "%s/%06d", name, i), []byte(c.value)); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Errorf("%d keys: %v", n, err)
			}
		})
	}
}

func TestReplacedWritesCountOnce(t *testing.T) {
	s := open(t, Options{})
	err := s.Update(t.Context(), func(tx core.Txn) error {
		value := make([]byte, core.MaxValueBytes)
		for range 2 * core.MaxTxnBytes / core.MaxValueBytes {
			if err := tx.Put([]byte("a"), value); err != nil {
				return err
			}
		}
		for range 2 * s.commits.most.entries {
			if err := tx.Delete([]byte("b")); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Errorf("Update: %v", err)
	}
}

func TestScanStepsOverVersions(t *testing.T) {
	s := open(t, Options{})
	for i := range 3 * skipVersions {
		set(t, s, "a", fmt.Sprint(i))
		set(t, s, "b", fmt.Sprint(i))
	}
	remove(t, s, "b")
	set(t, s, "c", "1")
	for _, reverse := range []bool{false, true} {
		err := s.View(t.Context(), core.ViewOptions{}, func(r core.Reader) error {
			page, err := r.Scan(core.Range{Reverse: reverse})
			if err != nil {
				return err
			}
			got := map[string]string{}
			for _, item := range page.Items {
				got[string(item.Key)] = string(item.Value)
			}
			if len(page.Items) != 2 || got["a"] != fmt.Sprint(3*skipVersions-1) || got["c"] != "1" {
				t.Errorf("reverse %v: the scan found %v", reverse, got)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestPagesAreBoundedInBytes(t *testing.T) {
	s := open(t, Options{})
	value := make([]byte, core.MaxValueBytes)
	const n = maxPageBytes/core.MaxValueBytes + 3
	for i := range n {
		err := s.Update(t.Context(), func(tx core.Txn) error { return tx.Put(fmt.Appendf(nil, "%02d", i), value) })
		if err != nil {
			t.Fatal(err)
		}
	}
	err := s.View(t.Context(), core.ViewOptions{}, func(r core.Reader) error {
		page, err := r.Scan(core.Range{})
		if err != nil {
			return err
		}
		if size := len(page.Items) * len(value); size > maxPageBytes+len(value) || page.Rest == nil {
			t.Fatalf("a page has %d bytes and the rest %v, want at most %d and a rest", size, page.Rest, maxPageBytes+len(value))
		}
		rest, err := r.Scan(*page.Rest)
		if len(page.Items)+len(rest.Items) != n || rest.Rest != nil {
			t.Errorf("the pages have %d and %d items, want %d in all", len(page.Items), len(rest.Items), n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
