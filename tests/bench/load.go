//go:build linux

package main

import (
	"context"
	"sync"
	"time"
)

// operation does one unit of work and waits for its outcome.
type operation func() error

// outcome is what a number of operations, repeated side by side, came to.
type outcome struct {
	count     int
	elapsed   time.Duration
	latencies []time.Duration // in order
}

// drive repeats each operation on a goroutine of its own for the time given.
// The first error stops all of them.
func drive(ctx context.Context, operations []operation, d time.Duration) (outcome, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	all := make([]*samples, len(operations))
	for i := range all {
		all[i] = newSamples()
	}
	var wg sync.WaitGroup
	start := time.Now()
	for i, op := range operations {
		wg.Go(func() {
			if err := repeat(ctx, op, start.Add(d), all[i]); err != nil {
				stop(err)
			}
		})
	}
	wg.Wait()
	o := outcome{elapsed: time.Since(start)}
	if ctx.Err() != nil {
		return o, context.Cause(ctx)
	}
	for _, s := range all {
		o.count += s.count
	}
	o.latencies = merge(all)
	return o, nil
}

// repeat starts the operation until the deadline and at least once.
func repeat(ctx context.Context, op operation, deadline time.Time, s *samples) error {
	for before := time.Now(); ctx.Err() == nil; {
		if err := op(); err != nil {
			return err
		}
		after := time.Now()
		s.add(after.Sub(before))
		if !after.Before(deadline) {
			break
		}
		before = after
	}
	return nil
}
