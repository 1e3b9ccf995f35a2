package matrix

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"roster/failpoints"
	"roster/tests/harness"
)

// losses is how often a lease is taken from each server.
const losses = 3

// TestIdleFaults is the rows of the fault table whose failpoint is in what servers
// do of themselves: every operation succeeds meanwhile, or after a crash, and the
// server is what it was when the fault is over.
func TestIdleFaults(t *testing.T) {
	checks := map[string]func(*testing.T, *idle){
		"servers/recordLost" + fails:   recordLost,
		"servers/recordLost" + crashes: crashAtTheStart,
		"servers/leaseLost" + fails:    leaseLost,
		"servers/leaseLost" + crashes:  leaderCrashes,
		"tikv/gcStalled" + fails:       gcStalled,
		"tikv/gcStalled" + crashes:     leaderCrashes,
	}
	for _, f := range idleFaults {
		if f.foreign() {
			continue
		}
		t.Run(f.point+" "+f.term, func(t *testing.T) {
			check := checks[f.point+f.term]
			if check == nil {
				t.Fatal("nothing checks this row")
			}
			i := &idle{fault: f, dir: t.TempDir()}
			check(t, i)
			t.Logf("%d operations succeeded", i.succeeded)
		})
	}
}

// idle is a row with the servers of its test, which are on the same store.
type idle struct {
	fault
	dir       string
	succeeded int
}

// options are those of a server; on says that its failpoint is on from the start.
func (i *idle) options(on bool) harness.Options {
	o := harness.Options{DataDir: i.dir}
	if on {
		p := failpoints.Catalogue[slices.IndexFunc(failpoints.Catalogue, func(p failpoints.Point) bool { return p.Name == i.point })]
		o.Env = []string{"GO_FAILPOINTS=" + p.Path() + "=" + i.term}
	}
	return o
}

func (i *idle) run(t *testing.T, on bool) *server {
	t.Helper()
	return runWith(t, i.options(on))
}

// operate has every operation succeed through both fronts.
func (i *idle) operate(t *testing.T, s *server) {
	t.Helper()
	i.succeeded += s.operate(t)
}

// recordLost: a server whose record is gone serves as ever, and puts it back.
func recordLost(t *testing.T, i *idle) {
	s := i.run(t, true)
	addresses, err := listed(t.Context(), s)
	if err != nil || len(addresses) != 0 {
		t.Errorf("%v, %v are listed, want none", addresses, err)
	}
	i.operate(t, s)
	if err := s.switchOff(t.Context(), i.fault); err != nil {
		t.Fatal(err)
	}
	awaitListed(t, s, s)
}

// crashAtTheStart: what a server wrote is there after it has crashed as it
// registered, and so is the next one on the list.
func crashAtTheStart(t *testing.T, i *idle) {
	first := i.run(t, false)
	i.operate(t, first)
	want, err := first.sql.Query(t.Context(), "SHOW INSTANCES")
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := launch(i.options(true)); err == nil || !strings.Contains(err.Error(), "signal: killed") {
		t.Fatalf("it starts, or ends with %v", err)
	}
	s := i.run(t, false)
	awaitListed(t, s, s)
	if got, err := s.sql.Query(t.Context(), "SHOW INSTANCES"); err != nil || len(got) != len(want) || len(got) == 0 {
		t.Errorf("%d instances are there, %v, want %d", len(got), err, len(want))
	}
	i.operate(t, s)
}

var ledTerm = regexp.MustCompile(`"this server collects garbage from now on" term=([0-9]+)`)

// leaseLost: servers from which the lease of garbage collection is taken again and
// again end what they collect and take the lease again, each under a term of its own.
func leaseLost(t *testing.T, i *idle) {
	servers := []*server{i.run(t, false), i.run(t, false)}
	awaitLeader(t, servers...)
	for _, s := range servers {
		if err := s.rest.SetFailpoint(t.Context(), i.point, strconv.Itoa(losses)+"*"+i.term); err != nil {
			t.Fatal(err)
		}
	}
	i.operate(t, servers[0])
	lost := 0.0
	harness.Poll(t, "the loss of the lease", waitLimit, func(context.Context) (bool, error) {
		lost = 0
		for _, s := range servers {
			lost += metric(t, s, `roster_gc_collections_total{result="lost"}`)
		}
		return lost >= losses, nil
	})
	i.operate(t, servers[1])
	for _, s := range servers {
		if err := s.switchOff(t.Context(), i.fault); err != nil {
			t.Fatal(err)
		}
	}
	awaitLeader(t, servers...)
	awaitListed(t, servers[0], servers...)
	taken := map[string]bool{}
	for _, s := range servers {
		for _, m := range ledTerm.FindAllStringSubmatch(s.Output(), -1) {
			if taken[m[1]] {
				t.Errorf("the term %s began twice", m[1])
			}
			taken[m[1]] = true
		}
	}
	if len(taken) <= losses {
		t.Errorf("%d terms began, and the lease was lost %v times", len(taken), lost)
	}
	t.Logf("the lease was lost %v times in the midst of a collection, in %d terms", lost, len(taken))
}

// leaderCrashes: another server collects when the one that did has crashed, which
// is on the list again once it is started again.
func leaderCrashes(t *testing.T, i *idle) {
	crashing, err := launch(i.options(true))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(crashing.AwaitExit(waitLimit), crashing.sql.DB.Close()); err != nil {
		t.Fatal(err)
	}
	other := i.run(t, false)
	awaitLeader(t, other)
	again := i.run(t, false)
	awaitListed(t, other, other, again)
	i.operate(t, again)
}

// gcStalled: a collection that gets no further changes nothing for clients, shows
// in the metrics, and does not hold up a stop.
func gcStalled(t *testing.T, i *idle) {
	s := i.run(t, true)
	harness.Poll(t, "a collection", waitLimit, func(context.Context) (bool, error) { return metric(t, s, "roster_gc_collection_seconds") > 0, nil })
	lasted := metric(t, s, "roster_gc_collection_seconds")
	i.operate(t, s)
	if now := metric(t, s, "roster_gc_collection_seconds"); now <= lasted {
		t.Errorf("the collection lasts %vs after %vs", now, lasted)
	}
	if at := metric(t, s, "roster_gc_safe_point_seconds"); at != 0 {
		t.Errorf("the safe point is %v", at)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	next := i.run(t, false)
	awaitLeader(t, next)
	i.operate(t, next)
}
