package tikvstore

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tikv/client-go/v2/tikvrpc"

	"roster/core"
)

// A request that hangs must not outlast the call, also where client-go gives it
// no context.
func TestHangingRequestsEndWithTheContext(t *testing.T) {
	for name, c := range map[string]struct {
		hang tikvrpc.CmdType
		call func(tx core.Txn) error
		want core.Code
	}{
		"get": {tikvrpc.CmdGet, func(tx core.Txn) error {
			_, err := tx.Get([]byte("key"))
			return err
		}, core.Unavailable},
		"batch get": {tikvrpc.CmdBatchGet, func(tx core.Txn) error {
			_, err := tx.BatchGet([][]byte{[]byte("key"), []byte("other")})
			return err
		}, core.Unavailable},
		"scan": {tikvrpc.CmdScan, func(tx core.Txn) error {
			_, err := tx.Scan(core.Range{})
			return err
		}, core.Unavailable},
		"reverse scan": {tikvrpc.CmdScan, func(tx core.Txn) error {
			_, err := tx.Scan(core.Range{Reverse: true})
			return err
		}, core.Unavailable},
		// An asynchronous commit is done once it is prewritten.
		"prewrite": {tikvrpc.CmdPrewrite, func(core.Txn) error { return nil }, core.Undetermined},
		"commit":   {tikvrpc.CmdCommit, func(core.Txn) error { return nil }, core.Undetermined},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			release := make(chan struct{})
			store, _ := mockCluster(t, tapped(func(reqCtx context.Context, req *tikvrpc.Request, send func() (*tikvrpc.Response, error)) (*tikvrpc.Response, error) {
				if req.Type != c.hang {
					return send()
				}
				cancel()
				select {
				case <-reqCtx.Done():
					return nil, reqCtx.Err()
				case <-release:
					return nil, context.Canceled
				}
			}))
			defer closeStore(t, store)
			defer close(release)
			err := store.Update(ctx, func(tx core.Txn) error {
				if err := tx.Put([]byte("written"), []byte("value")); err != nil {
					return err
				}
				return c.call(tx)
			})
			if core.CodeOf(err) != c.want {
				t.Errorf("Update = %v, want code %v", err, c.want)
			}
		})
	}
}

func TestAnEndedContextRefusesEveryCall(t *testing.T) {
	store, _ := mockCluster(t, nil)
	defer closeStore(t, store)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	key := []byte("key")
	err := store.Update(ctx, func(tx core.Txn) error {
		cancel()
		for name, call := range map[string]func() error{
			"Get":      func() error { _, err := tx.Get(key); return err },
			"BatchGet": func() error { _, err := tx.BatchGet([][]byte{key}); return err },
			"Scan":     func() error { _, err := tx.Scan(core.Range{}); return err },
			"Put":      func() error { return tx.Put(key, key) },
			"Delete":   func() error { return tx.Delete(key) },
			"Guard":    func() error { return tx.Guard(key) },
		} {
			if err := call(); core.CodeOf(err) != core.Unavailable {
				t.Errorf("%s = %v, want Unavailable", name, err)
			}
		}
		return nil
	})
	if core.CodeOf(err) != core.Unavailable {
		t.Errorf("Update = %v, want Unavailable", err)
	}
}

func TestNoCallOutlastsTheRequestTimeout(t *testing.T) {
	var latest time.Time
	store, _ := mockCluster(t, tapped(func(ctx context.Context, req *tikvrpc.Request, send func() (*tikvrpc.Response, error)) (*tikvrpc.Response, error) {
		switch req.Type {
		case tikvrpc.CmdGet, tikvrpc.CmdPrewrite, tikvrpc.CmdCommit:
			deadline, ok := ctx.Deadline()
			if !ok || deadline.After(latest) {
				t.Errorf("%v has deadline %v, want one up to %v", req.Type, deadline, latest)
			}
		}
		return send()
	}))
	defer closeStore(t, store)
	store.timeout = 5 * time.Second
	latest = time.Now().Add(time.Minute)
	patient, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	for _, ctx := range []context.Context{t.Context(), patient} {
		err := store.Update(ctx, func(tx core.Txn) error {
			if _, err := tx.Get([]byte("key")); err != nil {
				return err
			}
			return tx.Put([]byte("key"), []byte("value"))
		})
		if err != nil {
			t.Errorf("Update: %v", err)
		}
	}
}

func TestCloseEndsRunningCalls(t *testing.T) {
	hanging := make(chan struct{})
	store, _ := mockCluster(t, tapped(func(ctx context.Context, req *tikvrpc.Request, send func() (*tikvrpc.Response, error)) (*tikvrpc.Response, error) {
		if req.Type != tikvrpc.CmdGet {
			return send()
		}
		close(hanging)
		<-ctx.Done()
		return nil, ctx.Err()
	}))
	result := make(chan error, 1)
	go func() {
		result <- store.View(t.Context(), core.ViewOptions{}, func(r core.Reader) error {
			_, err := r.Get([]byte("key"))
			return err
		})
	}()
	<-hanging
	closeStore(t, store)
	if err := <-result; core.CodeOf(err) != core.Unavailable {
		t.Errorf("View = %v, want Unavailable", err)
	}
}

func TestALostCommitLeavesTimeToSettleIt(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	end, _ := ctx.Deadline()
	var back, reserved atomic.Bool
	store, _ := mockCluster(t, tapped(func(ctx context.Context, req *tikvrpc.Request, send func() (*tikvrpc.Response, error)) (*tikvrpc.Response, error) {
		resp, err := send()
		if !back.Load() && req.Type == tikvrpc.CmdCommit {
			given, limited := ctx.Deadline()
			reserved.Store(limited && end.Sub(given) >= time.Until(end)/4)
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return resp, err
	}))
	defer closeStore(t, store)
	err := store.Update(ctx, func(tx core.Txn) error { return tx.Put([]byte("key"), []byte("value")) })
	back.Store(true)
	if core.CodeOf(err) != core.Undetermined {
		t.Fatalf("Update = %v, want Undetermined", err)
	}
	if !reserved.Load() {
		t.Error("the commit may take all the time of the request")
	}
	err = store.View(t.Context(), core.ViewOptions{}, func(r core.Reader) error {
		got, err := r.Get([]byte("key"))
		if string(got) != "value" {
			t.Errorf("Get = %q, want the value that was committed", got)
		}
		return err
	})
	if err != nil {
		t.Errorf("View: %v", err)
	}
}
