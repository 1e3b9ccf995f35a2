//go:build linux

// Command bench measures the roster binary as it is shipped: its size, its
// memory and its throughput over REST and SQL beside what the machine itself can do.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// rounds is how often every cell is measured.
const rounds = 3

type options struct {
	bin, out string
	seconds  float64
}

func main() {
	var o options
	flag.StringVar(&o.bin, "bin", "bin/roster", "the binary to measure; its directory holds the data while the bench runs")
	flag.StringVar(&o.out, "out", "docs/benchmarks.md", "the file to write")
	flag.Float64Var(&o.seconds, "seconds", 3, "how long one run of one line takes, 0.1 to 60")
	constant := flag.Int(constantFlag, 0, "for the bench itself: be a server that answers with so many bytes")
	constantSQL := flag.String(constantSQLFlag, "", "for the bench itself: be a server of the answers in this file")
	coalesce := flag.Bool(coalesceFlag, false, "for the bench itself: that server sends an answer at once")
	flag.Parse()
	err := func() error {
		switch {
		case *constant > 0:
			return serveConstant(*constant)
		case *constantSQL != "":
			return serveConstantSQL(*constantSQL, *coalesce)
		}
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		return run(ctx, o, os.Stdout, os.Stderr)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures everything, prints the report and writes it to a file.
func run(ctx context.Context, o options, stdout, progress io.Writer) (err error) {
	if !(o.seconds >= 0.1 && o.seconds <= 60) {
		return fmt.Errorf("-seconds is %v, want 0.1 to 60", o.seconds)
	}
	// A name without a slash would be looked for in PATH.
	if o.bin, err = filepath.Abs(o.bin); err != nil {
		return err
	}
	r := &report{Date: time.Now(), Seconds: o.seconds, Rounds: rounds}
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
	server, err := startRoster(ctx, o.bin, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	if r.Idle, err = idleMemory(ctx, server); err != nil {
		return err
	}
	if err := r.load(ctx, server, dir, progress); err != nil {
		return err
	}
	return r.publish(stdout, o.out)
}

// idleMemory waits until the memory of a server that does nothing stays the same.
func idleMemory(ctx context.Context, server *process) (int64, error) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	return settled(
		func() (int64, error) { return residentBytes(server.pid(), "VmRSS") },
		func() {
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		},
		40)
}

// load measures every cell, round by round.
func (r *report) load(ctx context.Context, server *process, dir string, progress io.Writer) (err error) {
	w, err := newWorkload(ctx, server.addrs[forHTTP])
	if err != nil {
		return err
	}
	questions, err := newQuestions(ctx, server.addrs[forSQL])
	if err != nil {
		return err
	}
	r.ReadBytes, r.HotBytes, r.Questions = w.readBytes, w.hotBytes, questions
	constant, err := startConstant(ctx, w.readBytes)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, constant.stop()) }()

	shipped, err := startConstantSQL(ctx, dir, questions, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shipped.stop()) }()
	coalesced, err := startConstantSQL(ctx, dir, questions, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, coalesced.stop()) }()

	one := newGrid(1, server, constant, w, dir)
	many := newGrid(manyConnections, server, constant, w, dir)
	r.Loads = []*cell{one.read, many.read, one.distinct, many.distinct, one.hot, many.hot}
	r.Limits = []*cell{one.constant, many.constant, one.disk, many.disk}
	var sql []sqlGrid
	for _, q := range questions {
		for _, workers := range []int{1, manyConnections} {
			g := newSQLGrid(q, workers, server, shipped, coalesced)
			sql = append(sql, g)
			r.Loads = append(r.Loads, g.served)
			r.Limits = append(r.Limits, g.ceilings()...)
		}
	}
	for round := range rounds {
		for _, c := range slices.Concat(r.Loads, r.Limits) {
			fmt.Fprintf(progress, "round %d of %d: %s at %d\n", round+1, rounds, c.name, c.workers)
			if err := c.measure(ctx, time.Duration(r.Seconds*float64(time.Second))); err != nil {
				return err
			}
		}
	}
	r.Ratios = slices.Concat(compare(one, many), compareSQL(sql))
	if r.Loaded, err = residentBytes(server.pid(), "VmRSS"); err != nil {
		return err
	}
	if r.LoadedOwn, err = residentBytes(server.pid(), "RssAnon"); err != nil {
		return err
	}
	r.Peak, err = residentBytes(server.pid(), "VmHWM")
	return err
}

// publish prints the report and writes it to a file.
func (r *report) publish(stdout io.Writer, path string) error {
	var page bytes.Buffer
	if err := r.write(&page); err != nil {
		return err
	}
	if err := os.WriteFile(path, page.Bytes(), 0o644); err != nil {
		return err
	}
	_, err := stdout.Write(page.Bytes())
	return err
}
