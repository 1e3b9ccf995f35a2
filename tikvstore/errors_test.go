package tikvstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pingcap/kvproto/pkg/kvrpcpb"
	pkgerrors "github.com/pkg/errors"
	tikverr "github.com/tikv/client-go/v2/error"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"roster/core"
)

func TestExplain(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want core.Code
	}{
		"undetermined":      {tikverr.ErrResultUndetermined, core.Undetermined},
		"too large":         {&tikverr.ErrTxnTooLarge{Size: 123456789}, core.InvalidArgument},
		"history is gone":   {&tikverr.ErrGCTooEarly{}, core.InvalidArgument},
		"TiKV timeout":      {tikverr.ErrTiKVServerTimeout, core.Unavailable},
		"TiKV busy":         {tikverr.ErrTiKVServerBusy, core.Unavailable},
		"disk full":         {tikverr.ErrTiKVDiskFull, core.Unavailable},
		"region away":       {tikverr.ErrRegionUnavailable, core.Unavailable},
		"lock not resolved": {tikverr.ErrResolveLockTimeout, core.Unavailable},
		"PD timeout":        {tikverr.NewErrPDServerTimeout("pd is away"), core.Unavailable},
		"store token limit": {&tikverr.ErrTokenLimit{StoreID: 4711}, core.Unavailable},
		"gRPC unavailable":  {status.Error(codes.Unavailable, "connection refused"), core.Unavailable},
		"gRPC deadline":     {status.Error(codes.DeadlineExceeded, "deadline"), core.Unavailable},
		"deadline":          {context.DeadlineExceeded, core.Unavailable},
		"cancelled":         {context.Canceled, core.Unavailable},
		"key error":         {errors.New("unexpected KeyError: abort"), core.Internal},
		"gRPC internal":     {status.Error(codes.Internal, "panic at store"), core.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			for _, err := range []error{c.err, pkgerrors.WithStack(c.err), fmt.Errorf("while testing: %w", c.err)} {
				got := explain(t.Context(), err)
				if got.Code != c.want {
					t.Errorf("explain(%v) has code %v, want %v", err, got.Code, c.want)
				}
				if !errors.Is(got, err) {
					t.Errorf("explain(%v) has cause %v", err, got.Cause)
				}
				if strings.Contains(got.Error(), c.err.Error()) {
					t.Errorf("explain(%v) shows the driver's text: %q", err, got.Error())
				}
			}
		})
	}
}

func TestExplainPrefersTheEndOfTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	hidden := errors.New("loadRegion from PD failed")
	if got := explain(ctx, hidden); got.Code != core.Unavailable {
		t.Errorf("explain = %v, want Unavailable", got.Code)
	}
	if got := explain(ctx, tikverr.ErrResultUndetermined); got.Code != core.Undetermined {
		t.Errorf("explain = %v, want Undetermined", got.Code)
	}
}

func TestIsConflict(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"write conflict":       {&tikverr.ErrWriteConflict{WriteConflict: &kvrpcpb.WriteConflict{}}, true},
		"wrapped conflict":     {pkgerrors.WithStack(&tikverr.ErrWriteConflict{WriteConflict: &kvrpcpb.WriteConflict{}}), true},
		"conflict in a latch":  {&tikverr.ErrWriteConflictInLatch{StartTS: 1}, true},
		"retryable":            {pkgerrors.WithStack(&tikverr.ErrRetryable{Retryable: "lock not found"}), true},
		"key exists":           {&tikverr.ErrKeyExist{AlreadyExist: &kvrpcpb.AlreadyExist{}}, true},
		"undetermined":         {tikverr.ErrResultUndetermined, false},
		"both":                 {errors.Join(&tikverr.ErrRetryable{}, tikverr.ErrResultUndetermined), false},
		"text of a conflict":   {errors.New("write conflict"), false},
		"an outage":            {tikverr.ErrTiKVServerTimeout, false},
		"the end of a context": {context.DeadlineExceeded, false},
	} {
		if got := isConflict(c.err); got != c.want {
			t.Errorf("%s: isConflict = %v, want %v", name, got, c.want)
		}
	}
}

func TestPauseEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	for _, try := range []int{1, 2, 8, 1 << 20} {
		if !pause(ctx, try) {
			t.Errorf("pause after try %d gave up", try)
		}
	}
	cancel()
	if pause(ctx, 1) {
		t.Error("pause went on after the end of the context")
	}
}

func TestCollectedVersionsAreRefused(t *testing.T) {
	store, _ := mockCluster(t, nil)
	defer closeStore(t, store)
	now := time.Now()
	store.client.UpdateSPCache(core.VersionAt(now.Add(-time.Hour)), now)
	view := func(at time.Time) error {
		return store.View(t.Context(), core.ViewOptions{Version: core.VersionAt(at)}, func(r core.Reader) error {
			_, err := r.Get([]byte("key"))
			return err
		})
	}
	if err := view(now.Add(-2 * time.Hour)); core.CodeOf(err) != core.InvalidArgument {
		t.Errorf("View before the safe point = %v, want InvalidArgument", err)
	}
	if err := view(now.Add(-time.Minute)); err != nil {
		t.Errorf("View after the safe point = %v", err)
	}
}
