//go:build linux

package main

import (
	"errors"
	"math"
	"testing"
	"time"
)

func TestMeasurementIsPerOperation(t *testing.T) {
	m := newMeasurement(outcome{count: 10, elapsed: 2 * time.Second, latencies: []time.Duration{1, 2, 3}},
		usage{cpu: time.Second, syncs: 5, flushes: 100}, usage{cpu: 2 * time.Second, syncs: 25, flushes: 105, resident: 7, own: 3})
	want := measurement{count: 10, rate: 5, p50: 2, p99: 3, cpu: 100 * time.Millisecond, resident: 7, own: 3, syncs: 2, flushes: 0.5}
	if m != want {
		t.Errorf("got %+v, want %+v", m, want)
	}
}

func TestDurableIsTheServersCountOrTheDisks(t *testing.T) {
	count := func(syncs, flushes int64) float64 {
		return newMeasurement(outcome{count: 2, elapsed: 1}, usage{}, usage{syncs: syncs, flushes: flushes}).durable()
	}
	if got := count(4, 6); got != 2 {
		t.Errorf("got %v, want the server's 2", got)
	}
	if got := count(-1, 6); got != 3 {
		t.Errorf("got %v, want the disk's 3", got)
	}
	if got := count(-1, -1); !math.IsNaN(got) {
		t.Errorf("got %v, want none", got)
	}
}

func TestUnsyncedWritesAreRefused(t *testing.T) {
	none := math.NaN()
	for name, c := range map[string]struct {
		syncs, flushes float64
		refused        bool
	}{
		"both count":                        {0.5, 0.5, false},
		"the server alone counts":           {0.5, none, false},
		"the disk alone counts":             {none, 0.01, false},
		"the server synced nothing":         {0, 0.5, true},
		"the server synced, not the disk":   {0.5, 0, true},
		"the disk was not asked for a sync": {none, 0, true},
		"nobody counts":                     {none, none, true},
	} {
		if err := (measurement{syncs: c.syncs, flushes: c.flushes}).checkSynced(); errors.Is(err, errUnsynced) != c.refused {
			t.Errorf("%s: %v, want a refusal: %v", name, err, c.refused)
		}
	}
}
