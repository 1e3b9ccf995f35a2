//go:build linux

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// device is the disk that a directory is on. It counts the flushes of its write
// cache, whoever asked for them.
type device struct{ stat string }

// errNoFlushes says that a device does not count flushes.
var errNoFlushes = errors.New("the device does not count flushes")

// deviceOf finds the disk of a directory. A filesystem without one, as in memory,
// is errNoFlushes.
func deviceOf(dir string) (device, error) {
	var info syscall.Stat_t
	if err := syscall.Stat(dir, &info); err != nil {
		return device{}, fmt.Errorf("stat: %w", err)
	}
	major, minor := info.Dev>>8&0xfff, info.Dev&0xff|info.Dev>>12&0xfff00
	path, err := filepath.EvalSymlinks(fmt.Sprintf("/sys/dev/block/%d:%d", major, minor))
	if errors.Is(err, fs.ErrNotExist) {
		return device{}, errNoFlushes
	}
	if err != nil {
		return device{}, err
	}
	// Flushes are counted for the whole disk only.
	if _, err := os.Stat(filepath.Join(path, "partition")); err == nil {
		path = filepath.Dir(path)
	}
	return device{stat: filepath.Join(path, "stat")}, nil
}

func (d device) flushes() (int64, error) {
	if d.stat == "" {
		return 0, errNoFlushes
	}
	text, err := os.ReadFile(d.stat)
	if err != nil {
		return 0, err
	}
	return parseFlushes(string(text))
}

// parseFlushes reads the 16th field of a block device's statistics.
func parseFlushes(text string) (int64, error) {
	fields := strings.Fields(text)
	if len(fields) < 16 {
		return 0, fmt.Errorf("%w: its statistics have %d fields, want 16 or more", errNoFlushes, len(fields))
	}
	return strconv.ParseInt(fields[15], 10, 64)
}
