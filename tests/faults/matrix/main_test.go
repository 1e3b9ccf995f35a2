// Package matrix tries every failpoint with every mutating operation: the state
// after it is that before the operation or that after it, never between, and the
// client's verdict agrees.
package matrix

import (
	"flag"
	"fmt"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"roster/tests/harness"
)

var all = flag.Bool("all", false, "try every combination instead of a sample")

// requestLimit bounds the wait for one answer, and for one exit.
const requestLimit = 30 * time.Second

func TestMain(m *testing.M) { goleak.VerifyTestMain(suite{m}) }

// suite ends what the tests share before leaks are looked for.
type suite struct{ tests *testing.M }

func (s suite) Run() int {
	code := s.tests.Run()
	if err := harness.Cleanup(); err != nil {
		fmt.Println(err)
		code = 1
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	return code
}
