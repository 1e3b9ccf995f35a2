package tikvstore

import (
	"context"
	"errors"
	"strconv"
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
	lost := true
	store, _ := mockCluster(t, tapped(func(_ context.Context, req *tikvrpc.Request, send func() (*tikvrpc.Response, error)) (*tikvrpc.Response, error) {
		if lost && req.Type == tikvrpc.CmdCommit {
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
	lost = false
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
