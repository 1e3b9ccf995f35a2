// Package store puts failpoints around any core.Store. Only a build with
// failpoints uses it.
package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/pingcap/failpoint"

	"roster/core"
	"roster/failpoints"
)

// Store is a core.Store that can fail.
type Store struct{ core.Store }

// New puts failpoints around a store.
func New(store core.Store) *Store { return &Store{store} }

// View implements core.Store.
func (s *Store) View(ctx context.Context, opts core.ViewOptions, fn func(core.Reader) error) error {
	if failpoints.Spared(ctx) {
		return s.Store.View(ctx, opts, fn)
	}
	s.pause(ctx)
	return s.Store.View(ctx, opts, func(r core.Reader) error { return fn(&reader{r}) })
}

// Read implements core.Store.
func (s *Store) Read(ctx context.Context, keys ...[]byte) (values [][]byte, err error) {
	if failpoints.Spared(ctx) {
		return s.Store.Read(ctx, keys...)
	}
	s.pause(ctx)
	err = (&reader{}).read(func() error {
		values, err = s.Store.Read(ctx, keys...)
		return err
	})
	return values, err
}

// Changes implements core.Store.
func (s *Store) Changes(ctx context.Context, r core.Range, since uint64) (changes core.Changes, err error) {
	if failpoints.Spared(ctx) {
		return s.Store.Changes(ctx, r, since)
	}
	s.pause(ctx)
	err = (&reader{}).read(func() error {
		changes, err = s.Store.Changes(ctx, r, since)
		return err
	})
	return changes, err
}

// Update implements core.Store.
func (s *Store) Update(ctx context.Context, fn func(core.Txn) error) error {
	if failpoints.Spared(ctx) {
		return s.Store.Update(ctx, fn)
	}
	s.pause(ctx)
	err := s.update(ctx, fn)
	if core.CodeOf(err) == core.Undetermined {
		failpoint.Inject("blindRetry", func(v failpoint.Value) {
			if failpoints.Act(v) {
				err = s.update(ctx, fn)
			}
		})
	}
	return err
}

// errLost is a commit that was to get lost on the way.
var errLost = undetermined("was lost")

func (s *Store) update(ctx context.Context, fn func(core.Txn) error) error {
	var unknown error
	failpoint.Inject("undetermined", func(v failpoint.Value) {
		switch {
		case !failpoints.Act(v):
		case v == "lost":
			unknown = errLost
		case strings.HasPrefix(fmt.Sprint(v), late):
			failpoint.Return(s.late(ctx, fn, failpoints.Duration(strings.TrimPrefix(fmt.Sprint(v), late))))
		default:
			unknown = undetermined("was made")
		}
	})
	err := s.Store.Update(ctx, func(tx core.Txn) error {
		failpoint.Inject("operation", func(v failpoint.Value) {
			if failpoints.Act(v) {
				failpoint.Return(forced(core.Internal, "operation"))
			}
		})
		if err := fn(&txn{reader{tx}, tx}); err != nil {
			return err
		}
		failpoint.Inject("beforeCommit", func(v failpoint.Value) {
			if failpoints.Act(v) {
				failpoint.Return(forced(core.Unavailable, "beforeCommit"))
			}
		})
		if unknown == errLost { //nolint:errorlint // it is this very value, wrapped by nobody
			return errLost
		}
		return nil
	})
	if err != nil {
		return err
	}
	failpoint.Inject("afterCommit", func(v failpoint.Value) {
		if failpoints.Act(v) {
			failpoint.Return(undetermined("was made"))
		}
	})
	return unknown
}

const (
	// late begins the value that says by how much a commit is late.
	late = "late "
	// lateWait bounds such a commit.
	lateWait = 5 * time.Second
)

// late makes a commit some time after it has told its caller that the outcome is
// unknown. It is tried once, as of the reads before that.
func (s *Store) late(ctx context.Context, fn func(core.Txn) error, by time.Duration) error {
	ready := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lateWait)
		defer cancel()
		tried := false
		err := s.Store.Update(ctx, func(tx core.Txn) error {
			if tried {
				return errLost
			}
			tried = true
			if err := fn(&txn{reader{tx}, tx}); err != nil {
				return err
			}
			ready <- nil
			time.Sleep(by)
			return nil
		})
		select {
		case ready <- err: // it came to nothing before
		default:
		}
	}()
	if err := <-ready; err != nil {
		return err
	}
	return undetermined("is made later")
}

// pause lets a slow store begin late, but no later than its caller waits.
func (s *Store) pause(ctx context.Context) {
	failpoint.Inject("slow", func(v failpoint.Value) {
		if !failpoints.Act(v) {
			failpoint.Return()
		}
		timer := time.NewTimer(failpoints.Duration(v))
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	})
}

func forced(code core.Code, id string) error {
	return core.Errorf(code, "the failpoint store/%s was hit; nothing was written", id)
}

func undetermined(outcome string) error {
	return core.Errorf(core.Undetermined, "a failpoint hides the outcome of the commit; it %s", outcome)
}
