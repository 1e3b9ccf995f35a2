//go:build linux

package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// report is everything a bench found out.
type report struct {
	Date     time.Time
	Took     time.Duration
	Seconds  float64
	Rounds   int
	Machine  machine
	Binary   program
	Versions []string
	Missing  []string

	Judgement judgement
	Works     []*work
	Sweeps    []*sweep
	Networked []networked
	Memory    []memory
}

// memory is that of a server, in bytes: resident after the load, of that what is no
// page of a mapped file, and the most at any time.
type memory struct {
	server              string
	resident, own, peak int64
}

// write renders the report as Markdown, the ratios first: they hold on other
// machines, the numbers below them on this one. The pictures are beside the page.
func (r *report) write(w io.Writer, picture func(id string) string) error {
	var b strings.Builder
	b.WriteString("# Benchmarks\n\n`make bench` measures the shipped binary beside its peers and writes this page; `make bench-full` adds sizes between, and Roster over TiKV." +
		" Every reply was a success: one error fails the bench.\n\n")
	for _, missing := range r.Missing {
		b.WriteString("Not measured: " + missing + ".\n\n")
	}
	b.WriteString("## Limits\n\nWhat the project demands of itself. Ratios are of operations a second in the same run.\n\n")
	table(&b, "What", "Figure", "Least-most", "Limit", "Verdict")
	for _, v := range r.Judgement.limits {
		r.verdict(&b, v, v.String())
	}
	b.WriteString("\n## Beside the peers\n\nOperations a second, Roster's to a peer's, with every acknowledged write of either on disk.\n\n")
	table(&b, "What", "Ratio", "Least-most", "Limit", "Verdict")
	for _, v := range r.Judgement.peers {
		said := "behind"
		if v.holds() {
			said = "ahead"
		}
		r.verdict(&b, v, said)
	}
	for _, work := range r.Works {
		work.write(&b, picture)
	}
	if len(r.Sweeps) > 0 {
		b.WriteString("\n## Growth\n\nOver REST where nothing else is said.\n")
	}
	for _, s := range r.Sweeps {
		s.write(&b, picture)
	}
	if len(r.Networked) > 0 {
		writeNetworked(&b, r.Networked)
	}
	r.sizes(&b)
	r.conditions(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *report) verdict(b *strings.Builder, v verdict, said string) {
	if v.missing {
		row(b, v.what, "-", "-", v.text, said)
		return
	}
	row(b, v.what, short(v.got.median), short(v.got.least)+"-"+short(v.got.most), v.text, said)
}

func (r *report) sizes(b *strings.Builder) {
	b.WriteString("\n## Size and memory\n\nThe binary, stripped, has " + megabytes(r.Binary.Bytes) + " MB. Memory in MB, after the load:\n\n")
	table(b, "Server", "Resident", "Of that its own, no mapped files", "Most resident at any time")
	for _, m := range r.Memory {
		row(b, m.server, megabytes(m.resident), megabytes(m.own), megabytes(m.peak))
	}
}

func (r *report) conditions(b *strings.Builder) {
	b.WriteString("\n## Machine\n\n")
	m := r.Machine
	for _, line := range append([]string{
		"Date: " + r.Date.UTC().Format("2006-01-02 15:04 UTC") + ", for " + r.Took.Round(time.Second).String(),
		fmt.Sprintf("CPU: %d cores, %s, shared by the servers and the load client", m.Cores, m.CPU),
		"System: " + m.OS,
		"Filesystem of all data: " + m.Filesystem,
		"Load average before the start: " + m.Load,
		"Roster: " + r.Binary.GoVersion + ", the embedded store",
	}, r.Versions...) {
		b.WriteString("- " + line + "\n")
	}
	fmt.Fprintf(b, `
## How it is measured

- Each line is the median of %d runs of %v s after a warm-up; the runs of all lines take turns, and a ratio compares runs of the same round.
- A connection sends its next request when it has the reply to the last one. The load client shares the cores with the server, and is
  the same for all that speak HTTP, and for all that speak MySQL's protocol: it sends prepared bytes, by the text protocol where nothing else
  is said, and reads of a reply only where it ends. etcd speaks gRPC, whose client costs more.
- Peers run with the settings they come with, on the same filesystem. MariaDB has 512 MB for its buffer pool and for its log, and no binary log.
- A peer whose settings do not wait for the disk, or during whose writes neither it nor the disk counted a sync, fails the bench.
- Syncs are counted by Roster and by etcd themselves. Those of MariaDB are flushes of the disk, as are those of Roster where it does not count them.
- CPU is user and system time of the server's process, in steps of 10 ms over a run. Memory is that at the end of a run. MB are 1,000,000 bytes.
`, r.Rounds, r.Seconds)
}
