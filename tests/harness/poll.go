package harness

import (
	"context"
	"testing"
	"time"
)

// Poll asks until it is told yes, and fails the test when the limit is over.
func Poll(tb testing.TB, what string, limit time.Duration, yes func(context.Context) (bool, error)) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), limit)
	defer cancel()
	pace := time.NewTicker(20 * time.Millisecond)
	defer pace.Stop()
	for {
		done, err := yes(ctx)
		if done && err == nil {
			return
		}
		select {
		case <-pace.C:
		case <-ctx.Done():
			tb.Fatalf("%s did not happen within %v: %v", what, limit, err)
		}
	}
}
