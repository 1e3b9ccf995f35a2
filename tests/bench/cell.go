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
	// of is the id of the work it belongs to, if it does.
	of      string
	name    string
	workers int
	open    opener
	// server is whose CPU time, memory and syncs are counted; nil for none.
	server *process
	// synced says that every operation is to be on disk when it is answered.
	synced bool
	runs   []measurement
}

// grace is what operations may take longer than a run.
const grace = 20 * time.Second

// measure runs the cell once, after a tenth of the time for warming up.
func (c *cell) measure(ctx context.Context, disk device, d time.Duration) (err error) {
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
	before, err := readUsage(ctx, c.server, disk)
	if err != nil {
		return err
	}
	o, err := drive(ctx, operations, d)
	if err != nil {
		return err
	}
	after, err := readUsage(ctx, c.server, disk)
	if err != nil {
		return err
	}
	m := newMeasurement(o, before, after)
	if c.synced {
		if err := m.checkSynced(); err != nil {
			return err
		}
	}
	c.runs = append(c.runs, m)
	return nil
}
