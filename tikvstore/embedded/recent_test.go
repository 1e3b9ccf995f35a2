package embedded

import "testing"

func TestRecent(t *testing.T) {
	r := newRecent()
	r.add([]uint64{1, 2}, 10)
	r.add([]uint64{2, 3}, 20)
	check := func(key, since, by uint64, lost bool) {
		t.Helper()
		if gotBy, gotLost := r.conflict([]uint64{99, key}, since); gotBy != by || gotLost != lost {
			t.Errorf("conflict of key %d since %d = %d, %v, want %d, %v", key, since, gotBy, gotLost, by, lost)
		}
	}
	check(1, 9, 10, true)
	check(1, 10, 0, false)
	check(2, 10, 20, true)
	check(2, 20, 0, false)
	check(4, 0, 0, false)

	r.prune(10)
	check(2, 10, 20, true)
	check(3, 10, 20, true)
	check(1, 10, 0, false)
	check(4, 9, 0, true) // what happened before 10 is not known any more
	if len(r.latest) != 2 || len(r.order) != 2 {
		t.Errorf("%d keys and %d touches are left, want the 2 of version 20", len(r.latest), len(r.order))
	}
}

func TestRecentIsBounded(t *testing.T) {
	r := newRecent()
	for v := uint64(1); v <= 2*maxRecent; v++ {
		r.add([]uint64{v}, v)
		if len(r.order) > r.pruneAt {
			r.prune(0)
		}
	}
	if len(r.order) > maxRecent+pruneStep {
		t.Errorf("%d touches are kept, want at most %d", len(r.order), maxRecent+pruneStep)
	}
	if _, lost := r.conflict([]uint64{1}, 0); !lost {
		t.Error("a transaction older than what is known does not lose")
	}
	if _, lost := r.conflict([]uint64{1}, 2*maxRecent); lost {
		t.Error("a transaction after everything loses")
	}
}
