package core_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"roster/core"
)

// A context of WithTimeout is in every state what one of package context is,
// whether or not somebody has asked for Done before.
func TestWithTimeoutIsAContextWithTimeout(t *testing.T) {
	type state struct {
		err, cause error
		done       bool
		value      any
		left       time.Duration
	}
	type key struct{}
	cause := errors.New("cause")
	for name, run := range map[string]func(cancel context.CancelFunc, cancelParent context.CancelCauseFunc){
		"running":              func(context.CancelFunc, context.CancelCauseFunc) {},
		"ended":                func(cancel context.CancelFunc, _ context.CancelCauseFunc) { cancel(); cancel() },
		"late":                 func(context.CancelFunc, context.CancelCauseFunc) { time.Sleep(2 * time.Second) },
		"ended, then late":     func(cancel context.CancelFunc, _ context.CancelCauseFunc) { cancel(); time.Sleep(2 * time.Second) },
		"of a cancelled one":   func(_ context.CancelFunc, parent context.CancelCauseFunc) { parent(cause) },
		"with time to go":      func(context.CancelFunc, context.CancelCauseFunc) { time.Sleep(time.Second / 2) },
		"ended when cancelled": func(cancel context.CancelFunc, parent context.CancelCauseFunc) { parent(cause); cancel() },
	} {
		for _, timeout := range []time.Duration{time.Second, time.Hour} {
			for _, asked := range []bool{false, true} {
				synctest.Test(t, func(t *testing.T) {
					observe := func(with func(context.Context, time.Duration) (context.Context, context.CancelFunc)) state {
						outer, stop := context.WithTimeout(context.WithValue(t.Context(), key{}, "v"), 90*time.Second)
						defer stop()
						parent, cancelParent := context.WithCancelCause(outer)
						defer cancelParent(nil)
						ctx, cancel := with(parent, timeout)
						defer cancel()
						if asked {
							ctx.Done()
						}
						run(cancel, cancelParent)
						synctest.Wait()
						at, _ := ctx.Deadline()
						s := state{err: ctx.Err(), value: ctx.Value(key{}), left: time.Until(at)}
						select {
						case <-ctx.Done():
							s.done = true
						default:
						}
						s.cause = context.Cause(ctx)
						return s
					}
					if got, want := observe(core.WithTimeout), observe(context.WithTimeout); got != want {
						t.Errorf("%s, timeout %v, asked %t: got %+v, want %+v", name, timeout, asked, got, want)
					}
				})
			}
		}
	}
}

func TestWithTimeoutEndsWhatWasMadeOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := core.WithTimeout(t.Context(), time.Second)
		defer cancel()
		before := runtime.NumGoroutine()
		child, stop := context.WithTimeout(ctx, time.Minute)
		defer stop()
		if n := runtime.NumGoroutine(); n != before {
			t.Errorf("a context made of it has %d goroutines", n-before)
		}
		<-child.Done()
		if !errors.Is(child.Err(), context.DeadlineExceeded) {
			t.Errorf("ended by %v", child.Err())
		}
	})
}
