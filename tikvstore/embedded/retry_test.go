package embedded

import (
	"context"
	"errors"
	"testing"

	"roster/core"
)

func TestRetry(t *testing.T) {
	ready := func(context.Context, uint64) error { return nil }
	failure := errors.New("failure")
	t.Run("runs again until a try wins", func(t *testing.T) {
		runs := 0
		err := retry(t.Context(), func() (*conflict, error) {
			if runs++; runs < 4 {
				return &conflict{}, nil
			}
			return nil, nil
		}, ready)
		if err != nil || runs != 4 {
			t.Errorf("retry = %v after %d tries, want success after 4", err, runs)
		}
	})
	t.Run("ends with the error of a try", func(t *testing.T) {
		err := retry(t.Context(), func() (*conflict, error) { return nil, failure }, ready)
		if !errors.Is(err, failure) {
			t.Errorf("retry = %v, want %v", err, failure)
		}
	})
	t.Run("waits for the winner", func(t *testing.T) {
		runs, waited := 0, uint64(0)
		err := retry(t.Context(), func() (*conflict, error) {
			if runs++; runs == 1 {
				return &conflict{by: 7}, nil
			}
			return nil, nil
		}, func(_ context.Context, by uint64) error {
			waited = by
			return nil
		})
		if err != nil || waited != 7 {
			t.Errorf("retry = %v and waited for version %d, want 7", err, waited)
		}
	})
	t.Run("ends when the winner will never be there", func(t *testing.T) {
		err := retry(t.Context(), func() (*conflict, error) { return &conflict{}, nil }, func(context.Context, uint64) error { return failure })
		if !errors.Is(err, failure) {
			t.Errorf("retry = %v, want %v", err, failure)
		}
	})
	t.Run("is a conflict when the time is up", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		runs := 0
		err := retry(ctx, func() (*conflict, error) {
			if runs++; runs == 3 {
				cancel()
			}
			return &conflict{}, nil
		}, ready)
		wantCode(t, err, core.Conflict)
		if runs != 3 {
			t.Errorf("%d tries were made, want 3", runs)
		}
	})
}

func TestBoundedGivesADeadline(t *testing.T) {
	ctx, cancel := bounded(context.Background())
	defer cancel()
	if _, ok := ctx.Deadline(); !ok {
		t.Error("there is no deadline")
	}
	again, cancel := bounded(ctx)
	defer cancel()
	if again != ctx {
		t.Error("a deadline was replaced")
	}
}
