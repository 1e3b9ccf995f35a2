package harness

import (
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// Suite is the tests of a package, for goleak.VerifyTestMain: it ends what they
// share before leaks are looked for.
type Suite struct {
	Tests *testing.M
	// Clients is how many clients of a server keep their connection, as a control
	// plane does; 0 is the default of net/http.
	Clients int
	// End ends what else the tests share; nil is nothing.
	End func() error
}

// Run runs the tests.
func (s Suite) Run() int {
	// The driver would print every connection that a fault cuts.
	if err := mysql.SetLogger(log.New(io.Discard, "", 0)); err != nil {
		fmt.Println(err)
		return 1
	}
	transport := http.DefaultTransport.(*http.Transport)
	transport.MaxIdleConnsPerHost = s.Clients
	code := s.Tests.Run()
	var err error
	if s.End != nil {
		err = s.End()
	}
	if err = errors.Join(err, Cleanup()); err != nil {
		fmt.Println(err)
		code = 1
	}
	transport.CloseIdleConnections()
	return code
}

// Seed is the seed of a test's random choices, a new one if the one given is 0. It
// is logged, so that they can be made again.
func Seed(tb testing.TB, given uint64) uint64 {
	tb.Helper()
	if given == 0 {
		given = rand.Uint64()
	}
	tb.Logf("seed %d", given)
	return given
}
