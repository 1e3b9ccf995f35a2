//go:build linux

package main

import (
	"bufio"
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// machine is where the bench ran.
type machine struct {
	Cores      int
	CPU        string
	OS         string
	Filesystem string
	// Load is the number of tasks that were running, averaged over the minute
	// before the bench.
	Load string
}

// describe looks at the machine and at the filesystem of dir.
func describe(dir string) (machine, error) {
	m := machine{Cores: runtime.NumCPU(), OS: runtime.GOOS + "/" + runtime.GOARCH}
	cpu, err := fileField("/proc/cpuinfo", "model name", ":")
	if err != nil {
		return m, err
	}
	m.CPU = cpu
	name, err := fileField("/etc/os-release", "PRETTY_NAME", "=")
	if err != nil {
		return m, err
	}
	m.OS = strings.Trim(name, `"`) + ", " + m.OS
	load, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return m, err
	}
	m.Load, _, _ = strings.Cut(string(load), " ")
	m.Filesystem, err = filesystem(dir)
	return m, err
}

// fileField is the first value of a field in a file of "field separator value"
// lines, and "unknown" where there is none.
func fileField(path, field, separator string) (_ string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		name, value, ok := strings.Cut(lines.Text(), separator)
		if ok && strings.TrimSpace(name) == field {
			return strings.TrimSpace(value), nil
		}
	}
	return "unknown", lines.Err()
}

// filesystems names the types by the magic numbers of statfs(2).
var filesystems = map[int64]string{
	0xef53:     "ext4",
	0x58465342: "XFS",
	0x9123683e: "Btrfs",
	0x794c7630: "overlayfs",
	0x2fc12fc1: "ZFS",
	0x01021994: "tmpfs (in memory: a sync costs nothing here)",
}

func filesystem(dir string) (string, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return "", fmt.Errorf("statfs: %w", err)
	}
	if name := filesystems[fs.Type]; name != "" {
		return name, nil
	}
	return fmt.Sprintf("type %#x", fs.Type), nil
}

// program is the program under test as it is shipped.
type program struct {
	Bytes     int64
	GoVersion string
}

// inspect refuses a binary with symbols: its size would not be the shipped one.
func inspect(path string) (program, error) {
	var b program
	info, err := os.Stat(path)
	if err != nil {
		return b, fmt.Errorf("%w: build it first", err)
	}
	b.Bytes = info.Size()
	build, err := buildinfo.ReadFile(path)
	if err != nil {
		return b, err
	}
	b.GoVersion = build.GoVersion
	f, err := elf.Open(path)
	if err != nil {
		return b, err
	}
	stripped := f.Section(".symtab") == nil
	if err := f.Close(); err != nil {
		return b, err
	}
	if !stripped {
		return b, errors.New("the binary has symbols: build it with -ldflags '-s -w'")
	}
	return b, nil
}

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
