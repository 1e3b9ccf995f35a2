//go:build linux

package main

import (
	"errors"
	"strings"
	"testing"
)

func TestParseFlushes(t *testing.T) {
	got, err := parseFlushes("  27 37 83 16 65 10 47 18 0 10 41 62 1 31 78 2282513 58\n")
	if err != nil || got != 2282513 {
		t.Errorf("got %d, %v; want 2282513", got, err)
	}
	for name, text := range map[string]string{
		"of a kernel that counts none": strings.Repeat("1 ", 15), "empty": "",
	} {
		if _, err := parseFlushes(text); !errors.Is(err, errNoFlushes) {
			t.Errorf("statistics %s: %v, want %v", name, err, errNoFlushes)
		}
	}
	if _, err := parseFlushes(strings.Repeat("x ", 17)); err == nil {
		t.Error("a word is no error")
	}
}

func TestADirectoryInMemoryHasNoDevice(t *testing.T) {
	d, err := deviceOf("/proc")
	if !errors.Is(err, errNoFlushes) {
		t.Errorf("got %v, want %v", err, errNoFlushes)
	}
	if _, err := d.flushes(); !errors.Is(err, errNoFlushes) {
		t.Errorf("got %v, want %v", err, errNoFlushes)
	}
}
