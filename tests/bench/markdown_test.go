//go:build linux

package main

import (
	"testing"
	"time"
)

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
