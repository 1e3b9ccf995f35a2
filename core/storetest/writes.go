package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"roster/core"
)

// customError is an error no store knows.
type customError struct{ text string }

func (e *customError) Error() string { return e.text }

var writes = []testCase{
	{"put replaces and delete removes", func(t *testing.T, s *fixture) {
		s.put("a", "1", "b", "1")
		s.put("a", "2")
		s.delete("b")
		s.want("a", "2", "b", "")
		s.put("b", "3")
		s.want("b", "3")
	}},
	{"delete of an absent key changes nothing", func(t *testing.T, s *fixture) {
		s.put("b", "1")
		s.delete("a")
		s.want("a", "", "b", "1")
	}},
	{"the last write of a key in an update counts", func(t *testing.T, s *fixture) {
		s.put("deleted", "1", "back", "1")
		s.update(func(tx txn) {
			tx.put("twice", "1")
			tx.put("twice", "2")
			tx.put("deleted", "2")
			tx.delete("deleted")
			tx.delete("back")
			tx.put("back", "3")
			tx.put("brief", "1")
			tx.delete("brief")
		})
		s.want("twice", "2", "deleted", "", "back", "3", "brief", "")
	}},
	{"an update without writes succeeds", func(t *testing.T, s *fixture) {
		s.put("a", "1")
		s.update(func(tx txn) { tx.want("a", "1") })
		s.want("a", "1")
	}},
	{"an update that meets no conflict runs once", func(t *testing.T, s *fixture) {
		runs := 0
		s.update(func(tx txn) {
			runs++
			tx.put("a", tx.get("a")+"1")
		})
		if runs != 1 {
			t.Errorf("the function ran %d times, want 1", runs)
		}
		s.want("a", "1")
	}},
	{"an error of the function is returned as it is with nothing written", func(t *testing.T, s *fixture) {
		s.put("kept", "1")
		want := &customError{"no"}
		for name, failure := range map[string]error{
			"plain":            want,
			"wrapped":          fmt.Errorf("while testing: %w", want),
			"with a code":      core.Errorf(core.NotFound, "no").Because(want),
			"a conflict's":     core.Errorf(core.Conflict, "no").Because(want),
			"an undetermined":  core.Errorf(core.Undetermined, "no").Because(want),
			"an unavailable's": core.Errorf(core.Unavailable, "no").Because(want),
		} {
			runs := 0
			got := s.tryUpdate(func(tx core.Txn) error {
				runs++
				x := txn{reader{tx, t}, tx}
				x.put("new", "1")
				x.delete("kept")
				return failure
			})
			var custom *customError
			if !same(got, failure) || !errors.Is(got, want) || !errors.As(got, &custom) {
				t.Errorf("%s: Update = %v, want the very error of its function", name, got)
			}
			if runs != 1 {
				t.Errorf("%s: the function ran %d times, want 1", name, runs)
			}
		}
		s.want("new", "", "kept", "1")
	}},
	{"a panic reaches the caller with nothing written", func(t *testing.T, s *fixture) {
		func() {
			defer func() {
				if got := recover(); got != "boom" {
					t.Errorf("recovered %v, want the panic of the function", got)
				}
			}()
			_ = s.tryUpdate(func(tx core.Txn) error {
				if err := tx.Put([]byte("a"), []byte("1")); err != nil {
					return err
				}
				panic("boom")
			})
		}()
		s.want("a", "")
		s.put("a", "2")
		s.want("a", "2")
	}},
	{"a thousand keys are written in one step", func(t *testing.T, s *fixture) {
		const n = 1000
		key := func(i int) string { return fmt.Sprintf("key%04d", i) }
		write := func(value string) error {
			return s.tryUpdate(func(tx core.Txn) error {
				for i := range n {
					if err := tx.Put([]byte(key(i)), []byte(value)); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := write("0"); err != nil {
			t.Fatal(err)
		}
		written := make(chan error, 1)
		go func() {
			for i := range 3 {
				if err := write(strconv.Itoa(i + 1)); err != nil {
					written <- err
					return
				}
			}
			written <- nil
		}()
		for done := false; !done; {
			select {
			case err := <-written:
				if err != nil {
					t.Fatal(err)
				}
				done = true
			default:
			}
			s.view(func(r reader) {
				items := r.scan(core.Range{}).Items
				if len(items) != n {
					t.Fatalf("a snapshot holds %d of %d keys", len(items), n)
				}
				for _, item := range items {
					if string(item.Value) != string(items[0].Value) {
						t.Fatalf("a snapshot holds %s=%s beside %s=%s", items[0].Key, items[0].Value, item.Key, item.Value)
					}
				}
			})
		}
		s.want(key(0), "3", key(n-1), "3")
	}},
	{"keys and values hold any bytes", func(t *testing.T, s *fixture) {
		keys := []string{"\x00", "\x00\x00", "\x00\xff", "a", "a\x00", "a\x00\x00", "a\x00b", "a\xff", "a\xff\xff", "b", "\xfe\xff", "\xff", "\xff\x00", "\xff\xff\xff"}
		want := make([]string, len(keys))
		var pairs []string
		for i, key := range keys {
			value := "\x00" + key + "\xff\x00"
			pairs = append(pairs, key, value)
			want[i] = key + "=" + value
		}
		s.put(pairs...)
		s.want(pairs...)
		s.view(func(r reader) {
			for _, limit := range []int{0, 1, 2, 3} {
				if got := r.walk(core.Range{Limit: limit}); !slices.Equal(got, want) {
					t.Errorf("Scan by %d = %q, want %q", limit, got, want)
				}
			}
			slices.Reverse(want)
			for _, limit := range []int{0, 1, 2, 3} {
				if got := r.walk(core.Range{Limit: limit, Reverse: true}); !slices.Equal(got, want) {
					t.Errorf("reverse Scan by %d = %q, want %q", limit, got, want)
				}
			}
		})
	}},
	{"keys may be reused once a write has returned", func(t *testing.T, s *fixture) {
		s.put("key3", "1")
		s.update(func(tx txn) {
			key := []byte("key1")
			check := func(err error) {
				if err != nil {
					t.Fatal(err)
				}
			}
			check(tx.tx.Put(key, []byte("val1")))
			key[3] = '2'
			check(tx.tx.Put(key, []byte("val2")))
			key[3] = '3'
			check(tx.tx.Delete(key))
			key[3] = '4'
			check(tx.tx.Guard(key))
			copy(key, "XXXX")
			tx.want("key1", "val1", "key2", "val2", "key3", "")
		})
		s.view(func(r reader) {
			if got, want := r.walk(core.Range{}), []string{"key1=val1", "key2=val2"}; !slices.Equal(got, want) {
				t.Errorf("the store holds %q, want %q", got, want)
			}
		})
	}},
}
