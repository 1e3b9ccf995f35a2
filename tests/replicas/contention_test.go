//go:build cluster

package replicas

import (
	"errors"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"roster/tests/cluster"
)

const (
	// writers add nodes to one instance at the same time.
	writers = 64
	// writesEach is how many writes they complete on average: with few, one lost
	// race too many would look like starvation.
	writesEach = 30
	// unfair is how far behind the mean the slowest writer may be.
	unfair = 4
)

func TestManyWritersOfOneInstanceOverAllReplicas(t *testing.T) {
	if os.Getenv("ROSTER_PD") == "" {
		ownCluster(t, cluster.Options{})
	}
	all := startReplicas(t)
	const instance = "arena"
	create(t, all[0].rest, instance)
	before := counters(t, all, "roster_store_commits_total", "roster_store_conflicts_total")
	acked, err := contend(t, fronts(all), instance)
	if err != nil {
		t.Fatal(err)
	}
	after := counters(t, all, "roster_store_commits_total", "roster_store_conflicts_total")

	for _, f := range fronts(all) {
		got, err := nodes(t.Context(), f, instance)
		if err != nil {
			t.Fatal(err)
		}
		for _, list := range acked {
			for _, n := range list {
				if id := node(instance, n).GetCloudUniqueId(); !got[id] {
					t.Errorf("%s does not have %s, which was acknowledged", f.name, id)
				}
			}
		}
	}
	total, fewest := 0, len(acked[0])
	for _, list := range acked {
		total += len(list)
		fewest = min(fewest, len(list))
	}
	if fewest*unfair*writers < total {
		t.Errorf("the slowest writer completed %d writes, the mean is %d", fewest, total/writers)
	}
	if made := recorded(t, all[0].sql, instance, ""); made != total+2 { // its creation, and its cluster's
		t.Errorf("history has %d records of the instance, want %d", made, total+2)
	}
	commits, conflicts := after[0]-before[0], after[1]-before[1]
	t.Logf("counted: %d writers over %d replicas, %d writes in %d commits, %d conflicts, %.2f attempts a commit; writes of one writer: fewest %d, mean %.1f, most %d",
		writers, howMany, total, commits, conflicts, float64(commits+conflicts)/float64(commits),
		fewest, float64(total)/writers, len(slices.MaxFunc(acked, func(a, b []int) int { return len(a) - len(b) })))
}

// contend has all writers write until they have completed enough together, and
// returns the nodes that each has added. No write may fail.
func contend(t *testing.T, through []front, instance string) (acked [][]int, err error) {
	acked = make([][]int, writers)
	failures := make([]error, writers)
	var completed, named atomic.Int64
	named.Store(1) // node 1 is there
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			api := through[w%len(through)]
			for completed.Load() < writers*writesEach {
				n := int(named.Add(1))
				if failures[w] = api.AddNode(t.Context(), onCluster(instance, node(instance, n))); failures[w] != nil {
					return
				}
				acked[w] = append(acked[w], n)
				completed.Add(1)
			}
		})
	}
	wg.Wait()
	return acked, errors.Join(failures...)
}
