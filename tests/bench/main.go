//go:build linux

// Command bench measures the roster binary as it is shipped, over REST and SQL, beside
// other stores that do the same work and beside what the machine itself can do.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// options are the flags of whoever runs the bench.
type options struct {
	bin, out string
	seconds  float64
	rounds   int
	full     bool
}

func main() {
	var o options
	flag.StringVar(&o.bin, "bin", "bin/roster", "the binary to measure; its directory holds the data while the bench runs, and etcd")
	flag.StringVar(&o.out, "out", "docs/benchmarks.md", "the file to write; pictures go beside it")
	flag.Float64Var(&o.seconds, "seconds", 2, "how long one run of one line takes, 0.1 to 60")
	flag.IntVar(&o.rounds, "rounds", 3, "how often every line is measured, 1 to 99")
	flag.BoolVar(&o.full, "full", false, "measure how costs grow with sizes too")
	constant := flag.Int(constantFlag, 0, "for the bench itself: be a server that answers with so many bytes")
	constantSQL := flag.String(constantSQLFlag, "", "for the bench itself: be a server of the answers in this file")
	coalesce := flag.Bool(coalesceFlag, false, "for the bench itself: that server sends an answer at once")
	crowd := flag.Int(crowdFlag, 0, "for the bench itself: write so many instances to a new data directory, the argument")
	flag.Parse()
	err := func() error {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		switch {
		case *constant > 0:
			return serveConstant(ctx, *constant)
		case *constantSQL != "":
			return serveConstantSQL(ctx, *constantSQL, *coalesce)
		case *crowd > 0:
			return loadCrowd(ctx, flag.Arg(0), *crowd)
		}
		return run(ctx, o, os.Stdout, os.Stderr)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
