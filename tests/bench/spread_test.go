//go:build linux

package main

import (
	"testing"
	"time"
)

// runsAt makes a cell of runs with the rates given.
func runsAt(name string, workers int, rates ...float64) *cell {
	c := &cell{name: name, workers: workers}
	for i, rate := range rates {
		c.runs = append(c.runs, measurement{
			rate: rate, p50: time.Duration(i+1) * time.Microsecond, p99: time.Duration(i+1) * 10 * time.Millisecond,
			cpu: time.Duration(i+1) * 100 * time.Microsecond, resident: int64(i+1) * 10_000_000, syncs: float64(i+1) / 100,
		})
	}
	return c
}

func TestRatio(t *testing.T) {
	got := ratio(runsAt("a", 1, 50, 200, 30), runsAt("b", 1, 100, 100, 100))
	if want := (spread{median: 0.5, least: 0.3, most: 2}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	t.Run("compares runs of the same round", func(t *testing.T) {
		got := ratio(runsAt("a", 1, 10, 20, 40), runsAt("b", 1, 20, 40, 80))
		if want := (spread{median: 0.5, least: 0.5, most: 0.5}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}
