//go:build linux

package main

import (
	"slices"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		name   string
		values []float64
		want   float64
	}{
		{"is 0 of none", nil, 0},
		{"is the only value", []float64{7}, 7},
		{"is the middle of values in any order", []float64{9, 1, 5}, 5},
		{"is between the two in the middle", []float64{4, 1, 100, 2}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			given := slices.Clone(c.values)
			if got := median(c.values); got != c.want {
				t.Errorf("median(%v) = %v, want %v", given, got, c.want)
			}
			if !slices.Equal(given, c.values) {
				t.Errorf("median changed its argument to %v", c.values)
			}
		})
	}
}

func TestPercentile(t *testing.T) {
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = i + 1
	}
	for _, c := range []struct {
		name   string
		values []int
		p      int
		want   int
	}{
		{"is 0 of none", nil, 50, 0},
		{"is the only value", []int{3}, 99, 3},
		{"takes the lower of two at 50", []int{1, 2}, 50, 1},
		{"takes the second of three at 50", []int{1, 2, 3}, 50, 2},
		{"takes the most of few at 99", []int{1, 2, 3}, 99, 3},
		{"has half of a hundred below or equal", hundred, 50, 50},
		{"leaves one of a hundred above", hundred, 99, 99},
		{"is the least at 0", hundred, 0, 1},
		{"is the most at 100", hundred, 100, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := percentile(c.values, c.p); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestSamples(t *testing.T) {
	fill := func(n int) *samples {
		s := newSamples()
		for i := range n {
			s.add(time.Duration(i))
		}
		return s
	}
	t.Run("keeps every value while there is room", func(t *testing.T) {
		s := fill(maxSamples)
		if s.stride != 1 || s.count != maxSamples || len(s.values) != maxSamples {
			t.Errorf("stride %d, count %d, %d values", s.stride, s.count, len(s.values))
		}
	})
	t.Run("stays bounded and evenly spread beyond", func(t *testing.T) {
		n := 5*maxSamples + 3
		s := fill(n)
		if s.stride != 8 || s.count != n || len(s.values) > maxSamples {
			t.Fatalf("stride %d, count %d, %d values", s.stride, s.count, len(s.values))
		}
		for i, v := range s.values {
			if v != time.Duration(i*8) {
				t.Fatalf("value %d is %d, want %d", i, v, i*8)
			}
		}
		if len(s.values) != (n+7)/8 {
			t.Errorf("%d values, want %d", len(s.values), (n+7)/8)
		}
	})
	t.Run("merges connections with equal weight", func(t *testing.T) {
		busy, calm := fill(maxSamples+1), fill(100)
		got := merge([]*samples{busy, calm})
		if want := maxSamples/2 + 1 + 50; len(got) != want {
			t.Errorf("%d values, want %d", len(got), want)
		}
		if !slices.IsSorted(got) {
			t.Error("not in order")
		}
	})
}
