//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func sampleReport() *report {
	served := runsAt("Roster, REST: set_cluster_status", 64, 1000, 3000, 2000)
	served.server, served.synced, served.of = &process{}, true, "W2"
	peer := runsAt("MariaDB: one UPDATE", 64, 2000, 2000, 2000)
	r := &report{
		Date: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Took: 5 * time.Minute, Seconds: 3, Rounds: 3,
		Machine:  machine{Cores: 2, CPU: "Some CPU", OS: "Some OS", Filesystem: "ext4", Load: "0.10"},
		Binary:   program{Bytes: 59_000_000, GoVersion: "go1.26"},
		Versions: []string{"MariaDB: 10"},
		Missing:  []string{"etcd is not installed"},
		Works:    []*work{{id: "W2", title: "Writing", notes: []string{"What is done."}, cells: []*cell{served, peer}}},
		Sweeps: []*sweep{{id: "nodes", title: "Nodes", size: "nodes", note: "More nodes.", latency: true, curves: []*curve{
			{name: "status", points: []point{{10, runsAt("status", 1, 100)}, {1000, runsAt("status", 1, 50)}}},
		}}},
		Memory: []memory{{"Roster", 90_000_000, 70_000_000, 100_000_000}},
	}
	r.Judgement.ratio(served, peer, atLeast(1.3))
	r.Judgement.ratio(served, nil, atLeast(3))
	r.Judgement.beside(served, peer)
	r.judgeSizes(&r.Judgement, 60_000_000)
	return r
}

func TestReport(t *testing.T) {
	var b strings.Builder
	if err := sampleReport().write(&b, func(id string) string { return id + ".svg" }); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	at := -1
	for _, want := range []string{
		"Not measured: etcd is not installed.",
		"| W2 Roster, REST: set_cluster_status, at 64 / MariaDB: one UPDATE | 1.00 | 0.50-1.50 | at least 1.30 | MISSED |",
		"| W2 Roster, REST: set_cluster_status, at 64 / a peer that is missing | - | - | at least 3.00 | no figure |",
		"| MB of the binary, stripped | 59.0 | 59.0-59.0 | below 60.0 | holds |",
		"idle | 60.0 | 60.0-60.0 | below 60.0 | MISSED |",
		"| 100 | 100-100 | below 150 | holds |",
		"| W2 Roster, REST: set_cluster_status, at 64 / MariaDB: one UPDATE | 1.00 | 0.50-1.50 | above 1.00 | behind |",
		"## W2: Writing\n\n![Writing](W2.svg)\n\n- What is done.",
		"| Roster, REST: set_cluster_status | 64 | 2000 | 1000-3000 | 2.00 µs | 20.0 ms | 200 µs | 0.020 | 20.0 |",
		"| MariaDB: one UPDATE | 64 | 2000 | 2000-2000 | 2.00 µs | 20.0 ms | - | - | - |",
		"### Nodes\n\n![Nodes](nodes.svg)",
		"| status | 1000 | 1 | 50.0 | 50.0-50.0 |",
		"| Roster | 90.0 | 70.0 | 100.0 |",
		"Date: 2026-01-02 03:04 UTC, for 5m0s",
		"CPU: 2 cores, Some CPU",
		"MariaDB: 10",
		"median of 3 runs of 3 s",
	} {
		i := strings.Index(page, want)
		if i < 0 {
			t.Errorf("nowhere in the page: %s", want)
			continue
		}
		if i < at {
			t.Errorf("too early in the page: %s", want)
		}
		at = i
	}
	if strings.Contains(page, "%!") {
		t.Errorf("the page has a formatting fault:\n%s", page)
	}
}

func TestReportTablesAreRegular(t *testing.T) {
	var b strings.Builder
	if err := sampleReport().write(&b, strings.ToLower); err != nil {
		t.Fatal(err)
	}
	columns := 0
	for line := range strings.Lines(b.String()) {
		n := strings.Count(line, "|")
		if n > 0 && columns > 0 && n != columns {
			t.Errorf("%d bars, the line before has %d: %s", n, columns, line)
		}
		columns = n
	}
}

func TestPublishWritesThePageWithItsPicturesAndSumsUp(t *testing.T) {
	dir := t.TempDir()
	stale := filepath.Join(dir, "page-connections.svg")
	if err := os.WriteFile(stale, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	if err := sampleReport().publish(&said, filepath.Join(dir, "page.md")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"page.md", "page-w2.svg", "page-nodes.svg"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(stale); err == nil {
		t.Error("the picture of a sweep that was not measured is still there")
	}
	const want = "\n2 of 5 limits missed: W2 Roster, REST: set_cluster_status, at 64 / MariaDB: one UPDATE is 1.00, wanted at least 1.30; " +
		"MB resident, server just started and idle is 60.0, wanted below 60.0\n"
	if !strings.HasSuffix(said.String(), want) {
		t.Errorf("the end is %q, want %q", said.String()[max(0, said.Len()-len(want)):], want)
	}
}
