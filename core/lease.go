package core

import (
	"context"
	"errors"
	"time"

	"github.com/pingcap/failpoint"

	"roster/core/metakey"
	pb "roster/core/metapb"
	"roster/failpoints"
)

// Lease is a right that one process of all those on a Store has at a time. Its
// record says who has it and ends by itself when that process stops renewing it.
// Ends are told by the store's versions, so that clocks need not agree.
type Lease struct {
	Store  Store
	Name   string
	Holder string
	// TTL is how long after its last renewal a lease is free again.
	TTL time.Duration
}

// releaseTimeout bounds giving a lease back, which a stop waits for.
const releaseTimeout = 2 * time.Second

// ErrLeaseLost is why Term.Confirm and the context of a holder's work end.
var ErrLeaseLost = errors.New("the lease is lost")

// Term is the time from when a lease is taken until it is lost or given back.
type Term struct {
	// Number is higher than that of every term before, whoever had it.
	Number int64
	// Confirm renews the lease, and fails once the term is over.
	Confirm func(context.Context) error
}

// Hold waits for the lease, runs work while it has it, and waits for it again,
// until ctx ends; then it gives the lease back. The context of work ends a
// quarter of the TTL before another process may take the lease. failed gets the
// store's errors.
func (l *Lease) Hold(ctx context.Context, failed func(error), work func(context.Context, Term)) {
	for ctx.Err() == nil {
		begun := time.Now()
		term, err := l.claim(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			failed(err)
		case term != 0:
			l.hold(ctx, term, begun, failed, work)
		}
		pause(ctx, l.TTL/3)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	if err := l.release(ctx); err != nil {
		failed(err)
	}
}

// hold runs work until it returns, and cancels it when the lease is lost or
// could not be renewed in time.
func (l *Lease) hold(ctx context.Context, term int64, begun time.Time, failed func(error), work func(context.Context, Term)) {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	done := make(chan struct{})
	go func() {
		defer close(done)
		work(ctx, Term{Number: term, Confirm: func(ctx context.Context) error { return l.confirm(ctx, term) }})
	}()
	defer func() { <-done }()
	for expires := begun.Add(l.valid()); ; {
		select {
		case <-done:
			return
		case <-time.After(min(l.TTL/3, time.Until(expires))):
		}
		begun := time.Now()
		renewal, cancel := context.WithDeadline(ctx, expires)
		err := l.confirm(renewal, term)
		cancel()
		switch {
		case err == nil:
			expires = begun.Add(l.valid())
		case errors.Is(err, ErrLeaseLost), !time.Now().Before(expires):
			end(ErrLeaseLost)
			return
		case ctx.Err() == nil:
			failed(err)
		}
	}
}

// valid is how long after the begin of a renewal the holder relies on it: less
// than others do, should the clocks run at different speeds.
func (l *Lease) valid() time.Duration { return l.TTL - l.TTL/4 }

func (l *Lease) confirm(ctx context.Context, term int64) error {
	failpoint.Inject("leaseLost", func(v failpoint.Value) {
		if failpoints.Act(v) {
			failpoint.Return(errors.Join(ErrLeaseLost, l.release(ctx)))
		}
	})
	now, err := l.claim(ctx)
	if err == nil && now != term {
		err = ErrLeaseLost
	}
	return err
}

// claim takes or renews the lease and returns its term, 0 when another has it.
// The term changes unless the lease was this holder's without a break.
func (l *Lease) claim(ctx context.Context) (term int64, err error) {
	err = l.Store.Update(ctx, func(tx Txn) error {
		term = 0
		record := new(pb.LeasePB)
		if _, err := readRecord(tx, metakey.Lease(l.Name), record); err != nil {
			return err
		}
		free := past(record.GetRenewed(), tx.Version(), record.GetTtlMs())
		if !free && record.GetHolder() != l.Holder {
			return nil
		}
		term = record.GetTerm()
		if free {
			term++
		}
		return writeRecord(tx, metakey.Lease(l.Name), &pb.LeasePB{
			Holder: &l.Holder, Term: &term, Renewed: new(tx.Version()), TtlMs: new(l.TTL.Milliseconds()),
		})
	})
	return term, err
}

// release ends the lease if it is this holder's; the term stays.
func (l *Lease) release(ctx context.Context) error {
	return l.Store.Update(ctx, func(tx Txn) error {
		record := new(pb.LeasePB)
		if _, err := readRecord(tx, metakey.Lease(l.Name), record); err != nil {
			return err
		}
		if record.GetHolder() != l.Holder {
			return nil
		}
		record.TtlMs = new(int64(0))
		return writeRecord(tx, metakey.Lease(l.Name), record)
	})
}

// past says whether a time to live has passed between two versions.
func past(written, now uint64, ttlMs int64) bool {
	return VersionTime(now).Sub(VersionTime(written)) >= time.Duration(ttlMs)*time.Millisecond
}

// pause waits, or less if ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
