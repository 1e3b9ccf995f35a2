package core_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"roster/core"
)

// hurried is a Store whose clock a test puts forward.
type hurried struct {
	core.Store
	ahead atomic.Uint64
	// down makes every Update fail.
	down atomic.Bool
}

func (h *hurried) advance(d time.Duration) {
	h.ahead.Add(core.VersionAt(time.UnixMilli(d.Milliseconds())))
}

func (h *hurried) Update(ctx context.Context, fn func(core.Txn) error) error {
	if h.down.Load() {
		return core.Errorf(core.Unavailable, "the store is away")
	}
	return h.Store.Update(ctx, func(tx core.Txn) error { return fn(hurriedTxn{tx, h.ahead.Load()}) })
}

func (h *hurried) View(ctx context.Context, opts core.ViewOptions, fn func(core.Reader) error) error {
	return h.Store.View(ctx, opts, func(r core.Reader) error { return fn(hurriedReader{r, h.ahead.Load()}) })
}

type hurriedTxn struct {
	core.Txn
	ahead uint64
}

func (t hurriedTxn) Version() uint64 { return t.Txn.Version() + t.ahead }

type hurriedReader struct {
	core.Reader
	ahead uint64
}

func (r hurriedReader) Version() uint64 { return r.Reader.Version() + r.ahead }

// holder is a process that wants a lease; its work tells of itself and lasts as
// long as it may.
type holder struct {
	begun   chan core.Term
	ended   chan error
	stop    context.CancelFunc
	stopped chan struct{}
}

func hold(t *testing.T, store core.Store, name string, ttl time.Duration) *holder {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	h := &holder{begun: make(chan core.Term), ended: make(chan error, 1), stop: stop, stopped: make(chan struct{})}
	lease := &core.Lease{Store: store, Name: "l", Holder: name, TTL: ttl}
	go func() {
		defer close(h.stopped)
		lease.Hold(ctx, func(error) {}, func(ctx context.Context, term core.Term) {
			select {
			case h.begun <- term:
				<-ctx.Done()
				h.ended <- context.Cause(ctx)
			case <-ctx.Done():
			}
		})
	}()
	t.Cleanup(func() {
		stop()
		<-h.stopped
	})
	return h
}

func TestALeaseHasOneHolderUntilItIsGivenBack(t *testing.T) {
	store := openStore(t)
	first := hold(t, store, "first", time.Minute)
	term := <-first.begun
	once, giveUp := context.WithCancel(t.Context())
	lease := &core.Lease{Store: &refusals{Store: store, after: giveUp}, Name: "l", Holder: "second", TTL: time.Minute}
	lease.Hold(once, func(error) {}, func(context.Context, core.Term) { t.Error("two hold the lease") })
	if err := term.Confirm(t.Context()); err != nil {
		t.Errorf("the holder's Confirm = %v", err)
	}
	first.stop()
	<-first.stopped
	if err := <-first.ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the work ended because of %v", err)
	}
	second := hold(t, store, "second", time.Minute)
	term = <-second.begun
	if err := term.Confirm(t.Context()); err != nil {
		t.Errorf("the next holder's Confirm = %v", err)
	}
}

// refusals is a Store that calls after when an Update is over.
type refusals struct {
	core.Store
	after func()
}

func (r *refusals) Update(ctx context.Context, fn func(core.Txn) error) error {
	defer r.after()
	return r.Store.Update(ctx, fn)
}

func TestAnExpiredLeaseIsTakenAndItsHolderStopped(t *testing.T) {
	store := &hurried{Store: openStore(t)}
	first := hold(t, store, "first", 300*time.Millisecond)
	stale := <-first.begun
	store.advance(time.Hour)
	second := hold(t, store, "second", time.Hour)
	select {
	case term := <-second.begun:
		if err := stale.Confirm(t.Context()); !errors.Is(err, core.ErrLeaseLost) {
			t.Errorf("the former holder's Confirm = %v, want ErrLeaseLost", err)
		}
		if err := term.Confirm(t.Context()); err != nil {
			t.Errorf("the holder's Confirm = %v", err)
		}
		if err := <-first.ended; !errors.Is(err, core.ErrLeaseLost) {
			t.Errorf("the former holder's work ended because of %v, want ErrLeaseLost", err)
		}
	case term := <-first.begun:
		// The first was quicker to renew: under a new term, so its old work ended.
		if err := stale.Confirm(t.Context()); !errors.Is(err, core.ErrLeaseLost) {
			t.Errorf("Confirm of the old term = %v, want ErrLeaseLost", err)
		}
		if err := term.Confirm(t.Context()); err != nil {
			t.Errorf("Confirm of the new term = %v", err)
		}
	}
}

func TestWorkEndsBeforeALeaseThatCannotBeRenewed(t *testing.T) {
	store := &hurried{Store: openStore(t)}
	const ttl = 400 * time.Millisecond
	h := hold(t, store, "only", ttl)
	<-h.begun
	store.down.Store(true)
	if err := <-h.ended; !errors.Is(err, core.ErrLeaseLost) {
		t.Errorf("the work ended because of %v, want ErrLeaseLost", err)
	}
	store.down.Store(false)
	<-h.begun
}

// TestOnlyTheLatestTermIsConfirmed: whatever the clock does, and whoever is late
// to notice, no two holders are told at once that they have the lease.
func TestOnlyTheLatestTermIsConfirmed(t *testing.T) {
	store := &hurried{Store: openStore(t)}
	const ttl, enough = 150 * time.Millisecond, 4
	holders := []*holder{hold(t, store, "first", ttl), hold(t, store, "second", ttl)}
	var terms []core.Term
	taken := map[*holder]int{}
	owner := map[int64]*holder{}
	latest, stale := int64(0), 0
	for taken[holders[0]] < enough || taken[holders[1]] < enough {
		var h *holder
		var begun core.Term
		var ended error
		select {
		case begun = <-holders[0].begun:
			h = holders[0]
		case begun = <-holders[1].begun:
			h = holders[1]
		case ended = <-holders[0].ended:
		case ended = <-holders[1].ended:
		}
		if ended != nil {
			if !errors.Is(ended, core.ErrLeaseLost) {
				t.Errorf("the work ended because of %v", ended)
			}
			continue
		}
		if had := owner[begun.Number]; had != nil && had != h {
			t.Fatalf("both holders have term %d", begun.Number)
		}
		owner[begun.Number] = h
		taken[h]++
		latest = max(latest, begun.Number)
		terms = append(terms, begun)
		for _, term := range terms {
			err := term.Confirm(t.Context())
			switch {
			case err == nil && term.Number < latest:
				t.Fatalf("term %d was confirmed after term %d had begun", term.Number, latest)
			case errors.Is(err, core.ErrLeaseLost):
				stale++
			case err != nil:
				t.Fatal(err)
			}
		}
		if len(terms) > 100*enough {
			t.Fatalf("of %d terms the holders have %v", len(terms), taken)
		}
		once, giveUp := context.WithCancel(t.Context())
		third := &core.Lease{Store: &refusals{Store: store, after: giveUp}, Name: "l", Holder: "third", TTL: ttl}
		third.Hold(once, func(error) {}, func(_ context.Context, term core.Term) {
			if owner[term.Number] != nil {
				t.Errorf("a third holder has term %d as well", term.Number)
			}
		})
		store.advance(time.Hour)
	}
	if stale == 0 {
		t.Error("no term of the past was refused")
	}
}
