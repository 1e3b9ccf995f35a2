package tikvstore

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tikv/client-go/v2/tikv"
	"github.com/tikv/client-go/v2/tikvrpc"

	"roster/core"
)

func proceed(context.Context) error { return nil }

// age is how long before the store's present a version is, to the second.
func age(t *testing.T, store *Store, version uint64) time.Duration {
	t.Helper()
	now, err := store.timestamp(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return core.VersionTime(now).Sub(core.VersionTime(version)).Round(time.Minute)
}

func collect(t *testing.T, store *Store, retention time.Duration) uint64 {
	t.Helper()
	safePoint, err := store.Collect(t.Context(), retention, proceed)
	if err != nil {
		t.Fatalf("Collect: %v", err)
	}
	return safePoint
}

func TestCollectAdvancesEverySafePoint(t *testing.T) {
	store, _ := mockCluster(t, nil)
	defer closeStore(t, store)
	store.settle = 0
	safePoint := collect(t, store, time.Hour)
	if got := age(t, store, safePoint); got != time.Hour {
		t.Errorf("the safe point is %v old, want the retention of an hour", got)
	}
	if saved, err := store.savedSafePoint(); saved != safePoint || err != nil {
		t.Errorf("%d, %v is saved, want %d", saved, err, safePoint)
	}
	// The services' and the cluster's safe points only advance, so that asking for
	// less tells what they are.
	pd := store.client.GetPDClient()
	for _, service := range []string{gcWorker, "roster-roster"} {
		if least, err := pd.UpdateServiceGCSafePoint(t.Context(), service, 1, safePoint-1); least != safePoint || err != nil {
			t.Errorf("the least safe point of all services is %d, %v, want %d", least, err, safePoint)
		}
	}
	if got, err := pd.UpdateGCSafePoint(t.Context(), 0); got != safePoint || err != nil {
		t.Errorf("the cluster's safe point is %d, %v, want %d", got, err, safePoint)
	}
}

func TestCollectKeepsTheLeastRetention(t *testing.T) {
	store, _ := mockCluster(t, nil)
	defer closeStore(t, store)
	store.settle = 0
	if got := age(t, store, collect(t, store, time.Nanosecond)); got != MinRetention {
		t.Errorf("the safe point is %v old, want %v", got, MinRetention)
	}
}

func TestCollectStaysBehindOtherServices(t *testing.T) {
	store, _ := mockCluster(t, nil)
	defer closeStore(t, store)
	store.settle = 0
	backup := core.VersionAt(time.Now().Add(-3 * time.Hour))
	if _, err := store.client.GetPDClient().UpdateServiceGCSafePoint(t.Context(), "backup", 3600, backup); err != nil {
		t.Fatal(err)
	}
	if got := collect(t, store, time.Hour); got != backup {
		t.Errorf("the safe point is %v old, want that of the backup, 3h", age(t, store, got))
	}
}

func TestCollectLeavesTheHistoryOfARosterThatKeepsMore(t *testing.T) {
	store, _ := mockCluster(t, nil)
	defer closeStore(t, store)
	store.settle = 0
	hasty, patient := sharing(store, "hasty/"), sharing(store, "patient/")
	hasty.settle, patient.settle = 0, 0
	reached := collect(t, hasty, time.Hour)
	if got := collect(t, patient, 5*time.Hour); got != 0 {
		t.Errorf("a safe point %v old was reached, want none: nothing that old is left", age(t, store, got))
	}
	if got := collect(t, hasty, time.Minute); got != reached && got != 0 {
		t.Errorf("the safe point went on to %v of age, which the patient keeps", age(t, store, got))
	}
}

func TestCollectLeavesClustersOfTiDBAlone(t *testing.T) {
	store, _ := mockCluster(t, nil)
	defer closeStore(t, store)
	if err := store.client.GetSafePointKV().Put(tidbServers+"one", "{}"); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Collect(t.Context(), time.Hour, proceed); !errors.Is(err, ErrForeignGC) {
		t.Errorf("Collect = %v, want ErrForeignGC", err)
	}
}

func TestCollectStopsBeforeTheStepThatIsNotConfirmed(t *testing.T) {
	for refused, want := range map[int]struct{ service, saved, cluster bool }{
		1: {},
		2: {service: true},
		3: {service: true, saved: true},
		4: {service: true, saved: true, cluster: true},
	} {
		t.Run("step "+strconv.Itoa(refused), func(t *testing.T) {
			store, _ := mockCluster(t, nil)
			defer closeStore(t, store)
			store.settle = 0
			asked := 0
			_, err := store.Collect(t.Context(), time.Hour, func(context.Context) error {
				if asked++; asked == refused {
					return core.ErrLeaseLost
				}
				return nil
			})
			if errors.Is(err, core.ErrLeaseLost) == want.cluster {
				t.Errorf("Collect = %v", err)
			}
			pd := store.client.GetPDClient()
			// 1 is less than any safe point, so that it is the least of all only where
			// there was none.
			least, err := pd.UpdateServiceGCSafePoint(t.Context(), "probe", 1, 1)
			if (least != 1) != want.service || err != nil {
				t.Errorf("the least safe point of the services is %d, %v", least, err)
			}
			if saved, err := store.savedSafePoint(); (saved != 0) != want.saved || err != nil {
				t.Errorf("the saved safe point is %d, %v", saved, err)
			}
			if got, err := pd.UpdateGCSafePoint(t.Context(), 0); (got != 0) != want.cluster || err != nil {
				t.Errorf("the cluster's safe point is %d, %v", got, err)
			}
		})
	}
}

func TestCollectWaitsUntilTheSafePointIsKnown(t *testing.T) {
	store, _ := mockCluster(t, nil)
	defer closeStore(t, store)
	store.settle = time.Hour
	ctx, cancel := context.WithCancelCause(t.Context())
	asked := 0
	_, err := store.Collect(ctx, time.Hour, func(context.Context) error {
		if asked++; asked == 2 {
			cancel(core.ErrLeaseLost)
		}
		return nil
	})
	if !errors.Is(err, core.ErrLeaseLost) {
		t.Errorf("Collect = %v, want ErrLeaseLost", err)
	}
	if got, err := store.client.GetPDClient().UpdateGCSafePoint(t.Context(), 0); got != 0 || err != nil {
		t.Errorf("the cluster's safe point is %d, %v, before all clients know of it", got, err)
	}
}

func TestCollectResolvesTheLocksOfTheDead(t *testing.T) {
	var back atomic.Bool
	store, _ := mockCluster(t, tapped(func(_ context.Context, req *tikvrpc.Request, send func() (*tikvrpc.Response, error)) (*tikvrpc.Response, error) {
		if !back.Load() && req.Type == tikvrpc.CmdCommit {
			return nil, context.Canceled
		}
		return send()
	}))
	defer closeStore(t, store)
	store.settle = 0
	begun := core.VersionAt(time.Now().Add(-2 * time.Hour))
	dead, err := store.client.Begin(tikv.WithStartTS(begun))
	if err != nil {
		t.Fatal(err)
	}
	if err := dead.Set([]byte("locked"), []byte("value")); err != nil {
		t.Fatal(err)
	}
	if err := dead.Commit(t.Context()); err == nil {
		t.Fatal("the commit was not lost")
	}
	back.Store(true)
	locks := func() int {
		t.Helper()
		found, err := tikv.StoreProbe{KVStore: store.client}.ScanLocks(t.Context(), nil, []byte{0xff}, begun+1)
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	if n := locks(); n != 1 {
		t.Fatalf("%d locks are there, want that of the lost commit", n)
	}
	collect(t, store, time.Hour)
	if n := locks(); n != 0 {
		t.Errorf("%d locks are left", n)
	}
}

// TestOfTwoCollectorsOnlyTheHolderGetsOn takes the lease from two that collect,
// again and again, by giving it back in their name: no step is confirmed under a
// term that another has followed. Who lost it goes on until the other has it.
func TestOfTwoCollectorsOnlyTheHolderGetsOn(t *testing.T) {
	store, _ := mockCluster(t, nil)
	defer closeStore(t, store)
	store.settle = 0
	const enough = 2
	lease := func(holder string) *core.Lease {
		return &core.Lease{Store: store, Name: "gc", Holder: holder, TTL: 300 * time.Millisecond}
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	over, end := context.WithCancel(t.Context())
	end() // of a holder that only gives the lease back
	var (
		mu      sync.Mutex
		latest  int64
		refused int
		terms   = map[string]int{}
		stolen  = make(chan string)
		next    = make(chan struct{}) // closed when the next term begins

		collectors, stealing sync.WaitGroup
	)
	for _, holder := range []string{"first", "second"} {
		collectors.Go(func() {
			lease(holder).Hold(ctx, func(error) {}, func(working context.Context, term core.Term) {
				mu.Lock()
				close(next)
				next = make(chan struct{})
				followed := next
				terms[holder]++
				if terms["first"] >= enough && terms["second"] >= enough {
					stop()
				}
				mu.Unlock()
				steps := 0
				confirm := func(ctx context.Context) error {
					mu.Lock()
					before := latest
					mu.Unlock()
					err := term.Confirm(ctx)
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err != nil:
						refused++
					case term.Number < before:
						t.Errorf("%s went on under term %d after a step under term %d", holder, term.Number, before)
					default:
						latest = max(latest, term.Number)
					}
					if steps++; steps == 2 {
						stolen <- holder
					}
					return err
				}
				for working.Err() == nil {
					if _, err := store.Collect(working, time.Hour, confirm); errors.Is(err, core.ErrLeaseLost) {
						break
					}
				}
				select {
				case <-followed:
					if err := confirm(ctx); err == nil {
						t.Errorf("%s goes on after its term %d, which another has followed", holder, term.Number)
					}
				case <-ctx.Done():
				}
			})
		})
	}
	stealing.Go(func() {
		for holder := range stolen {
			lease(holder).Hold(over, func(err error) { t.Error(err) }, nil)
		}
	})
	collectors.Wait()
	close(stolen)
	stealing.Wait()
	if refused == 0 || min(terms["first"], terms["second"]) < enough {
		t.Errorf("%d steps were refused in %v terms", refused, terms)
	}
	t.Logf("%v terms, the last is %d; %d steps were refused", terms, latest, refused)
}
