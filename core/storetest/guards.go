package storetest

import (
	"slices"
	"strconv"
	"testing"

	"roster/core"
)

var guards = []testCase{
	{"a guard conflicts with what others do to the key", func(t *testing.T, s *fixture) {
		for _, c := range []struct {
			name   string
			before string
			theirs func(tx txn)
		}{
			{"put over a value", "0", func(tx txn) { tx.put("key", "theirs") }},
			{"put of an absent key", "", func(tx txn) { tx.put("key", "theirs") }},
			{"delete of a value", "0", func(tx txn) { tx.delete("key") }},
			{"guard of a value", "0", func(tx txn) { tx.guard("key") }},
			{"guard of an absent key", "", func(tx txn) { tx.guard("key") }},
		} {
			s.delete("key")
			if c.before != "" {
				s.put("key", c.before)
			}
			runs := s.interleaved(func(tx txn) {
				tx.get("key")
				tx.guard("key")
				tx.put("other", "mine")
			}, c.theirs)
			if runs != 2 {
				t.Errorf("%s: the function ran %d times, want 2", c.name, runs)
			}
		}
	}},
	{"what an update does to a key conflicts with the guards of others", func(t *testing.T, s *fixture) {
		for _, c := range []struct {
			name   string
			before string
			mine   func(tx txn)
		}{
			{"put over a value", "0", func(tx txn) { tx.put("key", "mine") }},
			{"put of an absent key", "", func(tx txn) { tx.put("key", "mine") }},
			{"delete of a value", "0", func(tx txn) { tx.delete("key") }},
		} {
			s.delete("key")
			if c.before != "" {
				s.put("key", c.before)
			}
			runs := s.interleaved(c.mine, func(tx txn) {
				tx.get("key")
				tx.guard("key")
				tx.put("other", "theirs")
			})
			if runs != 2 {
				t.Errorf("%s: the function ran %d times, want 2", c.name, runs)
			}
		}
	}},
	{"an update that only guards takes part", func(t *testing.T, s *fixture) {
		s.put("key", "0")
		if runs := s.interleaved(func(tx txn) { tx.guard("key") }, func(tx txn) { tx.put("key", "theirs") }); runs != 2 {
			t.Errorf("the function ran %d times, want 2", runs)
		}
		s.want("key", "theirs")
	}},
	{"a guard of an untouched key does not conflict", func(t *testing.T, s *fixture) {
		s.put("key", "0")
		runs := s.interleaved(func(tx txn) {
			tx.guard("key")
			tx.guard("absent")
			tx.put("mine", "1")
		}, func(tx txn) { tx.put("theirs", "1") })
		if runs != 1 {
			t.Errorf("the function ran %d times, want 1", runs)
		}
	}},
	{"a guard changes no value and no history", func(t *testing.T, s *fixture) {
		s.put("key", "1")
		for range 3 {
			s.update(func(tx txn) {
				tx.guard("key")
				tx.guard("absent")
				tx.want("key", "1", "absent", "")
				if got, want := tx.walk(core.Range{}), []string{"key=1"}; !slices.Equal(got, want) {
					t.Errorf("Scan in the update = %q, want %q", got, want)
				}
			})
		}
		var version uint64
		s.view(func(r reader) {
			version = r.Version()
			r.want("key", "1", "absent", "")
			for _, reverse := range []bool{false, true} {
				if got, want := r.walk(core.Range{Reverse: reverse}), []string{"key=1"}; !slices.Equal(got, want) {
					t.Errorf("Scan = %q, want %q", got, want)
				}
			}
		})
		s.put("key", "2")
		s.update(func(tx txn) { tx.guard("key") })
		s.viewAt(version, func(r reader) { r.want("key", "1", "absent", "") })
	}},
	{"a guarded key may be written in the same update", func(t *testing.T, s *fixture) {
		s.put("deleted", "1", "guarded late", "1", "deleted early", "1")
		s.update(func(tx txn) {
			for _, key := range []string{"deleted", "put", "absent"} {
				tx.guard(key)
				tx.guard(key)
			}
			tx.put("put", "2")
			tx.delete("deleted")
			tx.delete("absent")
			tx.put("guarded late", "2")
			tx.guard("guarded late")
			tx.delete("deleted early")
			tx.guard("deleted early")
			tx.want("put", "2", "deleted", "", "absent", "", "guarded late", "2", "deleted early", "")
		})
		s.want("put", "2", "deleted", "", "absent", "", "guarded late", "2", "deleted early", "")
	}},
	{"guards stop write skew in either order", func(t *testing.T, s *fixture) {
		// Each side may go off duty only while the other is on.
		leave := func(me, other string) func(tx txn) {
			return func(tx txn) {
				tx.guard(other)
				if tx.get(other) == "on" {
					tx.put(me, "off")
				}
			}
		}
		for _, pair := range [][2]string{{"a", "b"}, {"b", "a"}} {
			s.put("a", "on", "b", "on")
			if runs := s.interleaved(leave(pair[0], pair[1]), leave(pair[1], pair[0])); runs != 2 {
				t.Errorf("the function ran %d times, want 2", runs)
			}
			s.want(pair[0], "on", pair[1], "off")
		}
	}},
	{"guards stop write skew between concurrent updates", func(t *testing.T, s *fixture) {
		for round := range 5 {
			s.put("duty0", "on", "duty1", "on")
			s.together(2, func(i int) error {
				me, other := []byte("duty"+strconv.Itoa(i)), []byte("duty"+strconv.Itoa(1-i))
				return s.tryUpdate(func(tx core.Txn) error {
					if err := tx.Guard(other); err != nil {
						return err
					}
					if state, err := tx.Get(other); err != nil || string(state) != "on" {
						return err
					}
					return tx.Put(me, []byte("off"))
				})
			})
			s.view(func(r reader) {
				if a, b := r.get("duty0"), r.get("duty1"); a == b {
					t.Errorf("round %d: both are %q, want one off duty", round, a)
				}
			})
		}
	}},
	{"a guarded index key stops phantoms", func(t *testing.T, s *fixture) {
		// Members join only while the group stands; it falls only while empty.
		index := core.Range{Start: []byte("member/"), End: []byte("member0")}
		join := func(tx txn) {
			tx.guard("group")
			if tx.get("group") != "" {
				tx.put("member/1", "in")
			}
		}
		drop := func(tx txn) {
			if len(tx.scan(index).Items) == 0 {
				tx.delete("group")
			}
		}
		s.put("group", "stands")
		if runs := s.interleaved(join, drop); runs != 2 {
			t.Errorf("join against drop ran %d times, want 2", runs)
		}
		s.want("group", "", "member/1", "")

		s.put("group", "stands")
		if runs := s.interleaved(drop, join); runs != 2 {
			t.Errorf("drop against join ran %d times, want 2", runs)
		}
		s.want("group", "stands", "member/1", "in")
	}},
}
