//go:build cluster

package replicas

import (
	"context"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"roster/core"
	"roster/tests/cluster"
	"roster/tests/harness"
)

// pause is how long a server stands still: longer than every deadline and lease
// of what it was about to do.
const pause = 30 * time.Second

// TestAServerThatIsPaused holds one server of three still in the middle of changes,
// and lets it go on when another has decided otherwise: it must tell of nothing
// that is no more, and complete nothing that was decided before.
func TestAServerThatIsPaused(t *testing.T) {
	ownCluster(t, cluster.Options{})
	all := startReplicas(t)
	paused, other := all[0], all[1]
	for _, id := range []string{"kept", "dropped"} {
		create(t, other.rest, id)
	}
	others := newOutage(t, all[1:], "others")
	others.awaitSuccesses(t, time.Time{}, recovery)

	ctx, cancel := context.WithTimeout(t.Context(), pause+time.Minute)
	defer cancel()
	kept, doomed := startCrowd(ctx, paused, "kept"), startCrowd(ctx, paused, "dropped")
	for _, c := range []*crowd{kept, doomed} {
		t.Cleanup(c.end)
		harness.Poll(t, "the first writes", deadline+overhead, func(context.Context) (bool, error) { return c.acked.Load() > 0, nil })
	}
	if err := paused.server.Pause(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = paused.server.Resume() }) // of a test that failed before
	over := time.NewTimer(pause)
	defer over.Stop()

	// What the paused server was writing is in the way until its locks expire.
	harness.Poll(t, "the drop", pause, func(ctx context.Context) (bool, error) {
		err := other.rest.DropCluster(ctx, onCluster("dropped"))
		return err == nil || core.CodeOf(err) == core.NotFound, err
	})
	decided := read(t, other, "dropped")
	if len(decided[0].GetClusters()) != 0 {
		t.Fatalf("the cluster is there after the drop: %v", decided[0])
	}
	asked := startReads(ctx, paused, "dropped")
	others.awaitSuccesses(t, time.Now(), deadline+overhead)
	<-over.C
	if err := paused.server.Resume(); err != nil {
		t.Fatal(err)
	}
	back := time.Now()

	asked.tell(t, decided)
	if docs := read(t, paused, "dropped"); !proto.Equal(docs[0], decided[0]) || !proto.Equal(docs[1], decided[1]) {
		t.Errorf("the server that was paused tells of\n%v\nwant\n%v", docs, decided)
	}
	for _, r := range all {
		harness.Poll(t, "/readyz", recovery, r.ready)
	}
	kept.end()
	doomed.end()
	if docs := read(t, other, "dropped"); !proto.Equal(docs[0], decided[0]) {
		t.Errorf("a change was made after the drop:\n%v\nwant\n%v", docs[0], decided[0])
	}
	kept.present(t, other.rest)
	others.awaitSuccesses(t, back, recovery+deadline+overhead)
	others.end(t, true, other)
	t.Logf("counted: of the paused server's clients %d writes were acknowledged and %d refused",
		kept.acked.Load()+doomed.acked.Load(), kept.refused.Load()+doomed.refused.Load())
}
