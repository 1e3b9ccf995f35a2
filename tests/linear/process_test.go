package linear

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
)

// childOf runs start, which starts one process, and returns that process.
func childOf(start func() error) (*os.Process, error) {
	before, err := children()
	if err != nil {
		return nil, err
	}
	if err := start(); err != nil {
		return nil, err
	}
	after, err := children()
	if err != nil {
		return nil, err
	}
	for pid := range after {
		if !before[pid] {
			return os.FindProcess(pid)
		}
	}
	return nil, errors.New("no process was started")
}

// children are the processes this one has started and that run.
func children() (map[int]bool, error) {
	lists, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		return nil, err
	}
	pids := map[int]bool{}
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if errors.Is(err, os.ErrNotExist) {
			continue // that thread has ended
		}
		if err != nil {
			return nil, err
		}
		for _, field := range bytes.Fields(text) {
			pid, err := strconv.Atoi(string(field))
			if err != nil {
				return nil, err
			}
			pids[pid] = true
		}
	}
	return pids, nil
}
