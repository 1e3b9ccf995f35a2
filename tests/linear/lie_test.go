package linear

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"roster/core"
	pb "roster/core/metapb"
	"roster/tests/harness"
)

// everyLie is how many requests there are to one that is lied about.
const everyLie = 20

// TestLies has something between clients and servers that does not do what it
// says: the checker has to see it.
func TestLies(t *testing.T) {
	d := deploy(t)
	number := 0
	for name, lie := range map[string]func(core.API) core.API{
		"a change acknowledged and not made":           forgetting(),
		"a lost answer repeated under another id":      repeating(),
		"a read answered with what an older one found": remembering(),
	} {
		t.Run(name, func(t *testing.T) {
			seed := harness.Seed(t, *seed)
			rng := rand.New(rand.NewPCG(seed, 0))
			for range huntRounds {
				number++
				r := &round{number: number, fault: noFault, length: time.Second, rng: rng, wrap: lie}
				if err := r.run(t.Context(), d); err != nil {
					t.Fatalf("%v\n%s", err, d.output())
				}
				verdict, took := r.check()
				t.Logf("%v: %s in %.2fs", r, verdict, took.Seconds())
				if verdict == porcupine.Illegal {
					expectKept(t, r, seed, d)
					return
				}
			}
			t.Errorf("no violation in %d rounds", huntRounds)
		})
	}
}

// expectKept has a violation lead to a file for each thing that explains it.
func expectKept(t *testing.T, r *round, seed uint64, d *deployment) {
	t.Helper()
	dir := t.TempDir()
	guilty, err := r.keep(dir, seed, d)
	if err != nil {
		t.Fatal(err)
	}
	if len(guilty) == 0 {
		t.Fatal("there is a violation, in no instance")
	}
	kept := []string{"history.json", d.replicas[0].name + ".log"}
	for _, id := range guilty {
		kept = append(kept, id+".html")
	}
	for _, name := range kept {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s is not kept: %v", name, err)
		}
	}
}

// count tells for which requests to lie.
type count struct{ n atomic.Int64 }

func (c *count) lie() bool { return c.n.Add(1)%everyLie == 0 }

// adder adds nodes in a way of its own.
type adder struct {
	core.API
	add func(context.Context, *pb.AlterClusterRequest) error
}

func (a adder) AddNode(ctx context.Context, req *pb.AlterClusterRequest) error {
	return a.add(ctx, req)
}

func forgetting() func(core.API) core.API {
	c := new(count)
	return func(api core.API) core.API {
		return adder{api, func(ctx context.Context, req *pb.AlterClusterRequest) error {
			if c.lie() {
				return nil
			}
			return api.AddNode(ctx, req)
		}}
	}
}

func repeating() func(core.API) core.API {
	c := new(count)
	return func(api core.API) core.API {
		return adder{api, func(ctx context.Context, req *pb.AlterClusterRequest) error {
			err := api.AddNode(ctx, req)
			if err != nil || !c.lie() {
				return err
			}
			call := core.CallOf(ctx)
			call.RequestID += "_again"
			return api.AddNode(core.WithCall(ctx, call), req)
		}}
	}
}

// memory is what reads have found.
type memory struct {
	count count
	mu    sync.Mutex
	docs  map[string]*pb.InstanceInfoPB
}

type rememberer struct {
	core.API
	memory *memory
}

func remembering() func(core.API) core.API {
	m := &memory{docs: map[string]*pb.InstanceInfoPB{}}
	return func(api core.API) core.API { return rememberer{api, m} }
}

func (r rememberer) GetInstance(ctx context.Context, req *pb.GetInstanceRequest) (*pb.InstanceInfoPB, error) {
	m := r.memory
	m.mu.Lock()
	old := m.docs[req.GetInstanceId()]
	m.mu.Unlock()
	if old != nil && m.count.lie() {
		return old, nil
	}
	doc, err := r.API.GetInstance(ctx, req)
	if err == nil {
		m.mu.Lock()
		m.docs[req.GetInstanceId()] = doc
		m.mu.Unlock()
	}
	return doc, err
}
