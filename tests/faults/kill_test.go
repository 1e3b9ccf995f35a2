package faults

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"roster/core"
	"roster/tests/harness"
)

// killForm is the size of the kill rounds.
type killForm struct {
	rounds, clients int
	// minAcked and maxAcked bound the acknowledged operations of a round.
	minAcked, maxAcked int64
	// readyLimit bounds the time from the start of the process until it is ready.
	readyLimit time.Duration
}

var (
	shortKills = killForm{rounds: 3, clients: 16, minAcked: 100, maxAcked: 400, readyLimit: 15 * time.Second}
	longKills  = killForm{rounds: 20, clients: 16, minAcked: 50, maxAcked: 2500, readyLimit: 5 * time.Second}
)

// TestKill loses nothing that was acknowledged when the server is killed under
// load, again and again on the same data.
func TestKill(t *testing.T) {
	form := shortKills
	if *long {
		form = longKills
	}
	seed := harness.Seed(t, *seed)
	k := &killing{
		form: form, dir: t.TempDir(),
		rng:     rand.New(rand.NewPCG(seed, 1<<32)),
		clients: newClients(form.clients, seed),
	}
	for round := range form.rounds {
		k.round(t, round)
	}
	for range 2 { // the first start recovers from a kill, the second from a stop
		s, _ := k.startAndVerify(t)
		stop(t, s)
	}
	t.Logf("%d rounds: %d acknowledged, %d refused, %d unknown (%d of them had taken effect), 0 lost; ready in at most %v",
		form.rounds, k.tally.acked.Load(), k.tally.refused.Load(), k.tally.unknown.Load(), k.landed, k.slowest.Round(time.Millisecond))
}

// killing is a run of kill rounds over one data directory.
type killing struct {
	form    killForm
	dir     string
	rng     *rand.Rand
	clients []*client
	tally   tally
	landed  int
	slowest time.Duration
}

// round verifies what is there, adds load, and kills the server in its midst.
func (k *killing) round(t *testing.T, round int) {
	s, api := k.startAndVerify(t)
	k.share(t, api, fmt.Sprintf("shared_%d", round))
	reached := k.tally.expect(k.form.minAcked + k.rng.Int64N(k.form.maxAcked-k.form.minAcked))
	l := startLoad(t.Context(), k.clients, api, &k.tally)
	l.await(t, s, reached)
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if <-l.done; l.err != nil {
		t.Fatalf("round %d: %v\n%s", round, l.err, tail(s))
	}
}

func (k *killing) startAndVerify(t *testing.T) (*harness.Server, *harness.REST) {
	t.Helper()
	if _, err := harness.Binary(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	s, api := start(t, k.dir)
	took := time.Since(began)
	k.slowest = max(k.slowest, took)
	if took > k.form.readyLimit {
		t.Errorf("the server was ready after %v, at most %v are allowed", took, k.form.readyLimit)
	}
	k.landed += verifyAll(t, k.clients, api)
	return s, api
}

// share creates an instance that all clients use.
func (k *killing) share(t *testing.T, api core.API, id string) {
	t.Helper()
	created := createInstance(id)
	based := addCluster(id, base, base)
	doc := based.after(created.after(nil))
	for _, op := range []operation{created, based} {
		if err := op.send(t.Context(), api); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range k.clients {
		c.docs[id] = doc
	}
}
