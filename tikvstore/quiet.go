package tikvstore

import (
	"sync"

	"github.com/pingcap/log"
	"go.uber.org/zap/zapcore"
)

// quietDriver keeps client-go's log to errors. It is one for the process and has
// a format of its own; what a call meets is in the cause of its error anyway.
var quietDriver = sync.OnceFunc(func() { log.SetLevel(zapcore.ErrorLevel) })
