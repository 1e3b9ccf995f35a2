package tikvstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tikv/client-go/v2/tikvrpc"

	"roster/core"
)

// heldReads is a joint whose reads wait until they are let go. The nth one finds
// "n" under every key.
type heldReads struct {
	joint
	noting sync.Mutex
	begun  [][]string // the keys of each
	let    chan error
}

// holdReads is for a bubble of synctest.
func holdReads(t *testing.T) *heldReads {
	ctx, cancel := context.WithCancel(t.Context())
	h := &heldReads{let: make(chan error)}
	h.joint = joint{life: ctx, running: new(sync.WaitGroup), regions: map[uint64]*queue{}, apart: map[uint64]int{},
		read: func(ctx context.Context, keys [][]byte) (map[string][]byte, error) {
			found := h.note(keys)
			select {
			case err := <-h.let:
				if errors.Is(err, errPanic) {
					panic(err)
				}
				return found, err
			case <-ctx.Done():
				return nil, unavailable(ctx.Err())
			}
		}}
	t.Cleanup(func() {
		cancel()
		h.running.Wait()
		if len(h.regions) != 0 || len(h.apart) != 0 {
			t.Errorf("regions are still busy: %v, %v", h.regions, h.apart)
		}
	})
	return h
}

// note begins a read and returns what it will find.
func (h *heldReads) note(keys [][]byte) map[string][]byte {
	h.noting.Lock()
	defer h.noting.Unlock()
	var names []string
	found := map[string][]byte{}
	for _, key := range keys {
		names = append(names, string(key))
		found[string(key)] = []byte(strconv.Itoa(len(h.begun) + 1))
	}
	h.begun = append(h.begun, names)
	return found
}

var errPanic = errors.New("panic")

// answer is what a caller got.
type answer struct {
	values [][]byte
	err    error
}

// ask starts a call whose answer is there once its caller has returned.
func (h *heldReads) ask(ctx context.Context, region uint64, keys ...string) *answer {
	a := new(answer)
	var raw [][]byte
	for _, key := range keys {
		raw = append(raw, []byte(key))
	}
	go func() {
		ctx, cancel := context.WithTimeout(ctx, maxRequestTimeout)
		defer cancel()
		values, err := h.do(ctx, region, raw)
		*a = answer{values, err}
	}()
	synctest.Wait()
	return a
}

// finish ends the read under way with an outcome.
func (h *heldReads) finish(outcome error) {
	h.let <- outcome
	synctest.Wait()
}

func (a *answer) want(t *testing.T, values ...string) {
	t.Helper()
	if a.err != nil || fmt.Sprintf("%s", a.values) != fmt.Sprintf("%s", values) {
		t.Errorf("got %s, %v, want %s", a.values, a.err, values)
	}
}

func (a *answer) wantCode(t *testing.T, code core.Code) {
	t.Helper()
	if core.CodeOf(a.err) != code || a.values != nil {
		t.Errorf("got %s, %v, want code %v", a.values, a.err, code)
	}
}

func TestReadsThatWaitAreServedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := holdReads(t)
		first := h.ask(t.Context(), 1, "a")
		var rest []*answer
		for i := range 50 {
			rest = append(rest, h.ask(t.Context(), 1, "a", "key"+strconv.Itoa(i%2)))
		}
		if len(h.begun) != 1 {
			t.Fatalf("%d reads were begun while the first runs, want none", len(h.begun)-1)
		}
		h.finish(nil)
		first.want(t, "1")
		h.finish(nil)
		for _, a := range rest {
			a.want(t, "2", "2") // never what the first found, which began before they came
		}
		if got := fmt.Sprint(h.begun); got != "[[a] [a key0 key1]]" {
			t.Errorf("the reads were of %s, want one for all who waited, of each key once", got)
		}
	})
}

func TestReadsOfARegionDoNotWaitForAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := holdReads(t)
		hanging := h.ask(t.Context(), 1, "a")
		other := h.ask(t.Context(), 2, "b")
		if len(h.begun) != 2 {
			t.Fatalf("%d reads were begun, want one in each region", len(h.begun))
		}
		h.finish(nil)
		h.finish(nil)
		hanging.want(t, "1")
		other.want(t, "2")
	})
}

func TestACancelledReadLeavesTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := holdReads(t)
		underWay, cancelUnderWay := context.WithCancel(t.Context())
		waiting, cancelWaiting := context.WithCancel(t.Context())
		first := h.ask(underWay, 1, "a")
		left := h.ask(waiting, 1, "b")
		stays := h.ask(t.Context(), 1, "c")
		cancelUnderWay()
		cancelWaiting()
		synctest.Wait()
		first.wantCode(t, core.Unavailable)
		left.wantCode(t, core.Unavailable)
		h.finish(nil)
		h.finish(nil)
		stays.want(t, "2")
		if got := fmt.Sprint(h.begun); got != "[[a] [c]]" {
			t.Errorf("the reads were of %s, want none for the call that left", got)
		}
	})
}

func TestAReadEndsWithItsOwnDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := holdReads(t)
		h.ask(t.Context(), 1, "a")
		short, cancel := context.WithTimeout(t.Context(), patience/4)
		defer cancel()
		hasty, patient := h.ask(short, 1, "b"), h.ask(t.Context(), 1, "c")
		h.finish(nil)
		time.Sleep(patience / 2)
		synctest.Wait()
		hasty.wantCode(t, core.Unavailable)
		h.finish(nil)
		patient.want(t, "2")
	})
}

func TestNobodyWaitsLongForASlowRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := holdReads(t)
		all := []*answer{h.ask(t.Context(), 1, "a"), h.ask(t.Context(), 1, "b")}
		time.Sleep(patience + time.Millisecond)
		all = append(all, h.ask(t.Context(), 1, "c"))
		if len(h.begun) != 4 {
			t.Fatalf("reads of %s were begun, want the slow one and one for each caller", h.begun)
		}
		for range h.begun {
			h.finish(nil)
		}
		for _, a := range all {
			if a.err != nil || len(a.values) != 1 {
				t.Errorf("got %s, %v, want the value", a.values, a.err)
			}
		}
		joins := h.ask(t.Context(), 1, "d")
		h.finish(nil)
		joins.want(t, "5")
	})
}

func TestAFailureIsThatOfItsReadAlone(t *testing.T) {
	for name, c := range map[string]struct {
		outcome error
		want    core.Code
	}{
		"an error": {unavailable(errForced), core.Unavailable},
		"a panic":  {errPanic, core.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := holdReads(t)
				first := h.ask(t.Context(), 1, "a")
				second := []*answer{h.ask(t.Context(), 1, "a"), h.ask(t.Context(), 1, "b")}
				h.finish(nil)
				first.want(t, "1")
				third := h.ask(t.Context(), 1, "c")
				h.finish(c.outcome)
				for _, a := range second {
					a.wantCode(t, c.want)
				}
				h.finish(nil)
				third.want(t, "3")
			})
		})
	}
}

func TestJoinedReadsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := holdReads(t)
		h.ask(t.Context(), 1, "a")
		ctx, cancel := context.WithTimeout(t.Context(), maxRequestTimeout)
		defer cancel()
		for i := range maxJoinedCalls {
			go func() { _, _ = h.do(ctx, 1, [][]byte{[]byte(strconv.Itoa(i)), []byte("same")}) }()
		}
		synctest.Wait()
		h.ask(t.Context(), 1, "b").wantCode(t, core.Unavailable)
		for range 1 + maxJoinedCalls/(maxJoinedKeys/2) {
			h.finish(nil)
		}
		for i, keys := range h.begun {
			if len(keys) > maxJoinedKeys {
				t.Errorf("read %d was of %d keys", i, len(keys))
			}
		}
	})
}

func TestReadsAloneAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := holdReads(t)
		ctx, cancel := context.WithTimeout(t.Context(), maxRequestTimeout)
		defer cancel()
		outcomes := make(chan error, maxJoinedCalls)
		ask := func() {
			_, err := h.do(ctx, 1, [][]byte{[]byte("a")})
			outcomes <- err
		}
		const wait, late = maxAlone + 10, 5
		for range wait {
			go ask()
		}
		time.Sleep(patience + time.Millisecond)
		for range late {
			go ask()
		}
		synctest.Wait()
		if want := 1 + maxAlone; len(h.begun) != want {
			t.Errorf("%d reads were begun, want %d", len(h.begun), want)
		}
		if want := wait + late - maxAlone; len(outcomes) != want {
			t.Errorf("%d calls were refused, want %d", len(outcomes), want)
		}
		for range len(outcomes) {
			if err := <-outcomes; core.CodeOf(err) != core.Unavailable {
				t.Errorf("a read beyond the bound got %v", err)
			}
		}
		elsewhere := h.ask(ctx, 2, "b")
		for range len(h.begun) {
			h.finish(nil)
		}
		again := h.ask(ctx, 1, "a")
		h.finish(nil)
		for _, a := range []*answer{elsewhere, again} {
			if a.err != nil {
				t.Errorf("a read beside the bound got %v", a.err)
			}
		}
	})
}

func TestAReadOfManyKeysKeepsNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := holdReads(t)
		var keys []string
		for i := range maxJoinedKeys + 1 {
			keys = append(keys, strconv.Itoa(i))
		}
		reads := []*answer{h.ask(t.Context(), 1, keys...), h.ask(t.Context(), 1, "few"), h.ask(t.Context(), 1, keys...)}
		if len(h.begun) != len(reads) {
			t.Fatalf("%d reads were begun, want %d", len(h.begun), len(reads))
		}
		if alone := h.apart[1]; alone != 2 {
			t.Errorf("%d reads count as alone, want those of many keys", alone)
		}
		for range reads {
			h.finish(nil)
		}
		for i, want := range []int{len(keys), 1, len(keys)} {
			if a := reads[i]; a.err != nil || len(a.values) != want || string(a.values[want-1]) != strconv.Itoa(i+1) {
				t.Errorf("read %d found %s, %v", i, a.values, a.err)
			}
		}
	})
}

// Many readers cost the cluster two requests, at one timestamp each: the first
// reader's, and that of all who came meanwhile.
func TestConcurrentReadsShareRequests(t *testing.T) {
	const readers = 40
	var (
		mu       sync.Mutex
		versions []uint64
	)
	hanging, release := make(chan struct{}), make(chan struct{})
	store, _ := mockCluster(t, tapped(func(_ context.Context, req *tikvrpc.Request, send func() (*tikvrpc.Response, error)) (*tikvrpc.Response, error) {
		if req.Type == tikvrpc.CmdBatchGet {
			mu.Lock()
			versions = append(versions, req.BatchGet().Version)
			first := len(versions) == 1
			mu.Unlock()
			if first {
				close(hanging)
				<-release
			}
		}
		return send()
	}))
	defer closeStore(t, store)
	var wg sync.WaitGroup
	read := func(i int) {
		wg.Go(func() {
			values, err := store.Read(t.Context(), []byte("shared"), []byte(strconv.Itoa(i)))
			if err != nil || len(values) != 2 {
				t.Errorf("Read = %q, %v", values, err)
			}
		})
	}
	read(0)
	<-hanging
	for i := range readers {
		read(i)
	}
	await(t, func() bool {
		store.reads.mu.Lock()
		defer store.reads.mu.Unlock()
		for _, q := range store.reads.regions {
			return len(q.calls) == readers
		}
		return false
	})
	close(release)
	wg.Wait()
	if len(versions) != 2 || versions[0] >= versions[1] {
		t.Errorf("%d readers made requests at the timestamps %d, want two", readers+1, versions)
	}
}

// await returns when a condition holds, which must be soon.
func await(t *testing.T, holds func() bool) {
	t.Helper()
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for !holds() {
		select {
		case <-poll.C:
		case <-time.After(time.Minute):
			t.Fatal("it does not come to hold")
		}
	}
}

func TestAReadOverRegionsIsNotJoined(t *testing.T) {
	hanging, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	store, cluster := mockCluster(t, tapped(func(_ context.Context, req *tikvrpc.Request, send func() (*tikvrpc.Response, error)) (*tikvrpc.Response, error) {
		if req.Type == tikvrpc.CmdBatchGet && string(req.BatchGet().Keys[0]) == DefaultPrefix+"a" {
			once.Do(func() { close(hanging) })
			<-release
		}
		return send()
	}))
	defer closeStore(t, store)
	region, _, _, _ := cluster.GetRegionByKey([]byte(DefaultPrefix + "a"))
	ids := cluster.AllocIDs(2)
	cluster.Split(region.Id, ids[0], []byte(DefaultPrefix+"m"), []uint64{ids[1]}, ids[1])
	if err := store.Update(t.Context(), func(tx core.Txn) error { return tx.Put([]byte("z"), []byte("value")) }); err != nil {
		t.Fatal(err)
	}

	var wg sync.WaitGroup
	wg.Go(func() {
		values, err := store.Read(t.Context(), []byte("z"), []byte("a"))
		if err != nil || string(values[0]) != "value" || values[1] != nil {
			t.Errorf("Read over both regions = %q, %v", values, err)
		}
	})
	<-hanging
	if values, err := store.Read(t.Context(), []byte("z")); err != nil || string(values[0]) != "value" {
		t.Errorf("Read beside a region that hangs = %q, %v", values, err)
	}
	close(release)
	wg.Wait()
}
