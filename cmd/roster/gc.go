package main

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"roster/core"
	"roster/tikvstore"
)

const (
	// gcTTL is how long after a leader was last heard of another may collect.
	gcTTL = 30 * time.Second
	// maxGCInterval is the longest pause between two collections.
	maxGCInterval = 10 * time.Minute
	// slowCollection is when the log says that a collection does not end. Two
	// minutes of one pass by waiting.
	slowCollection = 5 * time.Minute
)

// garbage is what Collect of a tikvstore.Store drops.
type garbage interface {
	Collect(ctx context.Context, retention time.Duration, confirm func(context.Context) error) (uint64, error)
}

// collector lets TiKV drop old versions, again and again while this server is the
// one of all that does.
type collector struct {
	garbage             garbage
	retention, interval time.Duration
	// patience is how long a collection may take before the log says so.
	patience time.Duration
	log      *logrus.Logger
	// leads says that this server is the one, and begun since when a collection
	// is under way: nanoseconds since 1970, 0 if none is.
	leads atomic.Bool
	begun atomic.Int64

	collections *prometheus.CounterVec
	safePoint   prometheus.Gauge
}

func newCollector(from garbage, retention time.Duration, log *logrus.Logger, registry prometheus.Registerer) *collector {
	c := &collector{
		garbage: from, retention: retention, log: log, patience: slowCollection,
		interval: max(min(retention, maxGCInterval), tikvstore.MinRetention),
		collections: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roster_gc_collections_total", Help: "Collections of garbage that this server has ended, by result: collected, nothing, lost or failed.",
		}, []string{"result"}),
		safePoint: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "roster_gc_safe_point_seconds", Help: "Unix time before which this server has let old versions go, 0 before its first collection.",
		}),
	}
	registry.MustRegister(c.collections, c.safePoint,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "roster_gc_leader", Help: "1 while this server is the one that collects garbage.",
		}, func() float64 {
			if c.leads.Load() {
				return 1
			}
			return 0
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "roster_gc_collection_seconds", Help: "How long the collection under way has lasted, 0 when none is.",
		}, func() float64 {
			if begun := c.begun.Load(); begun != 0 {
				return time.Since(time.Unix(0, begun)).Seconds()
			}
			return 0
		}))
	return c
}

// run collects whenever this server has the lease, until ctx ends.
func (c *collector) run(ctx context.Context, lease *core.Lease) {
	failed := func(err error) {
		c.log.WithError(err).Debug("could not renew the lease of garbage collection, will try again")
	}
	lease.Hold(ctx, failed, func(ctx context.Context, term core.Term) {
		c.leads.Store(true)
		defer c.leads.Store(false)
		log := c.log.WithField("term", term.Number)
		log.Info("this server collects garbage from now on")
		tick := time.NewTicker(c.interval)
		defer tick.Stop()
		for c.collect(ctx, log, term) {
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
		}
		if errors.Is(context.Cause(ctx), core.ErrLeaseLost) {
			log.Warn("stopped collecting garbage: the lease to do so was lost")
		}
	})
}

// collect is one collection. It is false when the term is over.
func (c *collector) collect(ctx context.Context, log *logrus.Entry, term core.Term) bool {
	if ctx.Err() != nil {
		return false
	}
	begun := time.Now()
	c.begun.Store(begun.UnixNano())
	defer c.begun.Store(0)
	slow := time.AfterFunc(c.patience, func() {
		log.WithField("begun", begun.UTC()).Warn("a collection of garbage does not end: old versions stay, requests are served as ever")
	})
	defer slow.Stop()
	log.Info("collecting garbage")
	safePoint, err := c.garbage.Collect(ctx, c.retention, term.Confirm)
	result := "nothing"
	switch {
	case errors.Is(err, core.ErrLeaseLost), errors.Is(context.Cause(ctx), core.ErrLeaseLost):
		result = "lost"
		log.Warn("ended a collection of garbage before its time: the lease to do so was lost")
	case ctx.Err() != nil:
		result = "failed"
		log.Info("ended a collection of garbage before its time: the server stops")
	case errors.Is(err, tikvstore.ErrForeignGC):
		log.WithError(err).Warn("not collecting garbage: set tikv-gc to off on every server")
	case err != nil:
		result = "failed"
		log.WithError(err).Warn("could not collect garbage, will try again")
	case safePoint != 0:
		result = "collected"
		c.safePoint.Set(float64(core.VersionTime(safePoint).Unix()))
		log.WithField("safe_point", core.VersionTime(safePoint).UTC()).Info("collected garbage")
	default:
		log.Info("there was no garbage to collect")
	}
	c.collections.WithLabelValues(result).Inc()
	return result != "lost" && ctx.Err() == nil
}
