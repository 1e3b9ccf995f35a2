//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// servers are all that take part.
type servers struct {
	dir string

	roster *process
	// crowds are Rosters that hold so many instances.
	crowds map[int]*process
	// The ceilings.
	constant, shipped, coalesced *process
	// The peers, nil where one is missing.
	mariadb, etcd *process
	missing       []string

	shown     shown
	questions []*question
	// idle is the memory of a Roster that has done nothing yet.
	idle int64

	running []*process
}

// keep remembers a server so that it is stopped in the end.
func (s *servers) keep(to **process, p *process, err error) error {
	if err == nil {
		*to = p
		s.running = append(s.running, p)
	}
	return err
}

// startServers starts everything and creates what the load is about.
func startServers(ctx context.Context, o options, dir string, z sizes, progress io.Writer) (_ *servers, err error) {
	s := &servers{dir: dir, crowds: map[int]*process{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	data, err := os.MkdirTemp(dir, "data-")
	if err != nil {
		return nil, err
	}
	p, err := startRoster(ctx, o.bin, data)
	if err := s.keep(&s.roster, p, err); err != nil {
		return nil, err
	}
	if s.idle, err = idleMemory(ctx, s.roster); err != nil {
		return nil, err
	}
	if s.shown, err = populate(ctx, s.roster); err != nil {
		return nil, err
	}
	if s.questions, err = newQuestions(ctx, s.roster); err != nil {
		return nil, err
	}
	if err := s.startPeers(ctx, filepath.Join(filepath.Dir(o.bin), "etcd"), progress); err != nil {
		return nil, err
	}
	if err := s.startCeilings(ctx); err != nil {
		return nil, err
	}
	return s, s.startCrowds(ctx, o.bin, z.crowds(), progress)
}

// startPeers starts those that are installed and says which are not.
func (s *servers) startPeers(ctx context.Context, etcd string, progress io.Writer) error {
	p, err := startMariaDB(ctx, s.dir)
	if err := s.unlessMissing(&s.mariadb, p, err, progress); err != nil {
		return err
	}
	p, err = startEtcd(ctx, etcd, s.dir)
	return s.unlessMissing(&s.etcd, p, err, progress)
}

func (s *servers) unlessMissing(to **process, p *process, err error, progress io.Writer) error {
	if errors.Is(err, errNotInstalled) {
		s.missing = append(s.missing, err.Error())
		_, err := fmt.Fprintf(progress, "without a peer: %s\n", s.missing[len(s.missing)-1])
		return err
	}
	return s.keep(to, p, err)
}

func (s *servers) startCeilings(ctx context.Context) error {
	p, err := startConstant(ctx, s.shown.read)
	if err := s.keep(&s.constant, p, err); err != nil {
		return err
	}
	p, err = startConstantSQL(ctx, s.dir, s.questions, false)
	if err := s.keep(&s.shipped, p, err); err != nil {
		return err
	}
	p, err = startConstantSQL(ctx, s.dir, s.questions, true)
	return s.keep(&s.coalesced, p, err)
}

func (s *servers) startCrowds(ctx context.Context, bin string, instances []int, progress io.Writer) error {
	for _, n := range instances {
		if s.crowds[n] != nil {
			continue
		}
		if _, err := fmt.Fprintf(progress, "writing %d instances\n", n); err != nil {
			return err
		}
		var started *process
		p, err := startCrowd(ctx, bin, s.dir, n)
		if err := s.keep(&started, p, err); err != nil {
			return err
		}
		s.crowds[n] = started
	}
	return nil
}

// stop ends all of them, the last one first.
func (s *servers) stop() (err error) {
	for _, p := range slices.Backward(s.running) {
		err = errors.Join(err, p.stop())
	}
	return err
}
