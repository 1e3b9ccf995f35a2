//go:build linux

package main

import (
	"strings"
	"testing"
)

const networkedOutput = `goos: linux
BenchmarkBesideBareClient/distinct-2         	       5	        120.5 bare-cpu-us	      2000 bare/s	         0.9500 ratio	       300.0 roster-cpu-us	      1900 roster/s
    bare_test.go:88: changes a second
BenchmarkBesideBareClient/hot-2              	       5	        120.5 bare-cpu-us	      50 bare/s	         19.00 ratio	       300.0 roster-cpu-us	      950 roster/s
PASS
`

func TestParseNetworked(t *testing.T) {
	all, err := parseNetworked([]byte(networkedOutput))
	if err != nil || len(all) != 2 {
		t.Fatalf("%v, %v", all, err)
	}
	var j judgement
	var b strings.Builder
	for _, n := range all {
		n.judge(&j)
	}
	if j.limits[0].String() != "holds" || j.limits[1].String() != "MISSED" {
		t.Errorf("verdicts %v", j.limits)
	}
	writeNetworked(&b, all)
	if want := "| hot | 950 | 50.0 | 19.0 | 300 µs | 120 µs |"; !strings.Contains(b.String(), want) {
		t.Errorf("no %s in\n%s", want, b.String())
	}
	first, _, _ := strings.Cut(networkedOutput, "BenchmarkBesideBareClient/hot")
	if _, err := parseNetworked([]byte(first)); err == nil {
		t.Error("one work of two is no error")
	}
	if _, err := parseNetworked([]byte(strings.Replace(networkedOutput, "2000", "many", 1))); err == nil {
		t.Error("a word for a number is no error")
	}
}
