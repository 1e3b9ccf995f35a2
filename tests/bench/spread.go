//go:build linux

package main

import "time"

// spread is the median of several runs with the least and the most.
type spread struct{ median, least, most float64 }

func spreadOf(values []float64) spread {
	s := spread{median: median(values)}
	for i, v := range values {
		if i == 0 {
			s.least, s.most = v, v
		}
		s.least, s.most = min(s.least, v), max(s.most, v)
	}
	return s
}

// spread is that of a figure over the runs.
func (c *cell) spread(figure func(measurement) float64) spread {
	var all []float64
	for _, run := range c.runs {
		all = append(all, figure(run))
	}
	return spreadOf(all)
}

func (c *cell) rate() spread {
	return c.spread(func(m measurement) float64 { return m.rate })
}

// duration is the median over the runs of a duration of each.
func (c *cell) duration(of func(measurement) time.Duration) time.Duration {
	return time.Duration(c.spread(func(m measurement) float64 { return float64(of(m)) }).median)
}

// ratio compares two cells run by run: those of the same round had the same
// weather.
func ratio(of, to *cell) spread {
	var ratios []float64
	for i, run := range of.runs[:min(len(of.runs), len(to.runs))] {
		ratios = append(ratios, run.rate/to.runs[i].rate)
	}
	return spreadOf(ratios)
}
