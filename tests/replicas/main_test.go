//go:build cluster

// Package replicas tests several servers over one TiKV cluster: many clients on
// one instance, PD or the store away, and commits whose answer is lost.
package replicas

import (
	"testing"

	"github.com/pingcap/log"
	"go.uber.org/goleak"
	"go.uber.org/zap/zapcore"

	"roster/tests/harness"
)

func TestMain(m *testing.M) {
	log.SetLevel(zapcore.FatalLevel) // client-go's; its errors are returned too
	goleak.VerifyTestMain(harness.Suite{Tests: m, Clients: writers})
}
