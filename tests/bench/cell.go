//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// cell is one line of a table: a load at a number of connections or writers,
// measured several times.
type cell struct {
	name    string
	workers int
	// open prepares one run for the given number of workers. The time it will
	// take at most bounds whatever the operations wait for.
	open func(ctx context.Context, workers int, limit time.Duration) ([]operation, func() error, error)
	// server is whose CPU time is counted; nil for none.
	server *process
	runs   []measurement
}

// measurement is one run of a cell.
type measurement struct {
	count    int
	rate     float64 // operations a second
	p50, p99 time.Duration
	cpu      time.Duration // of the server, per operation
}

// grace is what operations may take longer than a run.
const grace = 20 * time.Second

// measure runs the cell once, after a tenth of the time for warming up.
func (c *cell) measure(ctx context.Context, d time.Duration) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s at %d: %w", c.name, c.workers, err)
		}
	}()
	operations, closeAll, err := c.open(ctx, c.workers, d+d/10+grace)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll()) }()
	if _, err := drive(ctx, operations, d/10); err != nil {
		return err
	}
	before, err := c.cpuTime()
	if err != nil {
		return err
	}
	o, err := drive(ctx, operations, d)
	if err != nil {
		return err
	}
	after, err := c.cpuTime()
	if err != nil {
		return err
	}
	c.runs = append(c.runs, measurement{
		count: o.count,
		rate:  float64(o.count) / o.elapsed.Seconds(),
		p50:   percentile(o.latencies, 50),
		p99:   percentile(o.latencies, 99),
		cpu:   (after - before) / time.Duration(o.count),
	})
	return nil
}

func (c *cell) cpuTime() (time.Duration, error) {
	if c.server == nil {
		return 0, nil
	}
	return cpuTime(c.server.pid())
}

// overHTTP is a cell whose workers are connections to a server, each playing a
// script of its own.
func overHTTP(name string, workers int, server *process, scripts []*script) *cell {
	open := func(ctx context.Context, workers int, limit time.Duration) ([]operation, func() error, error) {
		var clients []*client
		closeAll := func() (err error) {
			for _, c := range clients {
				err = errors.Join(err, c.close())
			}
			return err
		}
		var operations []operation
		for _, s := range scripts[:workers] {
			c, err := dial(ctx, server.addrs[forHTTP], limit)
			if err != nil {
				return nil, nil, errors.Join(err, closeAll())
			}
			clients = append(clients, c)
			operations = append(operations, func() error { return s.play(c) })
		}
		return operations, closeAll, nil
	}
	return &cell{name: name, workers: workers, server: server, open: open}
}

// toDisk is a cell whose workers append to one file below dir.
func toDisk(name string, workers int, dir string) *cell {
	open := func(_ context.Context, workers int, _ time.Duration) ([]operation, func() error, error) {
		a, err := newAppender(dir, workers)
		if err != nil {
			return nil, nil, err
		}
		var operations []operation
		for range workers {
			operations = append(operations, a.writer())
		}
		return operations, a.close, nil
	}
	return &cell{name: name, workers: workers, open: open}
}

// spread is the median of several runs with the least and the most.
type spread struct{ median, least, most float64 }

func spreadOf(values []float64) spread {
	s := spread{median: median(values)}
	for i, v := range values {
		if i == 0 {
			s.least, s.most = v, v
		}
		s.least, s.most = min(s.least, v), max(s.most, v)
	}
	return s
}

func (c *cell) rate() spread {
	var rates []float64
	for _, run := range c.runs {
		rates = append(rates, run.rate)
	}
	return spreadOf(rates)
}

// durations is the median over the runs of a duration of each.
func (c *cell) durations(of func(measurement) time.Duration) time.Duration {
	var all []time.Duration
	for _, run := range c.runs {
		all = append(all, of(run))
	}
	return median(all)
}

// ratio compares two cells run by run: those of the same round had the same
// weather.
func ratio(of, to *cell) spread {
	var ratios []float64
	for i, run := range of.runs[:min(len(of.runs), len(to.runs))] {
		ratios = append(ratios, run.rate/to.runs[i].rate)
	}
	return spreadOf(ratios)
}
