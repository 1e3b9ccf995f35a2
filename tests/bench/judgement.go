//go:build linux

package main

import (
	"fmt"
	"strings"
)

// bound is what a figure is to be.
type bound struct {
	text  string
	holds func(float64) bool
}

func atLeast(limit float64) bound {
	return bound{"at least " + short(limit), func(v float64) bool { return v >= limit }}
}

func atMost(limit float64) bound {
	return bound{"at most " + short(limit), func(v float64) bool { return v <= limit }}
}

func below(limit float64) bound {
	return bound{"below " + short(limit), func(v float64) bool { return v < limit }}
}

func above(limit float64) bound {
	return bound{"above " + short(limit), func(v float64) bool { return v > limit }}
}

// verdict is a figure with what it is to be.
type verdict struct {
	what string
	got  spread
	bound
	// missing says that there is no figure, as a peer is not there.
	missing bool
}

func (v verdict) holds() bool { return !v.missing && v.bound.holds(v.got.median) }

func (v verdict) String() string {
	switch {
	case v.missing:
		return "no figure"
	case v.holds():
		return "holds"
	default:
		return "MISSED"
	}
}

// judgement collects what is to hold, and how the peers compare.
type judgement struct{ limits, peers []verdict }

// ratio demands something of the ratio of two cells, one of which may be missing.
func (j *judgement) ratio(of, to *cell, want bound) {
	if of == nil || to == nil {
		j.limits = append(j.limits, verdict{what: either(of, to).title() + " / a peer that is missing", bound: want, missing: true})
		return
	}
	j.limits = append(j.limits, verdict{what: versus(of, to), got: ratio(of, to), bound: want})
}

// figure demands something of a figure of a cell.
func (j *judgement) figure(what string, c *cell, of func(measurement) float64, want bound) {
	j.limits = append(j.limits, verdict{what: what, got: c.spread(of), bound: want})
}

// beside compares with a peer, which is to be no faster. A missing one is left out.
func (j *judgement) beside(of, peer *cell) {
	if peer != nil {
		j.peers = append(j.peers, verdict{what: versus(of, peer), got: ratio(of, peer), bound: above(1)})
	}
}

// missed are the limits that do not hold.
func (j *judgement) missed() (all []verdict) {
	for _, v := range j.limits {
		if !v.missing && !v.holds() {
			all = append(all, v)
		}
	}
	return all
}

func versus(of, to *cell) string { return of.title() + " / " + to.name }

func either(a, b *cell) *cell {
	if a != nil {
		return a
	}
	return b
}

// title is a cell's name with what else tells it from others.
func (c *cell) title() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s, at %d", c.of, c.name, c.workers))
}
