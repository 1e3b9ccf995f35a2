//go:build cluster

package replicas

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/protobuf/proto"

	"roster/core"
	pb "roster/core/metapb"
	"roster/tests/harness"
)

// crowdSize is how many clients of each front a crowd has.
const crowdSize = 4

// crowd are clients of one server that add nodes to one instance, each without a
// break, so that each has a request under way whenever the server stops.
type crowd struct {
	instance       string
	acked, refused atomic.Int64
	stop           context.CancelFunc
	done           sync.WaitGroup

	mu    sync.Mutex
	nodes []int // acknowledged
}

func startCrowd(ctx context.Context, r *replica, instance string) *crowd {
	ctx, cancel := context.WithCancel(ctx)
	c := &crowd{instance: instance, stop: cancel}
	for i := range crowdSize {
		for j, api := range []core.API{r.rest, r.sql} {
			first := 5000 * (2*i + j)
			c.done.Go(func() {
				for n := 2; ctx.Err() == nil; n++ {
					if api.AddNode(ctx, onCluster(instance, node(instance, first+n))) == nil {
						c.note(first + n)
					} else {
						c.refused.Add(1)
					}
				}
			})
		}
	}
	return c
}

func (c *crowd) note(n int) {
	c.acked.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nodes = append(c.nodes, n)
}

func (c *crowd) end() {
	c.stop()
	c.done.Wait()
}

// present checks that what was acknowledged is there.
func (c *crowd) present(t *testing.T, api core.API) {
	t.Helper()
	got, err := nodes(t.Context(), api, c.instance)
	if err != nil {
		t.Fatal(err)
	}
	lost := 0
	for _, n := range c.nodes {
		if !got[node(c.instance, n).GetCloudUniqueId()] {
			lost++
		}
	}
	if lost > 0 {
		t.Errorf("%d of %d acknowledged writes are lost", lost, len(c.nodes))
	}
}

// reads are requests of both fronts that a server has not answered yet.
type reads struct {
	done sync.WaitGroup
	docs [2]*pb.InstanceInfoPB
}

func startReads(ctx context.Context, r *replica, instance string) *reads {
	all := &reads{}
	for i, api := range []core.API{r.rest, r.sql} {
		all.done.Go(func() {
			// A refusal is as true as an answer.
			if doc, err := api.GetInstance(ctx, &pb.GetInstanceRequest{InstanceId: &instance}); err == nil {
				all.docs[i] = doc
			}
		})
	}
	return all
}

// tell waits for the answers and checks that they tell the truth.
func (r *reads) tell(t *testing.T, truth [2]*pb.InstanceInfoPB) {
	t.Helper()
	r.done.Wait()
	for i, doc := range r.docs {
		if doc != nil && !proto.Equal(doc, truth[i]) {
			t.Errorf("a read that began after a change tells of before:\n%v\nwant\n%v", doc, truth[i])
		}
	}
}

// read asks a server until each front has answered.
func read(t *testing.T, r *replica, instance string) (docs [2]*pb.InstanceInfoPB) {
	t.Helper()
	harness.Poll(t, "reads of "+instance, recovery+deadline+overhead, func(ctx context.Context) (bool, error) {
		one := startReads(ctx, r, instance)
		one.done.Wait()
		docs = one.docs
		return docs[0] != nil && docs[1] != nil, nil
	})
	return docs
}
