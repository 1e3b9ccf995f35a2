package tikvstore

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	tikverr "github.com/tikv/client-go/v2/error"
)

// The pause before a new try is random up to a bound that doubles from the
// first to the longest, so that writers who met once do not meet again.
const (
	firstPause   = 2 * time.Millisecond
	longestPause = 128 * time.Millisecond
)

// isConflict says whether a commit failed because of another transaction, with
// nothing written.
func isConflict(err error) bool {
	var (
		retryable *tikverr.ErrRetryable
		latch     *tikverr.ErrWriteConflictInLatch
	)
	return !tikverr.IsErrorUndetermined(err) &&
		(tikverr.IsErrWriteConflict(err) || tikverr.IsErrKeyExist(err) ||
			errors.As(err, &retryable) || errors.As(err, &latch))
}

// pause waits before the try after the given one; false means that ctx ended.
func pause(ctx context.Context, try int) bool {
	bound := longestPause
	if try < 8 {
		bound = min(firstPause<<(try-1), longestPause)
	}
	timer := time.NewTimer(rand.N(bound))
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
