//go:build linux

package main

import (
	"strings"
	"testing"
	"time"
)

// runsAt makes a cell of runs with the rates given.
func runsAt(name string, workers int, rates ...float64) *cell {
	c := &cell{name: name, workers: workers}
	for i, rate := range rates {
		c.runs = append(c.runs, measurement{
			rate: rate, p50: time.Duration(i+1) * time.Microsecond, p99: time.Duration(i+1) * 10 * time.Millisecond,
			cpu: time.Duration(i+1) * 100 * time.Microsecond,
		})
	}
	return c
}

func TestRatio(t *testing.T) {
	got := ratio(runsAt("a", 1, 50, 200, 30), runsAt("b", 1, 100, 100, 100))
	if want := (spread{median: 0.5, least: 0.3, most: 2}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	t.Run("compares runs of the same round", func(t *testing.T) {
		got := ratio(runsAt("a", 1, 10, 20, 40), runsAt("b", 1, 20, 40, 80))
		if want := (spread{median: 0.5, least: 0.5, most: 0.5}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

func sampleReport() *report {
	served := runsAt("get_instance", 64, 1000, 3000, 2000)
	served.server = &process{}
	return &report{
		Date: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Seconds: 3, Rounds: 3,
		Machine: machine{Cores: 2, CPU: "Some CPU", OS: "Some OS", Filesystem: "ext4", Load: "0.10"},
		Binary:  program{Bytes: 59_999_999, GoVersion: "go1.26"},
		Idle:    60_000_000, Loaded: 90_000_000, LoadedOwn: 70_000_000, Peak: 100_000_000,
		Ratios: []comparison{{"get_instance: to the ceiling", spread{0.5, 0.25, 0.75}, 0}, {"SHOW CLUSTERS: to its own", spread{0.4, 0.3, 0.6}, 0.5}},
		Loads:  []*cell{served},
		Limits: []*cell{runsAt("appends", 1, 5, 5, 5)},
	}
}

func TestReport(t *testing.T) {
	var b strings.Builder
	if err := sampleReport().write(&b); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	at := -1
	for _, want := range []string{
		"| get_instance: to the ceiling | 0.50 | 0.25-0.75 |  |",
		"| SHOW CLUSTERS: to its own | 0.40 | 0.30-0.60 | at least 0.50: DOES NOT HOLD |",
		"| Binary, stripped | 60.0 | under 60.0: holds |",
		"just started and idle | 60.0 | under 60.0: DOES NOT HOLD |",
		"right after the load | 90.0 |",
		"pages of mapped files | 70.0 |",
		"during the load | 100.0 |",
		"| get_instance | 64 | 2000 | 1000-3000 | 2.00 µs | 20.0 ms | 200 µs |",
		"| appends | 1 | 5.00 | 5.00-5.00 | 2.00 µs | 20.0 ms | - |",
		"Date: 2026-01-02 03:04 UTC",
		"CPU: 2 cores, Some CPU",
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
	if err := sampleReport().write(&b); err != nil {
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

func TestShort(t *testing.T) {
	for value, want := range map[float64]string{
		0: "0.00", 0.128: "0.13", 9.99: "9.99", 9.996: "10.0", 12.34: "12.3", 99.94: "99.9", 99.96: "100", 12345.6: "12346",
	} {
		if got := short(value); got != want {
			t.Errorf("short(%v) = %s, want %s", value, got, want)
		}
	}
}

func TestMicros(t *testing.T) {
	for d, want := range map[time.Duration]string{
		1500 * time.Nanosecond: "1.50 µs", 9999 * time.Microsecond: "9999 µs", 10 * time.Millisecond: "10.0 ms", time.Second: "1000 ms",
	} {
		if got := micros(d); got != want {
			t.Errorf("micros(%v) = %s, want %s", d, got, want)
		}
	}
}
