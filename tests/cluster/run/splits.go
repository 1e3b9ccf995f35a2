package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"roster/tests/cluster"
)

// splitLimit bounds one split: a cluster that a command breaks on purpose may
// not answer for a while.
const splitLimit = 10 * time.Second

// splits goes through the keys and splits regions until it is ended.
type splits struct {
	splitter *cluster.Splitter
	cancel   context.CancelFunc
	done     chan struct{}
	refused  int
	last     error // of the refused ones
}

func startSplits(ctx context.Context, pds []string, prefix []byte, every time.Duration) (*splits, error) {
	splitter, err := cluster.NewSplitter(pds, prefix)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &splits{splitter: splitter, cancel: cancel, done: make(chan struct{})}
	go s.run(ctx, every)
	return s, nil
}

func (s *splits) run(ctx context.Context, every time.Duration) {
	defer close(s.done)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		one, cancel := context.WithTimeout(ctx, splitLimit)
		if err := s.splitter.Next(one); err != nil && ctx.Err() == nil {
			s.refused++
			s.last = err
		}
		cancel()
	}
}

// end says how many splits there were; none at all is an error, since whoever
// asked for splits wants to have been tested with them.
func (s *splits) end() error {
	s.cancel()
	<-s.done
	made := s.splitter.Made()
	fmt.Fprintf(os.Stderr, "run: %d region splits, %d refused\n", made, s.refused)
	err := s.splitter.Close()
	if made == 0 {
		err = errors.Join(errors.New("no region was split: no key with the prefix, or every split was refused"), s.last, err)
	}
	return err
}
