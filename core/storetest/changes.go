package storetest

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"testing"

	"roster/core"
)

// changes are the promises of Changes. A store may never know; what it tells holds.
var changes = []testCase{
	{"what changes keep up to date is what a scan finds", func(t *testing.T, s *fixture) {
		m := mirror{fixture: s, rng: between("b", "d")}
		for i, step := range []func(){
			func() {},
			func() { s.put("a", "1", "b", "1", "c", "1", "d", "1") },
			func() { s.put("c", "2") },
			func() {},
			func() { s.delete("b") },
			func() { s.put("b", "3"); s.put("b", "4"); s.delete("c"); s.put("cc", "1") },
			func() { s.put("a", "2", "d", "2") },
			func() { s.delete("b"); s.delete("cc") },
		} {
			step()
			if err := m.refresh(s.ctx); err != nil {
				t.Fatal(err)
			}
			if found, err := m.scan(s.ctx, 0); err != nil || !maps.Equal(m.kept, found) {
				t.Fatalf("after step %d %v is kept, a scan finds %v, %v", i, m.kept, found, err)
			}
		}
	}},
	{"changes hold every commit acknowledged before, while others write", func(t *testing.T, s *fixture) {
		const workers, writes = 6, 40
		s.together(workers, func(worker int) error {
			m := mirror{fixture: s, rng: between("k", "l")}
			key := fmt.Sprintf("k%d", worker)
			for i := range writes {
				want := strconv.Itoa(i)
				if err := s.tryUpdate(func(tx core.Txn) error { return tx.Put([]byte(key), []byte(want)) }); err != nil {
					return err
				}
				if err := m.refresh(s.ctx); err != nil {
					return err
				}
				if m.kept[key] != want {
					return fmt.Errorf("%q is kept after the write of %q was acknowledged", m.kept[key], want)
				}
				found, err := m.scan(s.ctx, m.version)
				if err != nil {
					return err
				}
				if !maps.Equal(m.kept, found) {
					return fmt.Errorf("%v is kept at version %d, a scan finds %v", m.kept, m.version, found)
				}
			}
			return nil
		})
	}},
	{"changes since a version not reached are not known", func(t *testing.T, s *fixture) {
		for range 2 {
			got, err := s.Changes(s.ctx, between("a", "z"), 1<<63)
			if err != nil || got.Known {
				t.Errorf("Changes = %v, %v, want them not known", got, err)
			}
		}
	}},
	{"more changes than the limit are not known", func(t *testing.T, s *fixture) {
		rng := between("a", "z")
		rng.Limit = 2
		first, err := s.Changes(s.ctx, rng, 0)
		if err != nil {
			t.Fatal(err)
		}
		s.put("b", "1", "c", "1", "d", "1")
		if got, err := s.Changes(s.ctx, rng, first.Version); err != nil || got.Known || len(got.Keys) > 0 {
			t.Errorf("Changes = %v, %v, want them not known", got, err)
		}
	}},
	{"changes end with their context", func(t *testing.T, s *fixture) {
		ended, cancel := context.WithCancel(s.ctx)
		cancel()
		_, err := s.Changes(ended, between("a", "z"), 0)
		wantCode(t, err, core.Unavailable)
	}},
}

// mirror is what somebody keeps of a range.
type mirror struct {
	*fixture
	rng     core.Range
	version uint64
	kept    map[string]string
}

// refresh brings the mirror up to date by the changes, or where there are none known
// by a scan.
func (m *mirror) refresh(ctx context.Context) error {
	changes, err := m.Changes(ctx, m.rng, m.version)
	if err != nil {
		return err
	}
	if !changes.Known {
		m.version = changes.Version
		if m.version == 0 { // what is scanned must have a version to be compared at
			err := m.View(ctx, core.ViewOptions{}, func(r core.Reader) error {
				m.version = r.Version()
				return nil
			})
			if err != nil {
				return err
			}
		}
		m.kept, err = m.scan(ctx, m.version)
		return err
	}
	m.version = changes.Version
	return m.View(ctx, core.ViewOptions{Version: m.version}, func(r core.Reader) error {
		for _, key := range changes.Keys {
			value, err := r.Get(key)
			if err != nil {
				return err
			}
			if delete(m.kept, string(key)); value != nil {
				m.kept[string(key)] = string(value)
			}
		}
		return nil
	})
}

func (m *mirror) scan(ctx context.Context, version uint64) (map[string]string, error) {
	found := map[string]string{}
	err := m.View(ctx, core.ViewOptions{Version: version}, func(r core.Reader) error {
		clear(found)
		page, err := r.Scan(m.rng)
		for _, item := range page.Items {
			found[string(item.Key)] = string(item.Value)
		}
		return err
	})
	return found, err
}
