// Package linear checks that servers over one store behave as one that does one
// operation after the other, whatever fails around them: clients work at random,
// a fault strikes in each round, and a checker looks for an order of the
// operations that explains every answer.
package linear

import (
	"flag"
	"fmt"
	"log"
	"os"
	"testing"
	"time"

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
	flag.Parse()
	if *binary != "" {
		if err := os.Setenv("ROSTER_BIN", *binary); err != nil {
			log.Fatal(err)
		}
	}
	goleak.VerifyTestMain(harness.Suite{Tests: m, Clients: clients},
		goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2/toxics.(*ToxicStub).Run"),
		goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2.(*ToxicLink).read"))
}
