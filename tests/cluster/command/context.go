// Package command runs a command so that nothing of it stays behind.
package command

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// parentPace is how often a process looks whether its parent is still there.
const parentPace = 500 * time.Millisecond

// Context ends with an interrupt, a SIGTERM, or the end of the parent: go run
// dies of a SIGTERM and tells what it runs nothing.
func Context() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithCancel(ctx)
	parent := os.Getppid() // before a caller can tell anyone that it is there
	go func() {
		pace := time.NewTicker(parentPace)
		defer pace.Stop()
		for os.Getppid() == parent {
			select {
			case <-pace.C:
			case <-ctx.Done():
				return
			}
		}
		cancel()
	}()
	return ctx, func() { cancel(); stop() }
}
