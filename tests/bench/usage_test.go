//go:build linux

package main

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

func TestParseCPUTime(t *testing.T) {
	const after = " S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 9 0 100"
	for _, c := range []struct {
		name, stat string
		want       time.Duration
		fails      bool
	}{
		{"adds user and system time", "42 (roster)" + after, 3 * time.Second, false},
		{"takes a name with blanks and parentheses", "42 (a) b (c d)" + after, 3 * time.Second, false},
		{"refuses a short line", "42 (roster) S 1 2 3", 0, true},
		{"refuses an empty line", "", 0, true},
		{"refuses a word for a number", "42 (roster) S 1 2 3 4 5 6 7 8 9 10 x 50", 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := parseCPUTime(c.stat)
			if got != c.want || (err != nil) != c.fails {
				t.Errorf("got %v, %v; want %v, failure %v", got, err, c.want, c.fails)
			}
		})
	}
	t.Run("reads this process", func(t *testing.T) {
		if _, err := cpuTime(os.Getpid()); err != nil {
			t.Error(err)
		}
	})
}

func FuzzParseCPUTime(f *testing.F) {
	f.Add("42 (roster) S 1 2 3 4 5 6 7 8 9 10 250 50")
	f.Add(") 1 2")
	f.Fuzz(func(t *testing.T, stat string) {
		if _, err := parseCPUTime(stat); err == nil && len(strings.Fields(stat)) < 13 {
			t.Errorf("took %q for a stat line", stat)
		}
	})
}

func TestResidentBytes(t *testing.T) {
	now, err := residentBytes(os.Getpid(), "VmRSS")
	if err != nil {
		t.Fatal(err)
	}
	most, err := residentBytes(os.Getpid(), "VmHWM")
	if err != nil {
		t.Fatal(err)
	}
	if now < 1<<20 || most < 1<<20 {
		t.Errorf("this process holds %d bytes and at most %d, want more than 1 MiB", now, most)
	}
	if _, err := residentBytes(os.Getpid(), "VmNothing"); err == nil {
		t.Error("an unknown field is no error")
	}
}

func TestSettled(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name     string
		readings []int64
		want     int64
		fails    bool
	}{
		{"takes the first reading near the one before", []int64{100, 200, 199, 50}, 199, false},
		{"takes a difference of 1 %", []int64{100, 101}, 101, false},
		{"goes on over a difference of 2 %", []int64{100, 102, 102}, 102, false},
		{"gives up at the limit", []int64{1, 2, 3, 4, 5}, 0, true},
		{"passes on a failed reading", []int64{100, -1}, 0, true},
		{"passes on a failed first reading", []int64{-1}, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			next := 0
			read := func() (int64, error) {
				v := c.readings[next]
				next++
				if v < 0 {
					return 0, broken
				}
				return v, nil
			}
			got, err := settled(read, func() {}, 5)
			if got != c.want || (err != nil) != c.fails {
				t.Errorf("got %d, %v; want %d, failure %v", got, err, c.want, c.fails)
			}
		})
	}
}
