//go:build linux

package main

import "roster/tests/bench/plot"

// sweep is how the cost of something grows with a size.
type sweep struct {
	id, title string
	// size is what grows.
	size string
	note string
	// latency says that the time of an operation is drawn, not operations a second.
	latency bool
	curves  []*curve
}

// curve is one kind of operation at several sizes.
type curve struct {
	name   string
	points []point
}

type point struct {
	size int
	cell *cell
}

func (s *sweep) curve(name string) *curve {
	c := &curve{name: name}
	s.curves = append(s.curves, c)
	return c
}

func (c *curve) at(size int, synced bool, workers int, server *process, open opener) {
	c.points = append(c.points, point{size, &cell{name: c.name, workers: workers, server: server, open: open, synced: synced}})
}

// cell is the one at a size, nil if there is none.
func (c *curve) cell(size int) *cell {
	for _, p := range c.points {
		if p.size == size {
			return p.cell
		}
	}
	return nil
}

func (s *sweep) cells() (all []*cell) {
	for _, c := range s.curves {
		for _, p := range c.points {
			all = append(all, p.cell)
		}
	}
	return all
}

// draw plots the curves.
func (s *sweep) draw() []byte {
	unit := "operations/s"
	if s.latency {
		unit = "median time of an operation, ms"
	}
	var all []plot.Series
	for _, c := range s.curves {
		series := plot.Series{Name: c.name}
		for _, p := range c.points {
			y := p.cell.rate().median
			if s.latency {
				y = p.cell.duration(measurement.median).Seconds() * 1000
			}
			series.Points = append(series.Points, plot.Point{X: float64(p.size), Y: y})
		}
		all = append(all, series)
	}
	return plot.Lines(s.title, s.size, unit, all)
}
