//go:build cluster

package replicas

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"roster/core"
	"roster/tests/cluster"
	"roster/tests/harness"
)

const (
	// away is how long PD or the store is gone.
	away = 20 * time.Second
	// deadline is that of a request (request-timeout), and overhead what its
	// answer may take beyond it.
	deadline, overhead = 10 * time.Second, time.Second
	// recovery bounds the time to the first success once the cluster is back.
	recovery = 10 * time.Second
	// noticing bounds the time until /readyz says that the cluster is away.
	noticing = 15 * time.Second
)

func TestRequestsWhilePDOrTheStoreIsAway(t *testing.T) {
	c := ownCluster(t, cluster.Options{})
	all := startReplicas(t)
	pd, store := c.PD(0), c.Store(0)
	for i, turn := range []struct {
		name       string
		begin, end func() error
		// durable is false where the cluster itself may lose what it has: see the
		// package cluster on a store that is killed.
		durable bool
	}{
		{"PD pauses", pd.Pause, pd.Resume, true},
		{"PD is killed", pd.Kill, pd.Start, true},
		{"the store is killed", store.Kill, store.Start, false},
	} {
		t.Run(turn.name, func(t *testing.T) {
			o := newOutage(t, all, fmt.Sprintf("outage_%d", i))
			o.awaitReady(t, true, recovery)
			o.awaitSuccesses(t, time.Time{}, recovery)
			if err := turn.begin(); err != nil {
				t.Fatal(err)
			}
			over := time.NewTimer(away)
			defer over.Stop()
			o.awaitReady(t, false, noticing)
			o.awaitFailures(t, deadline+overhead)
			<-over.C
			if err := turn.end(); err != nil {
				t.Fatal(err)
			}
			bound, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := c.Ready(bound); err != nil {
				t.Fatal(err)
			}
			back := time.Now()
			o.awaitReady(t, true, recovery)
			o.awaitSuccesses(t, back, recovery+deadline+overhead)
			o.firstSuccesses(t, back)
			o.end(t, turn.durable, all[0])
		})
	}
}

// outage is what the clients of all fronts are answered: one reads and one writes
// on each, all the time.
type outage struct {
	all      []*replica
	instance string
	probes   []*probe
	stop     context.CancelFunc
	done     sync.WaitGroup
}

func newOutage(t *testing.T, all []*replica, instance string) *outage {
	t.Helper()
	create(t, all[0].rest, instance)
	ctx, cancel := context.WithCancel(t.Context())
	o := &outage{all: all, instance: instance, stop: cancel}
	t.Cleanup(func() { o.stop(); o.done.Wait() })
	for i, r := range all {
		for j, front := range []string{"REST", "SQL"} {
			for k, does := range []string{"reads", "writes"} {
				p := &probe{name: fmt.Sprintf("%s by %s of replica %d", does, front, i+1), api: r.rest, instance: instance,
					writes: does == "writes", first: 1000 * (1 + k + 2*(j+2*i)), codes: map[core.Code]int{}}
				if front == "SQL" {
					p.sql = openSQL(t, r.server)
					p.api = p.sql
				}
				o.probes = append(o.probes, p)
			}
		}
	}
	for _, p := range o.probes {
		o.done.Go(func() { p.run(ctx) })
	}
	return o
}

// awaitReady waits until /readyz of every replica says so.
func (o *outage) awaitReady(t *testing.T, want bool, limit time.Duration) {
	t.Helper()
	for i, r := range o.all {
		harness.Poll(t, fmt.Sprintf("/readyz of replica %d ready=%t", i+1, want), limit, func(ctx context.Context) (bool, error) {
			got, err := r.ready(ctx)
			return got == want, err
		})
	}
}

// awaitFailures waits until every client was told of the outage.
func (o *outage) awaitFailures(t *testing.T, limit time.Duration) {
	t.Helper()
	for _, p := range o.probes {
		harness.Poll(t, p.name+" fail", limit, func(context.Context) (bool, error) { return p.failures() > 0, nil })
	}
}

// awaitSuccesses waits until every client has succeeded after a time.
func (o *outage) awaitSuccesses(t *testing.T, after time.Time, limit time.Duration) {
	t.Helper()
	for _, p := range o.probes {
		harness.Poll(t, p.name+" succeed", limit, func(context.Context) (bool, error) { return p.succeeded().After(after), nil })
	}
}

// firstSuccesses checks that no client had to wait long once the cluster was back.
func (o *outage) firstSuccesses(t *testing.T, back time.Time) {
	t.Helper()
	var slowest time.Duration
	for _, p := range o.probes {
		took := p.firstAfter(back).Sub(back)
		if slowest = max(slowest, took); took > recovery {
			t.Errorf("%s succeed %v after the cluster was back, want %v at most", p.name, took, recovery)
		}
	}
	t.Logf("counted: the last of %d clients succeeded %.1fs after the cluster was back", len(o.probes), slowest.Seconds())
}

// end checks every answer, and that what was acknowledged is there.
func (o *outage) end(t *testing.T, durable bool, through *replica) {
	t.Helper()
	o.stop()
	o.done.Wait()
	got, err := nodes(t.Context(), through.rest, o.instance)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]int{}
	var longest time.Duration
	acked, lost, logins := 0, 0, 0
	for _, p := range o.probes {
		if p.wrong != nil {
			t.Errorf("%s: %v", p.name, p.wrong)
		}
		for code, n := range p.codes {
			codes[fmt.Sprintf("%v %d", code, code.HTTPStatus())] += n
		}
		longest = max(longest, p.longest)
		logins += p.logins
		for _, n := range p.acked {
			if acked++; !got[node(o.instance, n).GetCloudUniqueId()] {
				lost++
			}
		}
	}
	if durable && lost > 0 {
		t.Errorf("%d of %d acknowledged writes are lost", lost, acked)
	}
	var counts []string
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		counts = append(counts, fmt.Sprintf("%s: %d", code, codes[code]))
	}
	t.Logf("counted: answers %v, the longest took %.1fs; %d writes acknowledged, %d of them lost; %d logins failed", counts, longest.Seconds(), acked, lost, logins)
}
