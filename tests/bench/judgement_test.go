//go:build linux

package main

import "testing"

func TestBounds(t *testing.T) {
	for _, c := range []struct {
		bound
		text              string
		under, same, over bool
	}{
		{atLeast(2), "at least 2.00", false, true, true},
		{atMost(2), "at most 2.00", true, true, false},
		{below(2), "below 2.00", true, false, false},
		{above(2), "above 2.00", false, false, true},
	} {
		if c.bound.text != c.text || c.holds(1.9) != c.under || c.holds(2) != c.same || c.holds(2.1) != c.over {
			t.Errorf("%s: %q, 1.9 %v, 2 %v, 2.1 %v", c.text, c.bound.text, c.holds(1.9), c.holds(2), c.holds(2.1))
		}
	}
}

func TestJudgement(t *testing.T) {
	var j judgement
	fast, slow := runsAt("fast", 64, 300, 200, 400), runsAt("slow", 64, 100, 100, 100)
	j.ratio(fast, slow, atLeast(2.5))
	j.ratio(slow, fast, atLeast(2.5))
	j.ratio(fast, nil, atLeast(2.5))
	j.ratio(nil, fast, atLeast(2.5))
	j.figure("rate", fast, measurement.throughput, atLeast(300))
	j.beside(slow, fast)
	j.beside(slow, nil)
	var said []string
	for _, v := range j.limits {
		said = append(said, v.String())
	}
	want := []string{"holds", "MISSED", "no figure", "no figure", "holds"}
	for i, w := range want {
		if i >= len(said) || said[i] != w {
			t.Fatalf("verdicts %q, want %q", said, want)
		}
	}
	if missed := j.missed(); len(missed) != 1 || missed[0].what != "slow, at 64 / fast" {
		t.Errorf("missed %+v, want the ratio of slow to fast alone", missed)
	}
	if len(j.peers) != 1 || j.peers[0].holds() {
		t.Errorf("peers %+v, want one that is ahead", j.peers)
	}
}
