package embedded

import (
	"context"
	"errors"

	"roster/core"
)

func errClosed() *core.Error {
	return core.Errorf(core.Unavailable, "the store is closed; nothing was written")
}

// errHalted is what writers get after a write whose outcome is unknown: going
// on could make half of it visible.
func errHalted() *core.Error {
	return core.Errorf(core.Unavailable,
		"the store takes no writes since one failed on disk; nothing was written: check the disk and restart the server")
}

// errEnded tells how ctx ended a call that has written nothing.
func errEnded(ctx context.Context) *core.Error {
	err := ctx.Err()
	if errors.Is(err, context.DeadlineExceeded) {
		return core.Errorf(core.Unavailable, "the deadline passed before the store was done; nothing was written: retry with more time").Because(err)
	}
	return core.Errorf(core.Unavailable, "the call was cancelled; nothing was written").Because(err)
}

func errEngine(doing string, err error) *core.Error {
	return core.Errorf(core.Internal, "the store failed while %s; nothing was written: see the server's log", doing).Because(err)
}
