package core

import (
	"context"
	"errors"
	"time"
)

// errDryRun ends a transaction that was only to be tried.
var errDryRun = errors.New("dry run")

// amend runs a mutation of records outside any instance's document. The run
// names its instance in t before it returns.
func (s *Service) amend(ctx context.Context, t *trace, about string, run func(tx Txn, now time.Time) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
	}()
	ctx, cancel := bounded(ctx)
	defer cancel()
	if err := t.begin(ctx, about); err != nil {
		return err
	}
	var mark []byte
	err = s.store.Update(ctx, func(tx Txn) error {
		mark = nil
		if repeated, err := t.repeated(tx); repeated || err != nil {
			return err
		}
		now := s.now()
		err := contain(func() error { return run(tx, now) })
		if err != nil {
			return err
		}
		if t.call.DryRun {
			return errDryRun
		}
		mark, err = t.write(tx, now, 0)
		return err
	})
	if errors.Is(err, errDryRun) {
		return nil
	}
	return s.settle(ctx, err, mark)
}
