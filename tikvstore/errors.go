package tikvstore

import (
	"context"
	"errors"

	tikverr "github.com/tikv/client-go/v2/error"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"roster/core"
)

// outages are client-go's ways to say that it gave up on a cluster that does
// not serve.
var outages = []error{
	context.Canceled,
	context.DeadlineExceeded,
	tikverr.ErrTiKVServerTimeout,
	tikverr.ErrTiKVServerBusy,
	tikverr.ErrTiKVStaleCommand,
	tikverr.ErrTiKVMaxTimestampNotSynced,
	tikverr.ErrTiKVDiskFull,
	tikverr.ErrResolveLockTimeout,
	tikverr.ErrRegionUnavailable,
	tikverr.ErrRegionDataNotReady,
	tikverr.ErrRegionNotInitialized,
	tikverr.ErrRegionRecoveryInProgress,
	tikverr.ErrRegionFlashbackInProgress,
	tikverr.ErrRegionFlashbackNotPrepared,
	tikverr.ErrIsWitness,
	tikverr.ErrCommitTSLag,
	tikverr.ErrTiDBShuttingDown,
}

// explain turns an error of client-go, other than a conflict, into one a client
// may read. What client-go says stays in the cause.
func explain(ctx context.Context, err error) *core.Error {
	var (
		txnTooLarge *tikverr.ErrTxnTooLarge
		collected   *tikverr.ErrGCTooEarly
	)
	switch {
	case tikverr.IsErrorUndetermined(err):
		return core.Errorf(core.Undetermined,
			"the outcome of the commit could not be learnt; read what is there before trying again").Because(err)
	case errors.As(err, &txnTooLarge):
		return tooLarge(err)
	case errors.As(err, &collected):
		return core.Errorf(core.InvalidArgument,
			"the snapshot is older than the history kept, which begins at %v; ask for a later one",
			collected.GCSafePoint.UTC()).Because(err)
	case ctx.Err() != nil, isOutage(err):
		// client-go often hides the end of a context behind another error.
		return unavailable(err)
	default:
		return core.Errorf(core.Internal, "the store failed; nothing was written, the server's log says why").Because(err)
	}
}

func isOutage(err error) bool {
	for _, outage := range outages {
		if errors.Is(err, outage) {
			return true
		}
	}
	var (
		pdTimeout  *tikverr.ErrPDServerTimeout
		tokenLimit *tikverr.ErrTokenLimit
	)
	if errors.As(err, &pdTimeout) || errors.As(err, &tokenLimit) {
		return true
	}
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled:
		return true
	}
	return false
}

func unavailable(cause error) *core.Error {
	return core.Errorf(core.Unavailable,
		"the store did not answer in time; nothing was written, retry is safe").Because(cause)
}

func tooLarge(cause error) *core.Error {
	return core.Errorf(core.InvalidArgument,
		"the update writes more than %d bytes of keys and values; nothing was written, split it", core.MaxTxnBytes).Because(cause)
}
