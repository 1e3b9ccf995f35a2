//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// ticksPerSecond is the unit of /proc/PID/stat, the same on every Linux.
const ticksPerSecond = 100

// cpuTime is what a process has used, in user and system mode.
func cpuTime(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	return parseCPUTime(string(stat))
}

// parseCPUTime reads utime and stime, the 14th and 15th field of a stat line,
// whose second may hold blanks but is the last in parentheses.
func parseCPUTime(stat string) (time.Duration, error) {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0, fmt.Errorf("a stat line of %d fields", len(fields)+2)
	}
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond, nil
}

// residentBytes is a field of /proc/PID/status that counts memory: VmRSS is
// what the process holds, VmHWM the most it ever held.
func residentBytes(pid int, field string) (int64, error) {
	value, err := fileField(fmt.Sprintf("/proc/%d/status", pid), field, ":")
	if err != nil {
		return 0, err
	}
	kib, err := strconv.ParseInt(strings.TrimSuffix(value, " kB"), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s of a process: %w", field, err)
	}
	return kib << 10, nil
}

// settled reads until two readings in a row agree within 1 %, at most the given
// number of times; pause runs between them.
func settled(read func() (int64, error), pause func(), times int) (int64, error) {
	last, err := read()
	for range times - 1 {
		if err != nil {
			return 0, err
		}
		pause()
		before := last
		if last, err = read(); err == nil && abs(last-before)*100 <= before {
			return last, nil
		}
	}
	return 0, errors.Join(err, fmt.Errorf("%d readings, none within 1 %% of the one before", times))
}

func abs(n int64) int64 { return max(n, -n) }
