package embedded

import (
	"context"
	"math/rand/v2"
	"time"

	"roster/core"
)

const (
	// maxUpdateTime bounds an Update whose context has no deadline.
	maxUpdateTime = 10 * time.Second
	minBackoff    = time.Millisecond
	maxBackoff    = 64 * time.Millisecond
)

// conflict is what a try reports that lost against the commit at version by.
type conflict struct{ by uint64 }

// bounded gives ctx a deadline if it has none.
func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, maxUpdateTime)
}

// retry runs try until it does not lose, with jittered pauses that grow. The
// pause begins when settled says that the winner can be read.
func retry(ctx context.Context, try func() (*conflict, error), settled func(ctx context.Context, by uint64) error) error {
	start := time.Now()
	for n := 1; ; n++ {
		lost, err := try()
		if lost == nil {
			return err
		}
		err = settled(ctx, lost.by)
		if err == nil {
			err = pause(ctx, min(minBackoff<<min(n, 10), maxBackoff))
		}
		switch {
		case ctx.Err() != nil:
			return core.Errorf(core.Conflict,
				"lost every optimistic try, %d in %v, to other writers of the same keys; nothing was written: retry is safe",
				n, time.Since(start).Round(time.Millisecond)).Because(ctx.Err())
		case err != nil:
			return err
		}
	}
}

// pause waits for a random time under most, or for the end of ctx.
func pause(ctx context.Context, most time.Duration) error {
	timer := time.NewTimer(rand.N(most))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
