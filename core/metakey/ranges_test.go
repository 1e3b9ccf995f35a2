package metakey

import (
	"bytes"
	"math"
	"testing"
)

func TestPrefixEnd(t *testing.T) {
	tests := []struct{ prefix, end string }{
		{"a", "b"},
		{"a\xff", "b"},
		{"a\xfe", "a\xff"},
		{"\x01\xff\xff", "\x02"},
	}
	for _, test := range tests {
		if end := PrefixEnd([]byte(test.prefix)); string(end) != test.end {
			t.Errorf("prefix %x ends at %x, want %x", test.prefix, end, test.end)
		}
	}
	for _, prefix := range []string{"", "\xff", "\xff\xff"} {
		if end := PrefixEnd([]byte(prefix)); end != nil {
			t.Errorf("prefix %x ends at %x, want no end", prefix, end)
		}
	}
}

func covers(start, end, key []byte) bool {
	return bytes.Compare(start, key) <= 0 && bytes.Compare(key, end) < 0
}

func statsCounter(instanceID string, tabletID int64, counter string) []byte {
	return appendString(StatsTablet(instanceID, 1, 2, 3, tabletID), counter)
}

// FuzzRangesHoldTheirOwnKeysOnly takes two instances: every range of one holds
// its keys, whatever the rest of them is, and none of the other's.
func FuzzRangesHoldTheirOwnKeysOnly(f *testing.F) {
	f.Add("i", "i1", "x", int64(1))
	f.Add("", "\x00", "\x00", int64(0))
	f.Add("a", "a\x00", "\xff", int64(math.MaxInt64))
	f.Add("a\x00", "a\x00\xff", "", int64(-1))
	f.Add("a\xff", "a\xff\xff", "\xff\xff", int64(math.MinInt64))
	f.Fuzz(func(t *testing.T, mine, other, rest string, n int64) {
		type rangeFunc func(instanceID string) (start, end []byte)
		type keyFunc func(instanceID string) []byte
		counters := func(id string) ([]byte, []byte) { return StatsCounters(id, 1, 2, 3, 4) }
		perInstance := []struct {
			name   string
			bounds rangeFunc
			key    keyFunc
		}{
			{"history", HistoryRange, func(id string) []byte { return History(id, uint64(n), n) }},
			{"storage vaults", StorageVaultRange, func(id string) []byte { return StorageVault(id, rest) }},
			{"counters", counters, func(id string) []byte { return statsCounter(id, 4, rest) }},
		}
		for _, r := range perInstance {
			start, end := r.bounds(mine)
			if !covers(start, end, r.key(mine)) {
				t.Errorf("%s of %q misses its own key %x", r.name, mine, r.key(mine))
			}
			if mine != other && covers(start, end, r.key(other)) {
				t.Errorf("%s of %q covers %x of %q", r.name, mine, r.key(other), other)
			}
		}

		start, end := counters(mine)
		for _, key := range [][]byte{StatsTablet(mine, 1, 2, 3, 4), statsCounter(mine, 5, rest), statsCounter(mine, 3, rest)} {
			if covers(start, end, key) {
				t.Errorf("counters of tablet 4 cover %x", key)
			}
		}

		everyInstance := []struct {
			name   string
			bounds func() (start, end []byte)
			key    []byte
		}{
			{"instances", InstanceRange, Instance(mine)},
			{"all history", AllHistoryRange, History(mine, uint64(n), n)},
			{"requests", RequestRange, Request(rest)},
		}
		for i, r := range everyInstance {
			start, end := r.bounds()
			for j, other := range everyInstance {
				if got := covers(start, end, other.key); got != (i == j) {
					t.Errorf("%s cover key %x of %s: %t", r.name, other.key, other.name, got)
				}
			}
		}
	})
}
