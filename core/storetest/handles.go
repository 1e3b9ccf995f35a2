package storetest

import (
	"bytes"
	"testing"

	"roster/core"
)

// reader reads strings and ends the test on an error. The value "" stands for
// an absent key, as no store keeps empty values.
type reader struct {
	core.Reader
	t *testing.T
}

func (r reader) get(key string) string {
	r.t.Helper()
	value, err := r.Get([]byte(key))
	if err != nil {
		r.t.Fatalf("Get(%q): %v", key, err)
	}
	if value != nil && len(value) == 0 {
		r.t.Fatalf("Get(%q) is empty, want nil for an absent key", key)
	}
	return string(value)
}

func (r reader) batchGet(keys ...string) map[string]string {
	r.t.Helper()
	raw := make([][]byte, len(keys))
	for i, key := range keys {
		raw[i] = []byte(key)
	}
	values, err := r.BatchGet(raw)
	if err != nil {
		r.t.Fatalf("BatchGet(%q): %v", keys, err)
	}
	found := make(map[string]string, len(values))
	for key, value := range values {
		found[key] = string(value)
	}
	return found
}

func (r reader) scan(rng core.Range) core.Page {
	r.t.Helper()
	page, err := r.Scan(rng)
	if err != nil {
		r.t.Fatalf("Scan(%q, %q): %v", rng.Start, rng.End, err)
	}
	return page
}

// walk follows Rest to the end of a range and returns "key=value" of all items.
// It ends the test where they are out of order, as a Rest that leads back is.
func (r reader) walk(rng core.Range) []string {
	r.t.Helper()
	found := []string{}
	var last []byte
	for rest := &rng; rest != nil; {
		page := r.scan(*rest)
		if rng.Limit > 0 && len(page.Items) > rng.Limit {
			r.t.Fatalf("Scan(%q, %q) returned %d items over the limit %d", rest.Start, rest.End, len(page.Items), rng.Limit)
		}
		if page.Rest != nil && len(page.Items) == 0 {
			r.t.Fatalf("Scan(%q, %q) returned a Rest without an item", rest.Start, rest.End)
		}
		for _, item := range page.Items {
			if order := bytes.Compare(item.Key, last); len(found) > 0 && (order == 0 || order > 0 == rng.Reverse) {
				r.t.Fatalf("Scan(%q, %q) returned %q after %q", rest.Start, rest.End, item.Key, last)
			}
			last = item.Key
			found = append(found, string(item.Key)+"="+string(item.Value))
		}
		rest = page.Rest
	}
	return found
}

func (r reader) want(pairs ...string) {
	r.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if got := r.get(pairs[i]); got != pairs[i+1] {
			r.t.Errorf("Get(%q) = %q, want %q", pairs[i], got, pairs[i+1])
		}
	}
}

// txn is a reader that writes.
type txn struct {
	reader
	tx core.Txn
}

func (x txn) put(key, value string) {
	x.t.Helper()
	if err := x.tx.Put([]byte(key), []byte(value)); err != nil {
		x.t.Fatalf("Put(%q): %v", key, err)
	}
}

func (x txn) delete(key string) {
	x.t.Helper()
	if err := x.tx.Delete([]byte(key)); err != nil {
		x.t.Fatalf("Delete(%q): %v", key, err)
	}
}

func (x txn) guard(key string) {
	x.t.Helper()
	if err := x.tx.Guard([]byte(key)); err != nil {
		x.t.Fatalf("Guard(%q): %v", key, err)
	}
}
