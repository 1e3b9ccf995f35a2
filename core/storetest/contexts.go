package storetest

import (
	"context"
	"testing"
	"time"

	"roster/core"
)

// ended are contexts that have ended before the store is called.
var ended = []struct {
	name string
	end  func(ctx context.Context) (context.Context, context.CancelFunc)
}{
	{"cancelled", func(ctx context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		return ctx, cancel
	}},
	{"expired", func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithDeadline(ctx, time.Unix(0, 0))
	}},
}

var contexts = []testCase{
	{"a context that has ended stops the call before it starts", func(t *testing.T, s *fixture) {
		s.put("a", "1")
		for _, c := range ended {
			t.Run(c.name, func(t *testing.T) {
				ctx, cancel := c.end(s.ctx)
				defer cancel()
				ran := false
				wantCode(t, s.View(ctx, core.ViewOptions{}, func(core.Reader) error {
					ran = true
					return nil
				}), core.Unavailable)
				wantCode(t, s.Update(ctx, func(tx core.Txn) error {
					ran = true
					return tx.Put([]byte("a"), []byte("2"))
				}), core.Unavailable)
				if ran {
					t.Error("the function ran")
				}
				s.want("a", "1")
			})
		}
	}},
	{"cancelling during an update leaves nothing written", func(t *testing.T, s *fixture) {
		ctx, cancel := context.WithCancel(s.ctx)
		defer cancel()
		runs := 0
		err := s.Update(ctx, func(tx core.Txn) error {
			runs++
			if err := tx.Put([]byte("a"), []byte("1")); err != nil {
				return err
			}
			cancel()
			return nil
		})
		wantCode(t, err, core.Unavailable)
		if runs != 1 {
			t.Errorf("the function ran %d times, want 1", runs)
		}
		s.want("a", "")
	}},
	{"a deadline during an update leaves nothing written", func(t *testing.T, s *fixture) {
		ctx, cancel := context.WithTimeout(s.ctx, 50*time.Millisecond)
		defer cancel()
		err := s.Update(ctx, func(tx core.Txn) error {
			if err := tx.Put([]byte("a"), []byte("1")); err != nil {
				return err
			}
			<-ctx.Done()
			return nil
		})
		wantCode(t, err, core.Unavailable)
		s.want("a", "")
	}},
	{"an error of the function counts more than a cancelled context", func(t *testing.T, s *fixture) {
		ctx, cancel := context.WithCancel(s.ctx)
		defer cancel()
		want := &customError{"no"}
		if got := s.Update(ctx, func(core.Txn) error {
			cancel()
			return want
		}); !same(got, want) {
			t.Errorf("Update = %v, want the very error of its function", got)
		}
	}},
	{"an update that never wins ends with its context and nothing written", func(t *testing.T, s *fixture) {
		// By runs: a deadline may come before the first, or when a commit is on its
		// way, of which the store then does not know what became.
		ctx, cancel := context.WithCancel(s.ctx)
		defer cancel()
		runs := 0
		const last = 3
		err := s.Update(ctx, func(tx core.Txn) error {
			if err := add(tx, "n", 1); err != nil {
				return err
			}
			if err := tx.Put([]byte("loser"), []byte("1")); err != nil {
				return err
			}
			err := s.tryUpdate(func(tx core.Txn) error { return tx.Put([]byte("n"), []byte("1000")) })
			if runs++; runs == last {
				cancel()
			}
			return err
		})
		wantCode(t, err, core.Conflict, core.Unavailable)
		if runs != last {
			t.Errorf("the function ran %d times, want %d: a run whose keys another wrote loses", runs, last)
		}
		s.want("n", "1000", "loser", "")
	}},
	{"a cancelled update does not disturb others", func(t *testing.T, s *fixture) {
		s.together(4, func(i int) error {
			for range 5 {
				ctx, cancel := context.WithCancel(s.ctx)
				err := s.Update(ctx, func(tx core.Txn) error {
					if i == 0 {
						cancel()
					}
					return add(tx, "n", 1)
				})
				cancel()
				if i != 0 && err != nil {
					return err
				}
			}
			return nil
		})
		s.want("n", "15")
	}},
	{"a closed store is unavailable and may be closed again", func(t *testing.T, s *fixture) {
		s.put("a", "1")
		if err := s.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
		wantCode(t, s.View(s.ctx, core.ViewOptions{}, func(core.Reader) error { return nil }), core.Unavailable)
		wantCode(t, s.Update(s.ctx, func(core.Txn) error { return nil }), core.Unavailable)
	}},
}
