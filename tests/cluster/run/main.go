// Command run gives a command a TiKV cluster: it starts one on loopback, names
// its PD servers to the command in ROSTER_PD, and ends it with the command. The
// command has no standard input; what it has started ends with it.
// Without a command it keeps the cluster until an interrupt. When ROSTER_PD
// names a cluster already, the command gets that one.
//
//	go run ./tests/cluster/run [flags] [-- COMMAND ARGUMENT...]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/pingcap/log"
	"go.uber.org/zap/zapcore"

	"roster/tests/cluster"
	"roster/tests/cluster/command"
)

// endLimit bounds the end of what the command has started.
const endLimit = 30 * time.Second

func main() {
	log.SetLevel(zapcore.FatalLevel) // client-go's; its errors are returned too
	ctx, stop := command.Context()
	err := run(ctx)
	stop()
	var failed *exec.ExitError
	switch {
	case err == nil:
	case errors.As(err, &failed) && failed.ExitCode() > 0:
		fmt.Fprintln(os.Stderr, "run:", err)
		os.Exit(failed.ExitCode())
	default:
		fmt.Fprintln(os.Stderr, "run:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	pds := flag.Int("pds", 1, "how many PD servers")
	stores := flag.Int("stores", 1, "how many stores")
	every := flag.Duration("split-every", 0, "how often to split a region while the command runs; 0 is never")
	prefix := flag.String("split-prefix", "roster", "keys to split at begin with this")
	flag.Parse()
	args := flag.Args()

	if addrs := os.Getenv("ROSTER_PD"); addrs != "" {
		if len(args) == 0 {
			return fmt.Errorf("ROSTER_PD names the cluster %s: there is none to start; unset it, or give a command", addrs)
		}
		return execute(ctx, args, strings.Split(addrs, ","), *every, *prefix)
	}
	dir, err := os.MkdirTemp("", "roster-cluster-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("%w (the cluster's logs are in %s)", err, dir)
		} else {
			err = os.RemoveAll(dir)
		}
	}()
	began := time.Now()
	c, err := cluster.Start(ctx, cluster.Options{PDs: *pds, Stores: *stores, Dir: dir})
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, c.Close())
		again := c.Revivals()
		for _, one := range again {
			fmt.Fprintln(os.Stderr, "run:", one)
		}
		fmt.Fprintln(os.Stderr, "run: restarts of stores:", len(again))
	}()
	fmt.Fprintf(os.Stderr, "run: %d PD and %d store ready after %.1fs, logs in %s\n", *pds, *stores, time.Since(began).Seconds(), dir)
	if len(args) == 0 {
		stay(ctx, strings.Join(c.PDAddrs(), ","))
		return nil
	}
	return execute(ctx, args, c.PDAddrs(), *every, *prefix)
}

// stay keeps the cluster for a developer.
func stay(ctx context.Context, pds string) {
	fmt.Printf(`PD listens on %s

  head -c 32 /dev/urandom | base64 | sed 's/^/1:/' > keys.txt
  bin/roster serve --store tikv --pd %[1]s --key-file keys.txt
  ROSTER_PD=%[1]s go test ./tikvstore ./tests/conformance

Interrupt (Ctrl-C) to end the cluster and remove its data.
`, pds)
	<-ctx.Done()
}

// execute runs the command with the cluster, and splits regions beside it.
func execute(ctx context.Context, args, pds []string, every time.Duration, prefix string) error {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), "ROSTER_PD="+strings.Join(pds, ","))
	if every <= 0 {
		return command.Run(cmd, endLimit)
	}
	splits, err := startSplits(ctx, pds, []byte(prefix), every)
	if err != nil {
		return err
	}
	err = command.Run(cmd, endLimit)
	return errors.Join(err, splits.end())
}
