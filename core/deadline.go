package core

import (
	"context"
	"sync"
	"time"
)

// WithTimeout is context.WithTimeout for an operation that most often ends without
// waiting for anything: it costs no timer until somebody asks for Done. Nor does it
// know, if nobody did and it is cancelled, whether its time was over.
func WithTimeout(parent context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	at := time.Now().Add(timeout)
	if earlier, ok := parent.Deadline(); ok && earlier.Before(at) {
		at = earlier
	}
	d := &lateTimer{Context: parent, at: at}
	return d, d.end
}

// bounded ends ctx after the time an operation may take, unless it ends before.
func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if at, ok := ctx.Deadline(); ok && time.Until(at) <= MaxWait {
		return ctx, func() {}
	}
	return WithTimeout(ctx, MaxWait)
}

// lateTimer is a context that becomes one of package context when it has to.
type lateTimer struct {
	context.Context
	at time.Time

	mu    sync.Mutex
	ended bool
	// full stands for this context from the first Done on.
	full   context.Context
	cancel context.CancelFunc
}

func (d *lateTimer) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended = true
	if d.full != nil {
		d.cancel()
	}
}

func (d *lateTimer) Deadline() (time.Time, bool) { return d.at, true }

func (d *lateTimer) Done() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.full != nil:
	case d.ended:
		d.full, d.cancel = context.WithCancel(d.Context)
		d.cancel()
	default:
		d.full, d.cancel = context.WithDeadline(d.Context, d.at)
	}
	return d.full.Done()
}

func (d *lateTimer) Err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch err := d.Context.Err(); {
	case d.full != nil:
		return d.full.Err()
	case err != nil:
		return err
	case d.ended:
		return context.Canceled
	case !time.Now().Before(d.at):
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// Value lets contexts made of this one find full: package context would else
// start a goroutine for each.
func (d *lateTimer) Value(key any) any {
	d.mu.Lock()
	full := d.full
	d.mu.Unlock()
	if full != nil {
		return full.Value(key)
	}
	return d.Context.Value(key)
}
