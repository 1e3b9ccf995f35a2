package main

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"roster/core"
	"roster/tikvstore/embedded"
)

// observedStore counts and times what a store does.
type observedStore struct {
	core.Store
	commits            prometheus.Counter
	conflicts          prometheus.Counter
	undetermined       prometheus.Counter
	view, read, update prometheus.Observer
}

func observe(store core.Store, registry prometheus.Registerer) *observedStore {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "roster_store_seconds", Help: "Time of store calls, retries included.",
		Buckets: prometheus.ExponentialBuckets(0.0001, 4, 9),
	}, []string{"call"})
	o := &observedStore{
		Store:        store,
		commits:      prometheus.NewCounter(prometheus.CounterOpts{Name: "roster_store_commits_total", Help: "Transactions that ended well, with or without writes."}),
		conflicts:    prometheus.NewCounter(prometheus.CounterOpts{Name: "roster_store_conflicts_total", Help: "Tries of transactions that lost to another writer and ran again."}),
		undetermined: prometheus.NewCounter(prometheus.CounterOpts{Name: "roster_store_undetermined_total", Help: "Commits whose outcome the store could not tell."}),
		view:         seconds.WithLabelValues("view"),
		read:         seconds.WithLabelValues("read"),
		update:       seconds.WithLabelValues("update"),
	}
	registry.MustRegister(o.commits, o.conflicts, o.undetermined, seconds)
	return o
}

func (o *observedStore) View(ctx context.Context, opts core.ViewOptions, fn func(core.Reader) error) error {
	defer observeSince(o.view, time.Now())
	return o.Store.View(ctx, opts, fn)
}

func (o *observedStore) Read(ctx context.Context, keys ...[]byte) ([][]byte, error) {
	defer observeSince(o.read, time.Now())
	return o.Store.Read(ctx, keys...)
}

func (o *observedStore) Update(ctx context.Context, fn func(core.Txn) error) error {
	defer observeSince(o.update, time.Now())
	tries := 0
	err := o.Store.Update(ctx, func(tx core.Txn) error {
		tries++
		return fn(tx)
	})
	o.conflicts.Add(float64(max(tries-1, 0)))
	switch core.CodeOf(err) {
	case core.OK:
		o.commits.Inc()
	case core.Undetermined:
		o.undetermined.Inc()
	}
	return err
}

func observeSince(to prometheus.Observer, start time.Time) { to.Observe(time.Since(start).Seconds()) }

// observeSyncs shows how often the embedded store waited for its disk.
func observeSyncs(store *embedded.Store, registry prometheus.Registerer) {
	registry.MustRegister(prometheus.NewCounterFunc(
		prometheus.CounterOpts{Name: "roster_store_syncs_total", Help: "Waits of the embedded store for its disk on behalf of writes; one serves all commits that waited together."},
		func() float64 { return float64(store.Stats().Syncs) },
	))
}
