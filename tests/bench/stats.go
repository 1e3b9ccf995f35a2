//go:build linux

package main

import (
	"cmp"
	"slices"
	"time"
)

// number is what can be ordered and averaged.
type number interface{ ~int64 | ~float64 }

// median is the middle value, or the mean of the two in the middle; 0 of none.
func median[T number](values []T) T {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// percentile is the smallest of the sorted values that at least p per cent of
// them do not exceed; 0 of none.
func percentile[T cmp.Ordered](sorted []T, p int) T {
	if len(sorted) == 0 {
		var zero T
		return zero
	}
	rank := (len(sorted)*p + 99) / 100
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// maxSamples bounds the latencies one connection keeps.
const maxSamples = 1 << 16

// samples are the latencies of one connection: all of them, or every stride-th
// once they have become too many. stride is a power of two.
type samples struct {
	values []time.Duration
	stride int
	count  int
}

func newSamples() *samples {
	return &samples{values: make([]time.Duration, 0, maxSamples), stride: 1}
}

func (s *samples) add(d time.Duration) {
	if s.count%s.stride == 0 {
		if len(s.values) == maxSamples {
			s.values = thin(s.values, 2)
			s.stride *= 2
		}
		s.values = append(s.values, d)
	}
	s.count++
}

// thin keeps every step-th value, in place.
func thin(values []time.Duration, step int) []time.Duration {
	kept := (len(values) + step - 1) / step
	for i := range kept {
		values[i] = values[i*step]
	}
	return values[:kept]
}

// merge returns the latencies of several connections in order, each connection
// thinned to the widest stride so that all weigh the same.
func merge(all []*samples) []time.Duration {
	widest := 1
	for _, s := range all {
		widest = max(widest, s.stride)
	}
	var merged []time.Duration
	for _, s := range all {
		merged = append(merged, thin(s.values, widest/s.stride)...)
	}
	slices.Sort(merged)
	return merged
}
