package tikvstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/pingcap/failpoint"
	"github.com/tikv/client-go/v2/tikv"

	"roster/core"
	"roster/failpoints"
)

const (
	// gcWorker is the service whose safe point PD always keeps: that of the one
	// who collects.
	gcWorker = "gc_worker"
	// serviceTTL is how long PD keeps history for a Roster that is not heard of.
	serviceTTL = time.Hour
	// collectTimeout bounds one Collect, resolving the locks of a cluster included.
	collectTimeout = 30 * time.Minute
	// MinRetention is the least history Collect leaves, much more than a
	// transaction lasts.
	MinRetention = time.Minute
	// settleTime is how old a safe point is before it is used: by then every
	// client has read it or refuses to read, and readers that began before have
	// met their timeout.
	settleTime = tikv.GcSafePointCacheInterval + maxRequestTimeout
	// tidbServers is where TiDB servers register, with a lease.
	tidbServers = "/tidb/server/info/"
)

// ErrForeignGC says that TiDB uses the cluster, which collects garbage itself.
var ErrForeignGC = errors.New("TiDB servers run on this cluster and collect its garbage")

// Collect lets TiKV drop what only snapshots older than the retention see, and
// returns the safe point it reached, 0 if there was nothing to do. It takes
// minutes. The safe point is one for the whole cluster, and stays behind those of
// all other services PD knows. confirm is asked before each step and ends it with
// its error; a step that comes late does no harm, for safe points only advance.
func (s *Store) Collect(ctx context.Context, retention time.Duration, confirm func(context.Context) error) (uint64, error) {
	ctx, leave, err := s.enter(ctx, collectTimeout)
	if err != nil {
		return 0, err
	}
	defer leave()
	failpoint.Inject("gcStalled", func(v failpoint.Value) {
		if failpoints.Act(v) {
			<-ctx.Done()
			failpoint.Return(0, context.Cause(ctx))
		}
	})
	target, err := s.advanceService(ctx, max(retention, MinRetention), confirm)
	if target == 0 || err != nil {
		return 0, err
	}
	if target, err = s.publish(ctx, target, confirm); target == 0 || err != nil {
		return 0, err
	}
	if err := confirm(ctx); err != nil {
		return 0, err
	}
	return s.client.GC(ctx, target)
}

// advanceService tells PD how far back this Roster reads, as one service, and how
// far history may go, as the one who collects. It returns the safe point that all
// services agree to, 0 if there is none this Roster could want.
func (s *Store) advanceService(ctx context.Context, retention time.Duration, confirm func(context.Context) error) (uint64, error) {
	if servers, err := s.client.GetSafePointKV().GetWithPrefix(tidbServers); err != nil || len(servers) > 0 {
		return 0, cmp.Or(err, ErrForeignGC)
	}
	if err := confirm(ctx); err != nil {
		return 0, err
	}
	now, err := s.timestamp(ctx)
	if err != nil {
		return 0, err
	}
	want := core.VersionAt(core.VersionTime(now).Add(-retention))
	pd, own := s.client.GetPDClient(), "roster-"+strings.TrimSuffix(string(s.prefix), "/")
	least, err := pd.UpdateServiceGCSafePoint(ctx, own, int64(serviceTTL/time.Second), want)
	if err != nil {
		return 0, err
	}
	if least > want {
		// Nobody keeps history that old any more: keep what there is.
		_, err := pd.UpdateServiceGCSafePoint(ctx, own, int64(serviceTTL/time.Second), least)
		return 0, err
	}
	least, err = pd.UpdateServiceGCSafePoint(ctx, gcWorker, math.MaxInt64, want)
	return min(least, want), err
}

// publish saves the safe point that clients check old snapshots against and waits
// until all know it. Another Roster on the cluster may save a lower one at the
// same time, so the one returned is what is saved in the end.
func (s *Store) publish(ctx context.Context, target uint64, confirm func(context.Context) error) (uint64, error) {
	if err := confirm(ctx); err != nil {
		return 0, err
	}
	saved, err := s.savedSafePoint()
	if saved >= target || err != nil {
		return 0, err
	}
	if err := s.client.GetSafePointKV().Put(tikv.GcSavedSafePoint, strconv.FormatUint(target, 10)); err != nil {
		return 0, err
	}
	select {
	case <-time.After(s.settle):
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
	saved, err = s.savedSafePoint()
	return min(saved, target), err
}

// savedSafePoint is 0 when there is none.
func (s *Store) savedSafePoint() (uint64, error) {
	text, err := s.client.GetSafePointKV().Get(tikv.GcSavedSafePoint)
	if text == "" || err != nil {
		return 0, err
	}
	saved, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("the safe point saved under %s: %w", tikv.GcSavedSafePoint, err)
	}
	return saved, nil
}
