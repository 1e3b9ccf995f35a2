//go:build linux

package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
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
