package main

import (
	"context"
	"errors"
	"io"
	"maps"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"
	logtest "github.com/sirupsen/logrus/hooks/test"

	"roster/core"
)

// scripted is garbage whose collection a test ends.
type scripted func(ctx context.Context) (uint64, error)

func (s scripted) Collect(ctx context.Context, _ time.Duration, _ func(context.Context) error) (uint64, error) {
	return s(ctx)
}

func testCollector(collect scripted) (*collector, *prometheus.Registry, *logtest.Hook) {
	log := logrus.New()
	log.SetOutput(io.Discard)
	hook, registry := logtest.NewLocal(log), prometheus.NewRegistry()
	return newCollector(collect, time.Hour, log, registry), registry, hook
}

// metrics are the values in a registry by name, and by label where there is one.
func metrics(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]float64{}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			name := family.GetName()
			for _, label := range m.GetLabel() {
				name += " " + label.GetValue()
			}
			found[name] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return found
}

func TestCollectionsAreCountedByResult(t *testing.T) {
	reached := core.VersionAt(time.Unix(1000, 0))
	for result, c := range map[string]struct {
		safePoint uint64
		err       error
		goesOn    bool
	}{
		"collected": {reached, nil, true},
		"nothing":   {0, nil, true},
		"failed":    {0, errors.New("PD is away"), true},
		"lost":      {0, core.ErrLeaseLost, false},
	} {
		t.Run(result, func(t *testing.T) {
			gc, registry, _ := testCollector(func(context.Context) (uint64, error) { return c.safePoint, c.err })
			if got := gc.collect(t.Context(), gc.log.WithField("term", 1), core.Term{}); got != c.goesOn {
				t.Errorf("it goes on: %t, want %t", got, c.goesOn)
			}
			want := map[string]float64{
				"roster_gc_collections_total " + result: 1, "roster_gc_safe_point_seconds": float64(c.safePoint>>18) / 1000,
				"roster_gc_leader": 0, "roster_gc_collection_seconds": 0,
			}
			if got := metrics(t, registry); !maps.Equal(got, want) {
				t.Errorf("the metrics are %v, want %v", got, want)
			}
		})
	}
}

// TestACollectionThatStalls: the log says so, and the stop of the server ends it.
func TestACollectionThatStalls(t *testing.T) {
	warned := make(chan struct{})
	gc, registry, hook := testCollector(func(ctx context.Context) (uint64, error) {
		<-ctx.Done()
		return 0, context.Cause(ctx)
	})
	gc.patience = time.Millisecond
	var once atomic.Bool
	gc.log.AddHook(onWarning(func() {
		if !once.Swap(true) {
			close(warned)
		}
	}))
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan bool)
	go func() { done <- gc.collect(ctx, gc.log.WithField("term", 7), core.Term{}) }()
	<-warned
	if metrics(t, registry)["roster_gc_collection_seconds"] <= 0 {
		t.Error("no collection is under way")
	}
	stop()
	if <-done {
		t.Error("it goes on after a stop")
	}
	if lasted := metrics(t, registry)["roster_gc_collection_seconds"]; lasted != 0 {
		t.Errorf("a collection is under way after a stop, for %vs", lasted)
	}
	warnings := 0
	for _, entry := range hook.AllEntries() {
		if entry.Level == logrus.WarnLevel {
			warnings++
		}
	}
	if warnings != 1 {
		t.Errorf("%d warnings, want the one that it does not end", warnings)
	}
}

// onWarning calls a function at every warning in a log.
type onWarning func()

func (onWarning) Levels() []logrus.Level { return []logrus.Level{logrus.WarnLevel} }

func (f onWarning) Fire(*logrus.Entry) error { f(); return nil }
