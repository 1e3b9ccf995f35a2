//go:build linux

package main

import (
	"errors"
	"strings"
	"testing"
)

const sampleMetrics = `# HELP syncs_total How often.
# TYPE syncs_total counter
syncs_total 12
syncs_total_more 100
labelled{a="b c"} 1.5e+01
labelled{a="d"} 5
broken x
`

func TestSumMetrics(t *testing.T) {
	for name, c := range map[string]struct {
		names []string
		want  int64
	}{
		"one":            {[]string{"syncs_total"}, 12},
		"all its labels": {[]string{"labelled"}, 20},
		"several":        {[]string{"syncs_total", "labelled"}, 32},
	} {
		if got, err := sumMetrics(strings.NewReader(sampleMetrics), c.names...); err != nil || got != c.want {
			t.Errorf("%s: %d, %v; want %d", name, got, err, c.want)
		}
	}
	if _, err := sumMetrics(strings.NewReader(sampleMetrics), "syncs_total", "none"); !errors.Is(err, errNoMetric) {
		t.Errorf("a metric that is not there: %v, want %v", err, errNoMetric)
	}
	if _, err := sumMetrics(strings.NewReader(sampleMetrics), "broken"); err == nil {
		t.Error("a word for a number is no error")
	}
}
