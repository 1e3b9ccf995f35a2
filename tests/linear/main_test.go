// Package linear checks that servers over one store behave as one that does one
// operation after the other, whatever fails around them: clients work at random,
// a fault strikes in each round, and a checker looks for an order of the
// operations that explains every answer.
package linear

import (
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"go.uber.org/goleak"

	"roster/tests/harness"
)

var (
	rounds    = flag.Int("rounds", 0, "rounds of the long form to run; 0 runs the short form")
	length    = flag.Duration("length", 10*time.Second, "length of a round of the long form; the fault lasts a good third of it")
	bedded    = flag.Bool("bed", false, "run on a TiKV cluster of the test's own, with faults between it and the servers")
	seed      = flag.Uint64("seed", 0, "seed of the random choices, as a failed run logged it; 0 chooses one")
	binary    = flag.String("binary", "", "the roster binary to run; the default is built from this project")
	failpoint = flag.String("failpoints", "", "GO_FAILPOINTS of the servers, for a binary built with them")
	violation = flag.Bool("expect-violation", false, fmt.Sprintf("pass only if a violation is found, within %d rounds", huntRounds))
)

// A toxiproxy link whose far end is cut while data is on its way is left behind.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(suite{m},
		goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2/toxics.(*ToxicStub).Run"),
		goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2.(*ToxicLink).read"))
}

// suite ends what the tests share before leaks are looked for.
type suite struct{ tests *testing.M }

func (s suite) Run() int {
	flag.Parse()
	if *binary != "" {
		if err := os.Setenv("ROSTER_BIN", *binary); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	// The driver would print every connection that a fault cuts.
	if err := mysql.SetLogger(log.New(io.Discard, "", 0)); err != nil {
		fmt.Println(err)
		return 1
	}
	// Each client keeps its connection, as a control plane does.
	transport := http.DefaultTransport.(*http.Transport)
	transport.MaxIdleConnsPerHost = clients
	code := s.tests.Run()
	if err := harness.Cleanup(); err != nil {
		fmt.Println(err)
		code = 1
	}
	transport.CloseIdleConnections()
	return code
}

// newSeed is the seed of a test's random choices; it is logged, so that they
// can be made again.
func newSeed(t *testing.T) uint64 {
	t.Helper()
	chosen := *seed
	if chosen == 0 {
		chosen = rand.Uint64()
	}
	t.Logf("seed %d", chosen)
	return chosen
}
