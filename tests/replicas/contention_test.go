//go:build cluster

package replicas

import (
	"errors"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"roster/core"
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
	acked, refused, unknown, err := contend(t, fronts(all), instance)
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
	least := total + 2 // its creation, and its cluster's
	if made := recorded(t, all[0].sql, instance, ""); made < least || made > least+unknown {
		t.Errorf("history has %d records of the instance, want %d and at most %d more", made, least, unknown)
	}
	commits, conflicts := after[0]-before[0], after[1]-before[1]
	t.Logf("counted: %d writers over %d replicas, %d writes (%d more were refused, of %d the outcome is unknown) in %d commits, %d conflicts, %.2f attempts a commit; writes of one writer: fewest %d, mean %.1f, most %d",
		writers, howMany, total, refused, unknown, commits, conflicts, float64(commits+conflicts)/float64(commits),
		fewest, float64(total)/writers, len(slices.MaxFunc(acked, func(a, b []int) int { return len(a) - len(b) })))
}

// contend has all writers write until they have completed enough together, and
// returns the nodes that each has added. On a busy machine some writes may be out
// of time, which has to be said so that another may follow.
func contend(t *testing.T, through []front, instance string) (acked [][]int, refused, unknown int, err error) {
	acked = make([][]int, writers)
	failures := make([]error, writers)
	var completed, named, late, undetermined atomic.Int64
	named.Store(1) // node 1 is there
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			api := through[w%len(through)]
			for completed.Load() < writers*writesEach {
				n := int(named.Add(1))
				err := api.AddNode(t.Context(), onCluster(instance, node(instance, n)))
				switch code := core.CodeOf(err); {
				case err == nil:
					acked[w] = append(acked[w], n)
					completed.Add(1)
				case code == core.Undetermined && undetermined.Add(1) < writers*writesEach:
				case code == core.Unavailable && late.Add(1) < writers*writesEach:
				default:
					failures[w] = err
					return
				}
			}
		})
	}
	wg.Wait()
	return acked, int(late.Load()), int(undetermined.Load()), errors.Join(failures...)
}
