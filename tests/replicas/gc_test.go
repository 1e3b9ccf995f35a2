//go:build cluster

package replicas

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"roster/core"
	pb "roster/core/metapb"
	"roster/tests/cluster"
	"roster/tests/harness"
)

const (
	// retention is the least there is.
	retention = time.Minute
	// within is how far back the readers of the past go.
	within = 20 * time.Second
	// aCollection bounds one, of which 110 s pass by waiting.
	aCollection = 3 * time.Minute
	// succession bounds the time until another replica collects: a lease lasts
	// for 30 s, and is asked for every ten.
	succession = time.Minute
	// pdPause is how long PD is away.
	pdPause = 5 * time.Second
)

// refusal is what a reader of versions that are let go is told: before it reads,
// or when they go meanwhile.
var refusal = regexp.MustCompile(`history is kept only since [0-9]|older than the history kept, which begins at [0-9]`)

// TestGarbageCollection: the versions of the retention stay readable while those
// before it are let go, by one replica at a time, whatever happens to it.
func TestGarbageCollection(t *testing.T) {
	c := ownCluster(t, cluster.Options{})
	all := startReplicas(t, "--version-retention", retention.String(), "--log-format", "json")
	points := watchSafePoints(t, c)
	const instance = "collected"
	create(t, all[0].rest, instance)
	old := time.Now()
	first := awaitLeader(t, all, nil)

	outage := newOutage(t, all, "outage")
	outage.awaitSuccesses(t, time.Time{}, recovery)
	past := readThePast(t, all, instance)
	if err := c.PD(0).Pause(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(pdPause) // of which nothing tells
	if err := c.PD(0).Resume(); err != nil {
		t.Fatal(err)
	}
	back := time.Now()
	outage.awaitSuccesses(t, back, recovery)
	outage.firstSuccesses(t, back)
	past.awaitSuccesses(t, back)
	outage.end(t, true, all[0])

	harness.Poll(t, "a collection", aCollection, func(context.Context) (bool, error) {
		return strings.Contains(first.server.Output(), `"msg":"collected garbage"`), nil
	})
	harness.Poll(t, "a safe point after the first read", aCollection, func(context.Context) (bool, error) {
		return core.VersionTime(points.last().saved).After(old.Add(time.Second)), nil
	})
	for i, r := range all {
		harness.Poll(t, fmt.Sprintf("the refusal of replica %d to read what is let go", i+1), succession, func(ctx context.Context) (bool, error) {
			_, err := r.sql.Query(ctx, asOf(instance, "'"+old.UTC().Format(time.DateTime)+"'"))
			if err != nil && (core.CodeOf(err) != core.InvalidArgument || !refusal.MatchString(err.Error())) {
				t.Errorf("replica %d refuses to read what is let go with %v", i+1, err)
			}
			return err != nil, nil
		})
	}

	before := points.last()
	if before.cluster == 0 || before.service == 0 {
		t.Errorf("after a collection the safe points are %+v", before)
	}
	if err := first.server.Kill(); err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	second := awaitLeader(t, all, first)
	t.Logf("counted: another replica collects %.0fs after the leader was killed", time.Since(killed).Seconds())
	harness.Poll(t, "a safe point of the successor", succession, func(context.Context) (bool, error) {
		last := points.last()
		return last.saved > before.saved && last.service > before.service, nil
	})
	past.awaitSuccesses(t, time.Now(), first)
	if _, err := second.rest.GetInstance(t.Context(), &pb.GetInstanceRequest{InstanceId: new(instance)}); err != nil {
		t.Error(err)
	}

	past.end(t, first, killed)
	points.end(t)
	var cycles []cycle
	for i, r := range all {
		end := time.Now()
		if r == first {
			end = killed
		}
		found, err := cyclesIn(r.server.Output(), fmt.Sprintf("replica %d", i+1), end)
		if err != nil {
			t.Fatal(err)
		}
		cycles = append(cycles, found...)
	}
	if err := oneAtATime(cycles); err != nil || len(cycles) < 3 {
		t.Errorf("the collections were %v: %v", cycles, err)
	}
	t.Logf("counted: %d collections, no two at once: %v", len(cycles), cycles)
}

// awaitLeader is the replica that collects, once there is one that is not gone.
func awaitLeader(t *testing.T, all []*replica, gone *replica) (leader *replica) {
	t.Helper()
	harness.Poll(t, "a collection by another", succession, func(context.Context) (bool, error) {
		for _, r := range all {
			if r == gone || counters(t, []*replica{r}, "roster_gc_leader")[0] == 0 {
				continue
			}
			if leader != nil && leader != r {
				return false, errors.New("two replicas say that they are the one that collects")
			}
			leader = r
		}
		return leader != nil, nil
	})
	return leader
}

// asOf is a read of an instance at a time in the past.
func asOf(instance, when string) string {
	return "SELECT name FROM roster.instances AS OF TIMESTAMP " + when + " WHERE instance_id = '" + instance + "'"
}
