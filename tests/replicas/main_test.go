//go:build cluster

// Package replicas tests several servers over one TiKV cluster: many clients on
// one instance, PD or the store away, and commits whose answer is lost.
package replicas

import (
	"fmt"
	"io"
	stdlog "log"
	"net/http"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/pingcap/log"
	"go.uber.org/goleak"
	"go.uber.org/zap/zapcore"

	"roster/tests/harness"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(suite{m}) }

// suite ends what the tests share before leaks are looked for.
type suite struct{ tests *testing.M }

func (s suite) Run() int {
	log.SetLevel(zapcore.FatalLevel) // client-go's; its errors are returned too
	// The driver would print every connection that it loses.
	if err := mysql.SetLogger(stdlog.New(io.Discard, "", 0)); err != nil {
		fmt.Println(err)
		return 1
	}
	// Each client keeps its connection, as a control plane does.
	transport := http.DefaultTransport.(*http.Transport)
	transport.MaxIdleConnsPerHost = writers
	code := s.tests.Run()
	if err := harness.Cleanup(); err != nil {
		fmt.Println(err)
		code = 1
	}
	transport.CloseIdleConnections()
	return code
}
