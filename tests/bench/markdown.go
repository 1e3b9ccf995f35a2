//go:build linux

package main

import (
	"strconv"
	"strings"
	"time"
)

// table begins a Markdown table whose columns but the first are numbers.
func table(b *strings.Builder, columns ...string) {
	row(b, columns...)
	b.WriteString("| --- |" + strings.Repeat(" ---: |", len(columns)-1) + "\n")
}

func row(b *strings.Builder, columns ...string) {
	b.WriteString("| " + strings.Join(columns, " | ") + " |\n")
}

func megabytes(n int64) string { return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) }

// micros is a duration in microseconds, or milliseconds when there are many.
func micros(d time.Duration) string {
	if d >= 10*time.Millisecond {
		return short(float64(d)/float64(time.Millisecond)) + " ms"
	}
	return short(float64(d)/float64(time.Microsecond)) + " µs"
}

// short is a number with three digits or, when it is larger, none after the
// point.
func short(v float64) string {
	switch {
	case v >= 99.95:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 9.995:
		return strconv.FormatFloat(v, 'f', 1, 64)
	default:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
}
