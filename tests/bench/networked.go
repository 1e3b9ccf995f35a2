//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// networked is Roster over a TiKV cluster beside a bare loop of its client library,
// as tests/replicas measures them.
type networked struct {
	name string
	// metrics are figures by their units.
	metrics map[string]float64
}

// The works of that comparison, and what is wanted of Roster's part of the bare loop.
var networkedLimits = map[string]float64{"distinct": 0.9, "hot": 20}

const networkedBenchmark = "BenchmarkBesideBareClient"

// runNetworked has the Go tool run the benchmark, which starts its own cluster.
func runNetworked(ctx context.Context, rounds int) ([]networked, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-tags", "cluster", "-run", "^$", "-bench", "^"+networkedBenchmark+"$",
		"-benchtime", fmt.Sprintf("%dx", rounds), "-timeout", "10m", "./tests/replicas")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("the networked bed: %w\n%s", err, out[max(0, len(out)-maxTail):])
	}
	return parseNetworked(out)
}

// parseNetworked reads lines of a name, a count, and figures with their units.
func parseNetworked(out []byte) (all []networked, err error) {
	for line := range bytes.Lines(out) {
		rest, ok := strings.CutPrefix(string(line), networkedBenchmark+"/")
		fields := strings.Fields(rest)
		if !ok || len(fields) < 4 {
			continue
		}
		// The tool adds the number of cores to a name.
		name, _, _ := strings.Cut(fields[0], "-")
		n := networked{name: name, metrics: map[string]float64{}}
		for i := 2; i+1 < len(fields); i += 2 {
			if n.metrics[fields[i+1]], err = strconv.ParseFloat(fields[i], 64); err != nil {
				return nil, fmt.Errorf("the networked bed: %w", err)
			}
		}
		all = append(all, n)
	}
	if len(all) != len(networkedLimits) {
		return nil, fmt.Errorf("the networked bed measured %d works, want %d", len(all), len(networkedLimits))
	}
	return all, nil
}

func (n networked) judge(j *judgement) {
	j.limits = append(j.limits, verdict{
		what: "over TiKV, set_cluster_status, " + n.name + ": Roster / a bare loop of the client library, at " + strconv.Itoa(manyConnections),
		got:  spreadOf([]float64{n.metrics["ratio"]}), bound: atLeast(networkedLimits[n.name]),
	})
}

// writeNetworked is the section of the comparison.
func writeNetworked(b *strings.Builder, all []networked) {
	b.WriteString("\n## Over TiKV\n\nOne Roster and a loop over client-go that does nothing but the same transaction, on a TiKV cluster of this machine's own, in turns.\n\n")
	table(b, "set_cluster_status", "Roster, operations/s", "Bare loop, operations/s", "Ratio", "Roster, CPU per operation", "Bare loop, CPU per operation")
	for _, n := range all {
		row(b, n.name, short(n.metrics["roster/s"]), short(n.metrics["bare/s"]), short(n.metrics["ratio"]),
			short(n.metrics["roster-cpu-us"])+" µs", short(n.metrics["bare-cpu-us"])+" µs")
	}
}
