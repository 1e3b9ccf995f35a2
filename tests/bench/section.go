//go:build linux

package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"roster/tests/bench/plot"
)

// columns are those of a table of cells, after those that tell the cells apart.
var columns = []string{"Operations/s", "Least-most", "p50", "p99", "Server CPU per operation", "Syncs per operation", "Resident MB"}

// figures are what columns names.
func (c *cell) figures() []string {
	rate := c.rate()
	cpu, resident := "-", "-"
	if c.server != nil {
		cpu = micros(c.duration(measurement.work))
		resident = megabytes(int64(c.spread(func(m measurement) float64 { return float64(m.resident) }).median))
	}
	syncs := "-"
	if each := c.spread(measurement.durable).median; c.synced && !math.IsNaN(each) {
		syncs = strconv.FormatFloat(each, 'f', 3, 64)
	}
	return []string{
		short(rate.median), short(rate.least) + "-" + short(rate.most),
		micros(c.duration(measurement.median)), micros(c.duration(measurement.slow)), cpu, syncs, resident,
	}
}

// write is the section of a work.
func (w *work) write(b *strings.Builder, picture func(id string) string) {
	fmt.Fprintf(b, "\n## %s: %s\n\n![%s](%s)\n\n", w.id, w.title, w.title, picture(w.id))
	for _, note := range w.notes {
		b.WriteString("- " + note + "\n")
	}
	b.WriteString("\n")
	table(b, append([]string{"Who", "Connections"}, columns...)...)
	for _, c := range w.cells {
		row(b, append([]string{c.name, strconv.Itoa(c.workers)}, c.figures()...)...)
	}
}

// draw plots the operations a second of a work.
func (w *work) draw() []byte {
	var groups []plot.Group
	for _, workers := range w.workers() {
		g := plot.Group{Title: fmt.Sprintf("operations/s, connections: %d", workers)}
		for _, c := range w.cells {
			if c.workers == workers {
				rate := c.rate()
				g.Bars = append(g.Bars, plot.Bar{
					Name: c.name, Value: rate.median, Least: rate.least, Most: rate.most, Own: strings.HasPrefix(c.name, "Roster"), Faint: strings.HasPrefix(c.name, "ceiling"),
				})
			}
		}
		groups = append(groups, g)
	}
	return plot.Bars(w.id+": "+w.title, groups)
}

// write is the section of a sweep.
func (s *sweep) write(b *strings.Builder, picture func(id string) string) {
	fmt.Fprintf(b, "\n### %s\n\n![%s](%s)\n\n%s\n\n", s.title, s.title, picture(s.id), s.note)
	table(b, append([]string{"What", s.title, "Connections"}, columns...)...)
	for _, c := range s.curves {
		for _, p := range c.points {
			row(b, append([]string{c.name, strconv.Itoa(p.size), strconv.Itoa(p.cell.workers)}, p.cell.figures()...)...)
		}
	}
}
