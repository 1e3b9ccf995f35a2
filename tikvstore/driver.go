package tikvstore

import (
	"sync"

	"github.com/pingcap/log"
	"github.com/tikv/client-go/v2/kv"
	"go.uber.org/zap/zapcore"
)

// commitBatch is how many bytes of keys and values one request may commit. With
// client-go's 16 KiB the history record of a larger document is a second request,
// which also rules out one phase. Locks expire as they do with its default.
const commitBatch = 256 << 10

// setUpDriver sets what client-go has once for the process. Its log, in a format
// of its own, is kept to errors: what a call meets is in the cause of its error.
var setUpDriver = sync.OnceFunc(func() {
	log.SetLevel(zapcore.ErrorLevel)
	kv.TxnCommitBatchSize.Store(commitBatch)
})
