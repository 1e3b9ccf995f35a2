// Package matrix tries every failpoint with every mutating operation: the state
// after it is that before the operation or that after it, never between, and the
// client's verdict agrees.
package matrix

import (
	"flag"
	"testing"
	"time"

	"go.uber.org/goleak"

	"roster/tests/harness"
)

var all = flag.Bool("all", false, "try every combination instead of a sample")

// requestLimit bounds the wait for one answer, and for one exit.
const requestLimit = 30 * time.Second

func TestMain(m *testing.M) { goleak.VerifyTestMain(harness.Suite{Tests: m}) }
