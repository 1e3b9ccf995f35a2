//go:build linux

package main

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestDrive(t *testing.T) {
	t.Run("counts what every operation did", func(t *testing.T) {
		var first, second int
		o, err := drive(t.Context(), []operation{
			func() error { first++; return nil },
			func() error { second++; return nil },
		}, time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		if first == 0 || second == 0 || o.count != first+second {
			t.Errorf("counted %d of %d and %d", o.count, first, second)
		}
		if o.elapsed < time.Millisecond {
			t.Errorf("took %v, want at least the time given", o.elapsed)
		}
	})
	t.Run("stops all for the error of one", func(t *testing.T) {
		broken := errors.New("broken")
		_, err := drive(t.Context(), []operation{
			func() error { return nil },
			func() error { return broken },
		}, time.Hour)
		if !errors.Is(err, broken) {
			t.Errorf("got %v, want %v", err, broken)
		}
	})
	t.Run("stops when it is cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := drive(ctx, []operation{func() error { cancel(); return nil }}, time.Hour)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
	})
}
