package storetest

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"roster/core"
)

// latest is the version of a view of now.
func (s *fixture) latest() (version uint64) {
	s.t.Helper()
	s.view(func(r reader) { version = r.Version() })
	return version
}

var versions = []testCase{
	{"an old version shows what was there then", func(t *testing.T, s *fixture) {
		s.put("changed", "1", "deleted", "1")
		first := s.latest()
		s.put("changed", "2", "created", "2")
		second := s.latest()
		s.delete("deleted")
		s.put("changed", "3")
		third := s.latest()
		s.put("changed", "4", "deleted", "4")

		for version, want := range map[uint64][]string{
			first:  {"changed=1", "deleted=1"},
			second: {"changed=2", "created=2", "deleted=1"},
			third:  {"changed=3", "created=2"},
			0:      {"changed=4", "created=2", "deleted=4"},
		} {
			s.viewAt(version, func(r reader) {
				if version != 0 && r.Version() != version {
					t.Errorf("a view at version %d says it is at %d", version, r.Version())
				}
				if got := r.walk(core.Range{Limit: 2}); !slices.Equal(got, want) {
					t.Errorf("Scan = %q, want %q", got, want)
				}
				down := r.walk(core.Range{Limit: 2, Reverse: true})
				slices.Reverse(down)
				if !slices.Equal(down, want) {
					t.Errorf("reverse Scan = %q, want %q", down, want)
				}
				found := map[string]string{}
				for _, key := range []string{"changed", "created", "deleted"} {
					if value := r.get(key); value != "" {
						found[key] = value
					}
				}
				if got := r.batchGet("changed", "created", "deleted"); !maps.Equal(got, found) || len(found) != len(want) {
					t.Errorf("BatchGet = %q and Get = %q, want %q", got, found, want)
				}
			})
		}
	}},
	{"a view at an update's version sees what the update read", func(_ *testing.T, s *fixture) {
		s.put("n", "1")
		var version uint64
		s.update(func(tx txn) {
			version = tx.Version()
			tx.put("n", "2")
			tx.put("new", "2")
		})
		s.put("n", "3")
		s.viewAt(version, func(r reader) { r.want("n", "1", "new", "") })
	}},
	{"a view does not step back behind an acknowledged update", func(t *testing.T, s *fixture) {
		last := s.latest()
		for i := range 10 {
			var version uint64
			s.update(func(tx txn) {
				version = tx.Version()
				tx.put("n", fmt.Sprint(i))
			})
			if version <= last {
				t.Errorf("an update has version %d after a view of %d", version, last)
			}
			last = s.latest()
			if last <= version {
				t.Errorf("a view has version %d after an update of %d", last, version)
			}
		}
	}},
	{"every run of an update has a version of its own, in order", func(t *testing.T, s *fixture) {
		var versions []uint64
		s.update(func(tx txn) {
			versions = append(versions, tx.Version())
			tx.put("n", "mine")
			if len(versions) < 4 {
				s.update(func(tx txn) {
					versions = append(versions, tx.Version())
					tx.put("n", "theirs")
				})
			}
		})
		if len(versions) != 5 || !slices.IsSorted(versions) || len(slices.Compact(slices.Clone(versions))) != 5 {
			t.Errorf("the runs have versions %d, want five that rise", versions)
		}
	}},
	{"no two updates have the same version", func(_ *testing.T, s *fixture) {
		var (
			mu   sync.Mutex
			seen = map[uint64]bool{}
			high uint64 // of the acknowledged updates
		)
		s.together(8, func(i int) error {
			for n := range 10 {
				mu.Lock()
				floor := high
				mu.Unlock()
				var version uint64
				err := s.tryUpdate(func(tx core.Txn) error {
					version = tx.Version()
					mu.Lock()
					defer mu.Unlock()
					if version <= floor {
						return fmt.Errorf("version %d is not above %d, which was acknowledged before", version, floor)
					}
					if seen[version] {
						return fmt.Errorf("version %d was given twice", version)
					}
					seen[version] = true
					return tx.Put([]byte(fmt.Sprint("key", i)), []byte(fmt.Sprint(n)))
				})
				if err != nil {
					return err
				}
				mu.Lock()
				high = max(high, version)
				mu.Unlock()
			}
			return nil
		})
	}},
	{"an update is visible at every version acknowledged after it", func(_ *testing.T, s *fixture) {
		s.put("n", "old")
		before := s.latest()
		s.put("n", "new")
		after := s.latest()
		s.viewAt(before, func(r reader) { r.want("n", "old") })
		s.viewAt(after, func(r reader) { r.want("n", "new") })
		s.viewAt(after, func(r reader) {
			s.put("n", "newer")
			r.want("n", "new")
		})
	}},
	{"a version not reached is refused", func(t *testing.T, s *fixture) {
		s.put("n", "1")
		for _, version := range []uint64{core.VersionAt(time.Now().Add(24 * time.Hour)), 1<<63 - 1, 1<<64 - 1} {
			ran := false
			err := s.View(s.ctx, core.ViewOptions{Version: version}, func(core.Reader) error {
				ran = true
				return nil
			})
			wantCode(t, err, core.InvalidArgument)
			if ran {
				t.Errorf("the function ran at version %d, which is in the future", version)
			}
		}
	}},
	{"a version tells the time in milliseconds", func(t *testing.T, s *fixture) {
		var update uint64
		s.update(func(tx txn) { update = tx.Version() })
		for _, version := range []uint64{s.latest(), update} {
			if off := time.Since(core.VersionTime(version)).Abs(); off > time.Hour {
				t.Errorf("version %d is the time %v, %v off", version, core.VersionTime(version), off)
			}
		}
	}},
}
