package storetest

import (
	"fmt"
	"slices"
	"testing"

	"roster/core"
)

// between is the range [start, end).
func between(start, end string) core.Range {
	return core.Range{Start: []byte(start), End: []byte(end)}
}

var scans = []testCase{
	{"a scan returns the range in key order, or from its end down", func(t *testing.T, s *fixture) {
		s.put("c", "3", "a", "1", "e", "5", "b", "2", "d", "4")
		for _, c := range []struct {
			name string
			rng  core.Range
			want []string
		}{
			{"start is in, end is out", between("b", "d"), []string{"b=2", "c=3"}},
			{"bounds between keys", between("aa", "cc"), []string{"b=2", "c=3"}},
			{"no start", core.Range{End: []byte("c")}, []string{"a=1", "b=2"}},
			{"no end", core.Range{Start: []byte("d")}, []string{"d=4", "e=5"}},
			{"everything", core.Range{}, []string{"a=1", "b=2", "c=3", "d=4", "e=5"}},
			{"one key", between("c", "c\x00"), []string{"c=3"}},
			{"before the first", between("A", "a"), []string{}},
			{"after the last", between("f", "z"), []string{}},
			{"between two keys", between("bb", "c"), []string{}},
			{"start is end", between("c", "c"), []string{}},
			{"start after end", between("d", "b"), []string{}},
			{"an end before every key", core.Range{Start: []byte("b"), End: []byte{}}, []string{}},
		} {
			s.view(func(r reader) {
				page := r.scan(c.rng)
				if got := r.walk(c.rng); !slices.Equal(got, c.want) || page.Rest != nil {
					t.Errorf("%s: Scan = %q with rest %v, want %q and no rest", c.name, got, page.Rest, c.want)
				}
				down := slices.Clone(c.want)
				slices.Reverse(down)
				c.rng.Reverse = true
				page = r.scan(c.rng)
				if got := r.walk(c.rng); !slices.Equal(got, down) || page.Rest != nil {
					t.Errorf("%s: reverse Scan = %q with rest %v, want %q and no rest", c.name, got, page.Rest, down)
				}
			})
		}
	}},
	{"a scan of an empty store returns nothing", func(t *testing.T, s *fixture) {
		s.view(func(r reader) {
			for _, reverse := range []bool{false, true} {
				if page := r.scan(core.Range{Reverse: reverse}); len(page.Items) != 0 || page.Rest != nil {
					t.Errorf("Scan = %v, want an empty page", page)
				}
			}
		})
	}},
	{"a scan sees no key outside its range", func(t *testing.T, s *fixture) {
		s.put("p", "out", "p/", "in", "p/\x00", "in", "p/\xff\xff", "in", "p/a", "in", "p0", "out", "p\xff", "out", "o\xff", "out")
		want := []string{"p/=in", "p/\x00=in", "p/a=in", "p/\xff\xff=in"}
		s.view(func(r reader) {
			for limit := range 6 {
				rng := between("p/", "p0")
				rng.Limit = limit
				if got := r.walk(rng); !slices.Equal(got, want) {
					t.Errorf("Scan by %d = %q, want %q", limit, got, want)
				}
				rng.Reverse = true
				got := r.walk(rng)
				slices.Reverse(got)
				if !slices.Equal(got, want) {
					t.Errorf("reverse Scan by %d = %q, want %q", limit, got, want)
				}
			}
		})
	}},
	{"rest leads through a range once, in both directions", func(t *testing.T, s *fixture) {
		const n = 50
		var pairs, want []string
		for i := range n {
			key := fmt.Sprintf("key%02d", i)
			pairs = append(pairs, key, "v")
			want = append(want, key+"=v")
		}
		s.put(pairs...)
		down := slices.Clone(want)
		slices.Reverse(down)
		s.view(func(r reader) {
			for _, limit := range []int{1, 2, 7, n - 1, n, n + 1, core.MaxScan} {
				if got := r.walk(core.Range{Limit: limit}); !slices.Equal(got, want) {
					t.Errorf("Scan by %d = %q", limit, got)
				}
				if got := r.walk(core.Range{Limit: limit, Reverse: true}); !slices.Equal(got, down) {
					t.Errorf("reverse Scan by %d = %q", limit, got)
				}
			}
		})
	}},
	{"rest is there only when more is left", func(t *testing.T, s *fixture) {
		s.put("a", "1", "b", "2", "c", "3", "d", "out")
		s.view(func(r reader) {
			for _, reverse := range []bool{false, true} {
				for limit, more := range map[int]bool{1: true, 2: true, 3: false, 4: false, 0: false} {
					rng := between("a", "d")
					rng.Limit, rng.Reverse = limit, reverse
					page := r.scan(rng)
					want := 3
					if more {
						want = limit
					}
					if len(page.Items) != want || (page.Rest != nil) != more {
						t.Errorf("Scan by %d, reverse %v: %d items with rest %v, want %d and rest: %v",
							limit, reverse, len(page.Items), page.Rest, want, more)
					}
				}
			}
		})
	}},
	{"deleted keys do not count against the limit", func(t *testing.T, s *fixture) {
		s.put("a", "1", "b", "1", "c", "1", "d", "1", "e", "1")
		s.delete("a")
		s.delete("c")
		s.update(func(tx txn) {
			tx.delete("e")
			for _, reverse := range []bool{false, true} {
				page := tx.scan(core.Range{Limit: 2, Reverse: reverse})
				if len(page.Items) != 2 || page.Rest != nil {
					t.Errorf("reverse %v: %d items with rest %v, want 2 and no rest", reverse, len(page.Items), page.Rest)
				}
			}
		})
	}},
	{"rest of a page in an update sees what was written since", func(t *testing.T, s *fixture) {
		s.put("a", "1", "c", "1", "e", "1")
		s.update(func(tx txn) {
			page := tx.scan(core.Range{Limit: 1})
			tx.put("b", "2")
			tx.put("d", "2")
			tx.delete("e")
			if got, want := tx.walk(*page.Rest), []string{"b=2", "c=1", "d=2"}; !slices.Equal(got, want) {
				t.Errorf("the rest holds %q, want %q", got, want)
			}
		})
	}},
	{"no limit means the most a scan may return", func(t *testing.T, s *fixture) {
		const n = core.MaxScan + 1
		key := func(i int) string { return fmt.Sprintf("key%05d", i) }
		var pairs []string
		for i := range n {
			pairs = append(pairs, key(i), "v")
		}
		s.put(pairs...)
		s.view(func(r reader) {
			for _, limit := range []int{0, core.MaxScan} {
				for _, reverse := range []bool{false, true} {
					page := r.scan(core.Range{Limit: limit, Reverse: reverse})
					if len(page.Items) != core.MaxScan || page.Rest == nil {
						t.Fatalf("Scan by %d: %d items with rest %v, want %d and a rest", limit, len(page.Items), page.Rest, core.MaxScan)
					}
					last := r.scan(*page.Rest)
					want := key(n - 1)
					if reverse {
						want = key(0)
					}
					if len(last.Items) != 1 || string(last.Items[0].Key) != want || last.Rest != nil {
						t.Errorf("the rest holds %q with rest %v, want only %q", last.Items, last.Rest, want)
					}
				}
			}
		})
	}},
	{"a limit out of bounds is refused", func(t *testing.T, s *fixture) {
		s.view(func(r reader) {
			for _, limit := range []int{-1, core.MaxScan + 1} {
				_, err := r.Scan(core.Range{Limit: limit})
				wantCode(t, err, core.InvalidArgument)
			}
		})
	}},
	{"slices of a range may be reused once the scan has returned", func(t *testing.T, s *fixture) {
		s.put("a", "1", "b", "2", "c", "3", "d", "4")
		s.view(func(r reader) {
			for reverse, want := range map[bool][]string{false: {"b=2", "c=3"}, true: {"b=2", "a=1"}} {
				start, end := []byte("a"), []byte("d")
				page := r.scan(core.Range{Start: start, End: end, Limit: 1, Reverse: reverse})
				start[0], end[0] = 'X', 'X'
				if got := r.walk(*page.Rest); !slices.Equal(got, want) {
					t.Errorf("reverse %v: the rest holds %q, want %q", reverse, got, want)
				}
			}
		})
	}},
	{"a range may be bounded by keys longer than the longest", func(t *testing.T, s *fixture) {
		long := string(make([]byte, core.MaxKeyBytes))
		s.put(long, "1", "a", "2")
		s.view(func(r reader) {
			if got, want := r.walk(between(long+"\x00", "b")), []string{"a=2"}; !slices.Equal(got, want) {
				t.Errorf("Scan = %q, want %q", got, want)
			}
			if got := len(r.walk(core.Range{End: []byte(long + "\x00"), Reverse: true})); got != 1 {
				t.Errorf("reverse Scan returned %d items, want the longest key", got)
			}
		})
	}},
}
