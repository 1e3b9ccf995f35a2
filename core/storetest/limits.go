package storetest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"roster/core"
)

// fill puts values under keys of their own until they and their keys take size
// bytes, and returns the keys.
func fill(tx core.Txn, size int) (keys []string, err error) {
	value := bytes.Repeat([]byte("v"), core.MaxValueBytes)
	for size > 0 {
		key := fmt.Sprintf("key%02d", len(keys))
		n := min(size-len(key), len(value))
		if err := tx.Put([]byte(key), value[:n]); err != nil {
			return nil, err
		}
		keys, size = append(keys, key), size-len(key)-n
	}
	return keys, nil
}

var limits = []testCase{
	{"keys and values out of bounds are refused", func(t *testing.T, s *fixture) {
		key, value := []byte("key"), []byte("value")
		long := bytes.Repeat([]byte("k"), core.MaxKeyBytes+1)
		large := make([]byte, core.MaxValueBytes+1)
		for name, write := range map[string]func(tx core.Txn) error{
			"put of no value":          func(tx core.Txn) error { return tx.Put(key, nil) },
			"put of an empty value":    func(tx core.Txn) error { return tx.Put(key, []byte{}) },
			"put of too large a value": func(tx core.Txn) error { return tx.Put(key, large) },
			"put of no key":            func(tx core.Txn) error { return tx.Put(nil, value) },
			"put of an empty key":      func(tx core.Txn) error { return tx.Put([]byte{}, value) },
			"put of too long a key":    func(tx core.Txn) error { return tx.Put(long, value) },
			"delete of an empty key":   func(tx core.Txn) error { return tx.Delete(nil) },
			"delete of too long a key": func(tx core.Txn) error { return tx.Delete(long) },
			"guard of an empty key":    func(tx core.Txn) error { return tx.Guard(nil) },
			"guard of too long a key":  func(tx core.Txn) error { return tx.Guard(long) },
			"get of an empty key": func(tx core.Txn) error {
				_, err := tx.Get(nil)
				return err
			},
			"get of too long a key": func(tx core.Txn) error {
				_, err := tx.Get(long)
				return err
			},
			"batch get with an empty key": func(tx core.Txn) error {
				_, err := tx.BatchGet([][]byte{key, nil})
				return err
			},
			"batch get with too long a key": func(tx core.Txn) error {
				_, err := tx.BatchGet([][]byte{key, long})
				return err
			},
		} {
			t.Run(name, func(t *testing.T) {
				runs := 0
				err := s.tryUpdate(func(tx core.Txn) error {
					runs++
					if err := tx.Put([]byte("other"), value); err != nil {
						return err
					}
					return write(tx)
				})
				wantCode(t, err, core.InvalidArgument)
				if runs != 1 {
					t.Errorf("the function ran %d times, want 1", runs)
				}
				s.want("other", "", "key", "")
			})
		}
	}},
	{"a refused write does not end the update", func(t *testing.T, s *fixture) {
		s.update(func(tx txn) {
			wantCode(t, tx.tx.Put([]byte("empty"), nil), core.InvalidArgument)
			tx.put("a", "1")
		})
		s.want("a", "1", "empty", "")
	}},
	{"the longest key and the largest value are kept", func(t *testing.T, s *fixture) {
		key := strings.Repeat("k", core.MaxKeyBytes)
		value := strings.Repeat("v", core.MaxValueBytes-1) + "!"
		s.put(key, value)
		s.view(func(r reader) {
			if got := r.get(key); got != value {
				t.Errorf("Get returned %d bytes, want the %d put", len(got), len(value))
			}
			if got := r.batchGet(key)[key]; got != value {
				t.Errorf("BatchGet returned %d bytes, want the %d put", len(got), len(value))
			}
			items := r.scan(core.Range{}).Items
			if len(items) != 1 || string(items[0].Key) != key || string(items[0].Value) != value {
				t.Errorf("Scan returned %d items, want the one put", len(items))
			}
		})
		s.delete(key)
		s.want(key, "")
	}},
	{"an update of the largest size is kept", func(t *testing.T, s *fixture) {
		var keys []string
		err := s.tryUpdate(func(tx core.Txn) (err error) {
			keys, err = fill(tx, core.MaxTxnBytes)
			return err
		})
		if err != nil {
			t.Fatalf("Update: %v", err)
		}
		size := 0
		s.view(func(r reader) {
			for _, key := range keys {
				size += len(key) + len(r.get(key))
			}
		})
		if size != core.MaxTxnBytes {
			t.Errorf("%d bytes were kept, want %d", size, core.MaxTxnBytes)
		}
	}},
	{"an update over the largest size is refused with nothing written", func(t *testing.T, s *fixture) {
		err := s.tryUpdate(func(tx core.Txn) error {
			_, err := fill(tx, core.MaxTxnBytes+1)
			return err
		})
		wantCode(t, err, core.InvalidArgument)
		s.view(func(r reader) {
			if items := r.scan(core.Range{Limit: 1}).Items; len(items) != 0 {
				t.Errorf("%q was written", items[0].Key)
			}
		})
	}},
}
