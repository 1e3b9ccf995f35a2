package tikvstore

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/pingcap/failpoint"
	"github.com/tikv/client-go/v2/tikv"
	"github.com/tikv/client-go/v2/tikvrpc"

	"roster/core"
)

// tappedClient lets a test see and replace the requests to TiKV.
type tappedClient struct {
	tikv.Client
	tap func(ctx context.Context, req *tikvrpc.Request, send func() (*tikvrpc.Response, error)) (*tikvrpc.Response, error)
}

func (c *tappedClient) SendRequest(ctx context.Context, addr string, req *tikvrpc.Request, timeout time.Duration) (*tikvrpc.Response, error) {
	return c.tap(ctx, req, func() (*tikvrpc.Response, error) { return c.Client.SendRequest(ctx, addr, req, timeout) })
}

// tapped is a hijack for mockCluster.
func tapped(tap func(ctx context.Context, req *tikvrpc.Request, send func() (*tikvrpc.Response, error)) (*tikvrpc.Response, error)) func(tikv.Client) tikv.Client {
	return func(client tikv.Client) tikv.Client { return &tappedClient{client, tap} }
}

// shortLocks lets locks expire at once, as if their owner had been dead for
// seconds.
func shortLocks(_ context.Context, req *tikvrpc.Request, send func() (*tikvrpc.Response, error)) (*tikvrpc.Response, error) {
	if req.Type == tikvrpc.CmdPrewrite {
		req.Prewrite().LockTtl = 1
	}
	return send()
}

// enable switches a failpoint of client-go on until the test ends.
func enable(t *testing.T, name, term string) (disable func()) {
	t.Helper()
	name = "tikvclient/" + name
	if err := failpoint.Enable(name, term); err != nil {
		t.Fatalf("enable %s: %v", name, err)
	}
	on := true
	disable = func() {
		if !on {
			return
		}
		on = false
		if err := failpoint.Disable(name); err != nil {
			t.Errorf("disable %s: %v", name, err)
		}
	}
	t.Cleanup(disable)
	return disable
}

func closeStore(t *testing.T, store *Store) {
	t.Helper()
	if err := store.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func read(t *testing.T, store *Store, key string) (value string) {
	t.Helper()
	err := store.View(t.Context(), core.ViewOptions{}, func(r core.Reader) error {
		got, err := r.Get([]byte(key))
		value = string(got)
		return err
	})
	if err != nil {
		t.Fatalf("read %q: %v", key, err)
	}
	return value
}

func TestCommitUnderFaults(t *testing.T) {
	for _, c := range []struct {
		name       string
		failpoints map[string]string
		want       core.Code
		runs       int
		written    bool
	}{
		{"the reply to the commit is lost",
			map[string]string{"rpcCommitTimeout": "return(true)", "injectLiveness": `return("reachable")`},
			core.Undetermined, 1, true},
		{"the commit itself is lost",
			map[string]string{"rpcCommitResult": `return("timeout")`, "injectLiveness": `return("reachable")`},
			core.Undetermined, 1, false},
		{"the first reply to the commit is lost",
			map[string]string{"rpcCommitTimeout": "1*return(true)", "injectLiveness": `return("reachable")`},
			core.OK, 1, true},
		{"the commit is refused",
			map[string]string{"rpcCommitResult": `return("keyError")`},
			core.Internal, 1, false},
		{"the commit is refused once as retryable",
			map[string]string{"rpcCommitResult": `1*return("keyError")`, "mockRetryableErrorResp": "return(true)"},
			core.OK, 2, true},
		{"the commit is always refused as retryable",
			map[string]string{"rpcCommitResult": `return("keyError")`, "mockRetryableErrorResp": "return(true)"},
			core.Conflict, 0, false},
		{"the commit meets a new leader",
			map[string]string{"rpcCommitResult": `1*return("notLeader")`},
			core.OK, 1, true},
		{"the prewrite meets a new leader",
			map[string]string{"rpcPrewriteResult": `1*return("notLeader")`},
			core.OK, 1, true},
		{"the disks are almost full",
			map[string]string{"rpcAllowedOnAlmostFull": `return("true")`},
			core.Undetermined, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			store, _ := mockCluster(t, tapped(shortLocks))
			defer closeStore(t, store)
			var disables []func()
			for name, term := range c.failpoints {
				disables = append(disables, enable(t, name, term))
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			if c.want != core.OK {
				ctx, cancel = context.WithTimeout(t.Context(), 300*time.Millisecond)
			}
			defer cancel()
			runs := 0
			err := store.Update(ctx, func(tx core.Txn) error {
				runs++
				return tx.Put([]byte("key"), []byte("value"))
			})
			for _, disable := range disables {
				disable()
			}
			if core.CodeOf(err) != c.want {
				t.Errorf("Update = %v, want code %v", err, c.want)
			}
			if c.runs != 0 && runs != c.runs {
				t.Errorf("the function ran %d times, want %d", runs, c.runs)
			}
			if got := read(t, store, "key") != ""; got != c.written {
				t.Errorf("the value is there: %v, want %v", got, c.written)
			}
		})
	}
}

// The end of the context may meet a prewrite on its way, which commits by itself
// where all goes well.
func TestPrewriteWithoutALeaderWritesNothing(t *testing.T) {
	store, _ := mockCluster(t, tapped(shortLocks))
	defer closeStore(t, store)
	disable := enable(t, "rpcPrewriteResult", `return("notLeader")`)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	err := store.Update(ctx, func(tx core.Txn) error { return tx.Put([]byte("key"), []byte("value")) })
	if code := core.CodeOf(err); code != core.Unavailable && code != core.Undetermined {
		t.Errorf("Update = %v", err)
	}
	disable()
	if got := read(t, store, "key"); got != "" {
		t.Errorf("%q was written", got)
	}
}

func TestTimestampsUnavailable(t *testing.T) {
	store, _ := mockCluster(t, nil)
	defer closeStore(t, store)
	disable := enable(t, "mockGetTSErrorInRetry", "return(true)")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	ran := false
	err := store.Update(ctx, func(core.Txn) error {
		ran = true
		return nil
	})
	if core.CodeOf(err) != core.Unavailable {
		t.Errorf("Update = %v, want Unavailable", err)
	}
	err = store.View(ctx, core.ViewOptions{}, func(core.Reader) error {
		ran = true
		return nil
	})
	if core.CodeOf(err) != core.Unavailable {
		t.Errorf("View = %v, want Unavailable", err)
	}
	if ran {
		t.Error("a function ran without a timestamp")
	}
	disable()
	if got := read(t, store, "key"); got != "" {
		t.Errorf("Get = %q after the outage, want nothing", got)
	}
}

func TestRegionSplitIsInvisible(t *testing.T) {
	store, cluster := mockCluster(t, nil)
	defer closeStore(t, store)
	runs := 0
	err := store.Update(t.Context(), func(tx core.Txn) error {
		runs++
		if _, err := tx.Get([]byte("a")); err != nil {
			return err
		}
		region, _, _, _ := cluster.GetRegionByKey([]byte(DefaultPrefix + "a"))
		ids := cluster.AllocIDs(2)
		cluster.Split(region.Id, ids[0], []byte(DefaultPrefix+"m"), []uint64{ids[1]}, ids[1])
		for _, key := range []string{"a", "l", "m", "z"} {
			if err := tx.Put([]byte(key), []byte("value")); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || runs != 1 {
		t.Fatalf("Update = %v after %d runs, want nil after 1", err, runs)
	}
	err = store.View(t.Context(), core.ViewOptions{}, func(r core.Reader) error {
		for reverse, want := range map[bool]string{false: "almz", true: "zmla"} {
			page, err := r.Scan(core.Range{Reverse: reverse})
			if err != nil {
				return err
			}
			var got strings.Builder
			for _, item := range page.Items {
				got.Write(item.Key)
			}
			if got.String() != want || page.Rest != nil {
				t.Errorf("Scan over the split, reverse %v = %q with rest %v, want %q", reverse, got.String(), page.Rest, want)
			}
		}
		values, err := r.BatchGet([][]byte{[]byte("a"), []byte("z"), []byte("m")})
		if len(values) != 3 {
			t.Errorf("BatchGet over the split = %q, want three values", values)
		}
		return err
	})
	if err != nil {
		t.Fatalf("View: %v", err)
	}
}
