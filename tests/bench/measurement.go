//go:build linux

package main

import (
	"context"
	"errors"
	"math"
	"time"
)

// measurement is one run of a cell.
type measurement struct {
	count    int
	rate     float64 // operations a second
	p50, p99 time.Duration
	cpu      time.Duration // of the server, per operation
	resident int64         // bytes of the server at the end
	own      int64         // of those, no pages of mapped files
	// syncs is how often the server waited for the disk, flushes how often the
	// disk emptied its cache, both per operation and NaN when nobody counts.
	syncs, flushes float64
}

// usage is what a server and a disk had used at one time.
type usage struct {
	cpu            time.Duration
	resident, own  int64
	syncs, flushes int64 // -1 when nobody counts
}

// readUsage reads of a server, if there is one, and of a disk.
func readUsage(ctx context.Context, p *process, disk device) (usage, error) {
	u := usage{syncs: -1}
	var err error
	if u.flushes, err = disk.flushes(); errors.Is(err, errNoFlushes) {
		u.flushes, err = -1, nil
	}
	if err != nil || p == nil {
		return u, err
	}
	if u.cpu, err = cpuTime(p.pid()); err != nil {
		return u, err
	}
	if u.resident, err = residentBytes(p.pid(), "VmRSS"); err != nil {
		return u, err
	}
	if u.own, err = residentBytes(p.pid(), "RssAnon"); err != nil {
		return u, err
	}
	if p.syncs != nil {
		if u.syncs, err = p.syncs(ctx); errors.Is(err, errNoMetric) {
			u.syncs, err = -1, nil
		}
	}
	return u, err
}

func newMeasurement(o outcome, before, after usage) measurement {
	each := func(before, after int64) float64 {
		if before < 0 || after < 0 {
			return math.NaN()
		}
		return float64(after-before) / float64(o.count)
	}
	return measurement{
		count:    o.count,
		rate:     float64(o.count) / o.elapsed.Seconds(),
		p50:      percentile(o.latencies, 50),
		p99:      percentile(o.latencies, 99),
		cpu:      (after.cpu - before.cpu) / time.Duration(o.count),
		resident: after.resident,
		own:      after.own,
		syncs:    each(before.syncs, after.syncs),
		flushes:  each(before.flushes, after.flushes),
	}
}

func (m measurement) throughput() float64   { return m.rate }
func (m measurement) median() time.Duration { return m.p50 }
func (m measurement) slow() time.Duration   { return m.p99 }
func (m measurement) work() time.Duration   { return m.cpu }

// durable is the server's own count of syncs per operation, or else the disk's.
func (m measurement) durable() float64 {
	if math.IsNaN(m.syncs) {
		return m.flushes
	}
	return m.syncs
}

// errUnsynced refuses a server that answers before its writes are on disk: beside
// one that waits for the disk its figures say nothing.
var errUnsynced = errors.New("not synced to disk, so nothing is to be compared with it")

// checkSynced refuses a run whose acknowledged writes cannot have been synced: neither
// count may be 0, and one of them has to be there.
func (m measurement) checkSynced() error {
	switch {
	case m.syncs == 0:
		return errors.Join(errUnsynced, errors.New("the server counts not one sync while it acknowledged writes"))
	case m.flushes == 0:
		return errors.Join(errUnsynced, errors.New("the disk counts not one flush while writes were acknowledged"))
	case math.IsNaN(m.syncs) && math.IsNaN(m.flushes):
		return errors.Join(errUnsynced, errors.New("neither the server nor the disk counts syncs: put the binary, and so the data, on a filesystem with a disk"))
	}
	return nil
}
