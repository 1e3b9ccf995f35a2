package storetest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"

	"roster/core"
)

var reads = []testCase{
	{"get returns nil for an absent key", func(t *testing.T, s *fixture) {
		s.view(func(r reader) {
			if value, err := r.Get([]byte("absent")); err != nil || value != nil {
				t.Errorf("Get = %q, %v, want nil, nil", value, err)
			}
		})
	}},
	{"get returns what was put", func(t *testing.T, s *fixture) {
		s.put("a", "1", "b", "2")
		s.want("a", "1", "b", "2", "ab", "", "A", "")
	}},
	{"batch get returns the keys that are there", func(t *testing.T, s *fixture) {
		s.put("a", "1", "c", "3", "d", "4")
		s.delete("d")
		s.view(func(r reader) {
			got := r.batchGet("c", "absent", "a", "d", "c")
			if want := map[string]string{"a": "1", "c": "3"}; !maps.Equal(got, want) {
				t.Errorf("BatchGet = %v, want %v", got, want)
			}
		})
	}},
	{"batch get of no keys returns nothing", func(t *testing.T, s *fixture) {
		s.put("a", "1")
		s.view(func(r reader) {
			if got := r.batchGet(); len(got) != 0 {
				t.Errorf("BatchGet = %v, want nothing", got)
			}
		})
	}},
	{"get and batch get see the writes of their update", func(t *testing.T, s *fixture) {
		s.put("kept", "1", "changed", "1", "deleted", "1")
		s.update(func(tx txn) {
			tx.put("changed", "2")
			tx.put("new", "2")
			tx.delete("deleted")
			tx.want("kept", "1", "changed", "2", "new", "2", "deleted", "")
			got := tx.batchGet("kept", "changed", "new", "deleted", "absent")
			if want := map[string]string{"kept": "1", "changed": "2", "new": "2"}; !maps.Equal(got, want) {
				t.Errorf("BatchGet = %v, want %v", got, want)
			}
		})
	}},
	{"scan sees the writes of its update in both directions", func(t *testing.T, s *fixture) {
		s.put("a", "1", "c", "1", "e", "1")
		s.update(func(tx txn) {
			tx.put("b", "2")
			tx.put("c", "2")
			tx.delete("e")
			tx.put("f", "2")
			tx.delete("absent")
			want := []string{"a=1", "b=2", "c=2", "f=2"}
			for _, limit := range []int{0, 1, 2, 3, 4} {
				if got := tx.walk(core.Range{Limit: limit}); !slices.Equal(got, want) {
					t.Errorf("Scan by %d = %q, want %q", limit, got, want)
				}
			}
			slices.Reverse(want)
			for _, limit := range []int{0, 1, 2, 3, 4} {
				if got := tx.walk(core.Range{Limit: limit, Reverse: true}); !slices.Equal(got, want) {
					t.Errorf("reverse Scan by %d = %q, want %q", limit, got, want)
				}
			}
		})
	}},
	{"slices returned in an update outlive later writes", func(t *testing.T, s *fixture) {
		s.put("a", "old")
		s.update(func(tx txn) {
			tx.put("b", "old")
			var kept [][]byte
			for _, key := range []string{"a", "b"} {
				value, err := tx.Get([]byte(key))
				if err != nil {
					t.Fatal(err)
				}
				kept = append(kept, value)
			}
			values, err := tx.BatchGet([][]byte{[]byte("a"), []byte("b")})
			if err != nil {
				t.Fatal(err)
			}
			kept = append(kept, values["a"], values["b"])
			for _, item := range tx.scan(core.Range{}).Items {
				kept = append(kept, item.Value)
			}
			for range 2 {
				tx.put("a", "new")
				tx.put("b", "new")
			}
			for i, value := range kept {
				if string(value) != "old" {
					t.Errorf("value %d changed to %q under its holder", i, value)
				}
			}
		})
	}},
	{"slices returned in a view outlive it", func(t *testing.T, s *fixture) {
		s.put("a", "old", "b", "old")
		var kept []core.Item
		s.view(func(r reader) {
			value, err := r.Get([]byte("a"))
			if err != nil {
				t.Fatal(err)
			}
			kept = append(r.scan(core.Range{}).Items, core.Item{Key: []byte("a"), Value: value})
		})
		for i := range 100 {
			s.put("a", "new"+strconv.Itoa(i), "b", "new"+strconv.Itoa(i))
		}
		for i, key := range []string{"a", "b", "a"} {
			if string(kept[i].Key) != key || string(kept[i].Value) != "old" {
				t.Errorf("item %d changed to %q=%q", i, kept[i].Key, kept[i].Value)
			}
		}
	}},
	{"a view is one snapshot while others write", func(t *testing.T, s *fixture) {
		s.put("a", "1", "b", "1")
		s.view(func(r reader) {
			r.want("a", "1")
			s.put("a", "2", "b", "2", "c", "2")
			s.delete("b")
			r.want("a", "1", "b", "1", "c", "")
			if got, want := r.walk(core.Range{}), []string{"a=1", "b=1"}; !slices.Equal(got, want) {
				t.Errorf("Scan = %q, want %q", got, want)
			}
			if got := r.batchGet("a", "b", "c"); !maps.Equal(got, map[string]string{"a": "1", "b": "1"}) {
				t.Errorf("BatchGet = %q, want the values of the snapshot", got)
			}
		})
		s.want("a", "2", "b", "", "c", "2")
	}},
	{"a view holds every update acknowledged before it", func(t *testing.T, s *fixture) {
		s.together(4, func(i int) error {
			key := []byte(fmt.Sprint("key", i))
			for n := range 10 {
				want := strconv.Itoa(n + 1)
				if err := s.tryUpdate(func(tx core.Txn) error { return tx.Put(key, []byte(want)) }); err != nil {
					return err
				}
				err := s.View(s.ctx, core.ViewOptions{}, func(r core.Reader) error {
					got, err := r.Get(key)
					if err == nil && string(got) != want {
						err = fmt.Errorf("read %q after %q was acknowledged", got, want)
					}
					return err
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}},
	{"a view returns the error of its function as it is", func(t *testing.T, s *fixture) {
		want := &customError{"no"}
		if got := s.View(s.ctx, core.ViewOptions{}, func(core.Reader) error { return want }); !same(got, want) {
			t.Errorf("View = %v, want the very error of its function", got)
		}
	}},
}
