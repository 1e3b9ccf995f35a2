//go:build linux

package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// idleMemory waits until the memory of a server that does nothing stays the same.
func idleMemory(ctx context.Context, server *process) (int64, error) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	return settled(
		func() (int64, error) { return residentBytes(server.pid(), "VmRSS") },
		func() {
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		},
		40)
}

// weigh reads the memory of the servers after the load, the measured one's first.
func (r *report) weigh(s *servers) error {
	add := func(name string, p *process) error {
		if p == nil {
			return nil
		}
		m, err := memoryOf(name, p)
		r.Memory = append(r.Memory, m)
		return err
	}
	if err := add("Roster", s.roster); err != nil {
		return err
	}
	for _, n := range slices.Sorted(maps.Keys(s.crowds)) {
		if err := add(fmt.Sprintf("Roster with %d instances", n), s.crowds[n]); err != nil {
			return err
		}
	}
	if err := add("MariaDB", s.mariadb); err != nil {
		return err
	}
	return add("etcd", s.etcd)
}

func memoryOf(name string, p *process) (m memory, err error) {
	m.server = name
	for field, to := range map[string]*int64{"VmRSS": &m.resident, "RssAnon": &m.own, "VmHWM": &m.peak} {
		if *to, err = residentBytes(p.pid(), field); err != nil {
			return m, err
		}
	}
	return m, nil
}

// judgeSizes: binary and memory stay small, in MB.
func (r *report) judgeSizes(j *judgement, idle int64) {
	for _, l := range []struct {
		what  string
		bytes int64
		limit float64
	}{
		{"MB of the binary, stripped", r.Binary.Bytes, 60},
		{"MB resident, server just started and idle", idle, 60},
		{"MB resident, the most under the load of W1 to W3 and the nodes", r.Memory[0].peak, 150},
	} {
		j.limits = append(j.limits, verdict{what: l.what, got: spreadOf([]float64{float64(l.bytes) / 1e6}), bound: below(l.limit)})
	}
}
