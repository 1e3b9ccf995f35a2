//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// run measures everything, prints the report and writes it to a file.
func run(ctx context.Context, o options, stdout, progress io.Writer) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	// A name without a slash would be looked for in PATH.
	if o.bin, err = filepath.Abs(o.bin); err != nil {
		return err
	}
	r := &report{Date: time.Now(), Seconds: o.seconds, Rounds: o.rounds}
	if r.Binary, err = inspect(o.bin); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(o.bin), "bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if r.Machine, err = describe(dir); err != nil {
		return err
	}
	z := fewSizes
	if o.full {
		z = allSizes
	}
	s, err := startServers(ctx, o, dir, z, progress)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	if err := r.measure(ctx, s, o, z, progress); err != nil {
		return err
	}
	if o.full {
		if err := r.measureNetworked(ctx, o.rounds, progress); err != nil {
			return err
		}
	}
	r.Took = time.Since(r.Date)
	return r.publish(stdout, o.out)
}

func (o options) check() error {
	if !(o.seconds >= 0.1 && o.seconds <= 60) {
		return fmt.Errorf("-seconds is %v, want 0.1 to 60", o.seconds)
	}
	if o.rounds < 1 || o.rounds > 99 {
		return fmt.Errorf("-rounds is %d, want 1 to 99", o.rounds)
	}
	return nil
}

// measure makes up the work, measures all of it round by round, and judges.
func (r *report) measure(ctx context.Context, s *servers, o options, z sizes, progress io.Writer) error {
	reading, writing, hot, moving, listing := newReading(s), newWriting(s), newHotWriting(s), newMoving(s), newListing(s)
	r.Works = []*work{reading.work, writing.work, hot.work, moving.work, listing.work}
	nodes, err := newNodeGrowth(ctx, s, z)
	if err != nil {
		return err
	}
	instances := newInstanceGrowth(s, z)
	r.Sweeps = []*sweep{nodes, instances}
	if o.full {
		clusters, err := newClusterGrowth(ctx, s, z)
		if err != nil {
			return err
		}
		r.Sweeps = append(r.Sweeps, clusters, newConnectionGrowth(s, z))
	}
	disk, err := deviceOf(s.dir)
	if err != nil && !errors.Is(err, errNoFlushes) {
		return err
	}
	for round := range o.rounds {
		for _, c := range r.cells() {
			if _, err := fmt.Fprintf(progress, "round %d of %d: %s\n", round+1, o.rounds, c.title()); err != nil {
				return err
			}
			if err := c.measure(ctx, disk, time.Duration(o.seconds*float64(time.Second))); err != nil {
				return err
			}
		}
	}
	if err := r.weigh(s); err != nil {
		return err
	}
	j := &r.Judgement
	reading.judge(j)
	writing.judge(j)
	hot.judge(j)
	moving.judge(j)
	listing.judge(j)
	nodes.judgeNodes(j)
	instances.judgeInstances(j)
	r.judgeSizes(j, s.idle)
	r.Missing = s.missing
	r.Versions, err = s.versions(ctx)
	return err
}

// measureNetworked does without a bed that does not run here, and says so.
func (r *report) measureNetworked(ctx context.Context, rounds int, progress io.Writer) error {
	if _, err := fmt.Fprintln(progress, "over TiKV"); err != nil {
		return err
	}
	all, err := runNetworked(ctx, rounds)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		r.Missing = append(r.Missing, "Roster over TiKV")
		_, err = fmt.Fprintln(progress, "without", err)
		return err
	}
	r.Networked = all
	for _, n := range all {
		n.judge(&r.Judgement)
	}
	return nil
}

func (r *report) cells() (all []*cell) {
	for _, w := range r.Works {
		all = append(all, w.cells...)
	}
	for _, s := range r.Sweeps {
		all = append(all, s.cells()...)
	}
	return all
}
