//go:build linux

package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Limits the project sets itself, in bytes.
const (
	maxBinaryBytes = 60e6
	maxIdleBytes   = 60e6
)

// report is everything a bench found out.
type report struct {
	Date    time.Time
	Seconds float64
	Rounds  int
	Machine machine
	Binary  program

	// Bytes of memory of the server: resident when idle, resident after the
	// load and how much of that is no page of a mapped file, and the most at any
	// time.
	Idle, Loaded, LoadedOwn, Peak int64
	// Bytes of the replies that show the instance that is read and the hot one.
	ReadBytes, HotBytes int
	Questions           []*question

	Ratios []comparison
	Loads  []*cell
	Limits []*cell
}

// comparison is a rate as a part of another.
type comparison struct {
	text  string
	ratio spread
	// atLeast is what it is to be, 0 for anything.
	atLeast float64
}

// verdict says whether the ratio is what it is to be.
func (c comparison) verdict() string {
	switch {
	case c.atLeast == 0:
		return ""
	case c.ratio.median >= c.atLeast:
		return "at least " + short(c.atLeast) + ": holds"
	default:
		return "at least " + short(c.atLeast) + ": DOES NOT HOLD"
	}
}

// write renders the report as Markdown, the ratios first: they hold on other
// machines, the numbers below them on this one.
func (r *report) write(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# Benchmarks\n\n`make bench` measures the shipped binary and writes this page. Every reply was a success: one error fails the bench.\n\n")

	b.WriteString("## Ratios\n\nOf operations a second, at so many connections or writers.\n\n")
	table(&b, "What", "Ratio", "Least-most", "Limit")
	for _, c := range r.Ratios {
		row(&b, c.text, short(c.ratio.median), short(c.ratio.least)+"-"+short(c.ratio.most), c.verdict())
	}

	b.WriteString("\n## Size and memory\n\n")
	table(&b, "What", "MB", "Limit")
	row(&b, "Binary, stripped", megabytes(r.Binary.Bytes), verdict(r.Binary.Bytes, maxBinaryBytes))
	row(&b, "Resident memory, server just started and idle", megabytes(r.Idle), verdict(r.Idle, maxIdleBytes))
	row(&b, "Resident memory right after the load", megabytes(r.Loaded), "")
	row(&b, "Of that, its own; the rest are pages of mapped files", megabytes(r.LoadedOwn), "")
	row(&b, "Most resident memory during the load", megabytes(r.Peak), "")

	b.WriteString("\n## Throughput\n\nREST and SQL, the embedded store, every write synced to disk before its reply.\n\n")
	table(&b, "Operation", "Connections", "Operations/s", "Least-most", "p50", "p99", "Server CPU per operation")
	cells(&b, r.Loads)

	b.WriteString("\n## Ceilings\n\nMeasured in the same rounds with the same client and on the same filesystem.\n\n")
	table(&b, "What", "Connections or writers", "Operations/s", "Least-most", "p50", "p99", "Server CPU per operation")
	cells(&b, r.Limits)

	b.WriteString("\n## Machine\n\n")
	m := r.Machine
	for _, line := range []string{
		"Date: " + r.Date.UTC().Format("2006-01-02 15:04 UTC"),
		fmt.Sprintf("CPU: %d cores, %s, shared by the server and the load client", m.Cores, m.CPU),
		"System: " + m.OS,
		"Go: " + r.Binary.GoVersion,
		"Filesystem of the data: " + m.Filesystem,
		"Load average before the start: " + m.Load,
	} {
		b.WriteString("- " + line + "\n")
	}

	fmt.Fprintf(&b, `
## How it is measured

- Each line is the median of %d runs of %v s after a warm-up; the runs of all lines take turns, and a ratio compares runs of the same round.
- A connection sends its next request when it has the reply to the last one.
- get_instance reads one instance of %d clusters with %d nodes each, a reply of %d bytes.
- set_cluster_status suspends and resumes a cluster in turn. With distinct instances each connection has an instance of that shape
  of its own; with the hot instance each has its own cluster in one instance of %d clusters with %[4]d nodes each, which get_instance
  shows in %[7]d bytes.
- The constant-answer server is fasthttp answering every request with the same bytes, as many as get_instance does.
- SHOW CLUSTERS and the point SELECT ask for the instance that is read and for one of its clusters, by the text protocol where
  nothing else is said. Every answer has the length of the first one:
%[9]s- The go-mysql server is that of the library Roster is built with, and answers with the same packets, prepared beforehand. It writes each
  packet by itself; coalesced, it writes an answer at once.
- An append writes %[8]d bytes to a file and waits for fdatasync; writers that wait at the same time share both.
- CPU is user and system time of the server's process, in steps of 10 ms over a run. MB are 1,000,000 bytes.
`, r.Rounds, r.Seconds, clustersPerInstance, nodesPerCluster, r.ReadBytes, manyConnections, r.HotBytes, appendBytes,
		r.questions())
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *report) questions() string {
	var b strings.Builder
	for _, q := range r.Questions {
		fmt.Fprintf(&b, "  - %s: `%s`, %d bytes\n", q.name, q.text, len(q.answer))
	}
	return b.String()
}

func cells(b *strings.Builder, all []*cell) {
	for _, c := range all {
		rate := c.rate()
		cpu := "-"
		if c.server != nil {
			cpu = micros(c.durations(func(m measurement) time.Duration { return m.cpu }))
		}
		row(b, c.name, strconv.Itoa(c.workers), short(rate.median), short(rate.least)+"-"+short(rate.most),
			micros(c.durations(func(m measurement) time.Duration { return m.p50 })),
			micros(c.durations(func(m measurement) time.Duration { return m.p99 })), cpu)
	}
}

// table begins a Markdown table whose columns but the first are numbers.
func table(b *strings.Builder, columns ...string) {
	row(b, columns...)
	b.WriteString("| --- |" + strings.Repeat(" ---: |", len(columns)-1) + "\n")
}

func row(b *strings.Builder, columns ...string) {
	b.WriteString("| " + strings.Join(columns, " | ") + " |\n")
}

func megabytes(n int64) string { return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) }

func verdict(n int64, limit float64) string {
	if float64(n) < limit {
		return "under " + megabytes(int64(limit)) + ": holds"
	}
	return "under " + megabytes(int64(limit)) + ": DOES NOT HOLD"
}

// micros is a duration in microseconds, or milliseconds when there are many.
func micros(d time.Duration) string {
	if d >= 10*time.Millisecond {
		return short(float64(d)/float64(time.Millisecond)) + " ms"
	}
	return short(float64(d)/float64(time.Microsecond)) + " µs"
}

// short is a number with three digits or, when it is larger, none after the
// point.
func short(v float64) string {
	switch {
	case v >= 99.95:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 9.995:
		return strconv.FormatFloat(v, 'f', 1, 64)
	default:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
}
