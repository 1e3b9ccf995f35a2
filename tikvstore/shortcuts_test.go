package tikvstore

import (
	"context"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pingcap/kvproto/pkg/kvrpcpb"
	"github.com/tikv/client-go/v2/tikvrpc"

	"roster/core"
)

// attempts notes which prewrites ask for one phase, and may answer as a cluster
// that does it.
type attempts struct {
	mu    sync.Mutex
	asked []bool
	able  bool
}

func (a *attempts) tap(_ context.Context, req *tikvrpc.Request, send func() (*tikvrpc.Response, error)) (*tikvrpc.Response, error) {
	if req.Type != tikvrpc.CmdPrewrite {
		return send()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	prewrite := req.Prewrite()
	if a.asked = append(a.asked, prewrite.TryOnePc && prewrite.UseAsyncCommit); !a.able {
		return send()
	}
	resp := tikvrpc.Response{Resp: &kvrpcpb.PrewriteResponse{OnePcCommitTs: prewrite.MinCommitTs}}
	return &resp, nil
}

func TestAClusterWithoutShortcutsIsNotAskedEachTime(t *testing.T) {
	for name, c := range map[string]struct {
		able bool
		want []bool
	}{
		"it refuses":     {false, []bool{true, false, false, true, false}},
		"it does better": {true, []bool{true, true, true, true, true}},
	} {
		t.Run(name, func(t *testing.T) {
			a := &attempts{able: c.able}
			store, _ := mockCluster(t, tapped(a.tap))
			defer closeStore(t, store)
			for i := range c.want {
				if i == 3 && !c.able {
					long := time.Now().Add(-refusalLasts)
					store.shortcuts.refused.Store(&long)
				}
				if err := store.Update(t.Context(), func(tx core.Txn) error { return tx.Put([]byte("key"), []byte("value")) }); err != nil {
					t.Fatal(err)
				}
			}
			if !slices.Equal(a.asked, c.want) {
				t.Errorf("the cluster was asked for a shortcut: %v, want %v", a.asked, c.want)
			}
		})
	}
}

func TestADocumentAndItsHistoryAreOneRequest(t *testing.T) {
	requests := map[tikvrpc.CmdType]int{}
	var mu sync.Mutex
	store, _ := mockCluster(t, tapped(func(_ context.Context, req *tikvrpc.Request, send func() (*tikvrpc.Response, error)) (*tikvrpc.Response, error) {
		mu.Lock()
		requests[req.Type]++
		mu.Unlock()
		return send()
	}))
	err := store.Update(t.Context(), func(tx core.Txn) error {
		if err := tx.Put([]byte("document"), make([]byte, 200<<10)); err != nil {
			return err
		}
		return tx.Put([]byte("history"), []byte("record"))
	})
	closeStore(t, store)
	if err != nil {
		t.Fatal(err)
	}
	if want := map[tikvrpc.CmdType]int{tikvrpc.CmdPrewrite: 1, tikvrpc.CmdCommit: 1}; !maps.Equal(requests, want) {
		t.Errorf("one Update made the requests %v, want %v", requests, want)
	}
}

// Too many keys for an asynchronous commit say nothing about the cluster.
func TestALargeTransactionTellsNothingOfShortcuts(t *testing.T) {
	a := &attempts{}
	store, _ := mockCluster(t, tapped(a.tap))
	defer closeStore(t, store)
	err := store.Update(t.Context(), func(tx core.Txn) error {
		for i := range 1000 {
			if err := tx.Put([]byte{'k', byte(i >> 8), byte(i)}, []byte("value")); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if store.shortcuts.refused.Load() != nil {
		t.Error("the cluster counts as one that refuses")
	}
}
