package main

import (
	"context"
	"sync"
	"time"
)

// splitPatience bounds how long a split keeps writes back before it gives way: a
// write that unistore never answers would stop all others.
const splitPatience = 2 * time.Second

// gate lets writes through together, and a split alone. unistore may leave a
// write that meets a split without an answer for a minute, and with it all that
// follow on its key.
type gate struct {
	mu        sync.Mutex
	changed   *sync.Cond
	writing   int
	splitting bool
}

func newGate() *gate {
	g := &gate{}
	g.changed = sync.NewCond(&g.mu)
	return g
}

// enter lets n writes in at once: one that waits while another of its batch is
// in already would keep a split waiting for ever.
func (g *gate) enter(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for n > 0 && g.splitting {
		g.changed.Wait()
	}
	g.writing += n
}

func (g *gate) leave(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.writing -= n
	g.changed.Broadcast()
}

// split runs when no write is under way, and keeps new ones back; it tells whether
// that was soon enough.
func (g *gate) split(ctx context.Context, run func()) bool {
	ctx, cancel := context.WithTimeout(ctx, splitPatience)
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.changed.Broadcast()
	})()
	if !g.close(ctx) {
		return false
	}
	defer g.open()
	run()
	return true
}

// close waits until it is the only one in.
func (g *gate) close(ctx context.Context) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.splitting && ctx.Err() == nil {
		g.changed.Wait()
	}
	if ctx.Err() != nil {
		return false
	}
	g.splitting = true
	for g.writing > 0 && ctx.Err() == nil {
		g.changed.Wait()
	}
	if g.writing > 0 {
		g.splitting = false
		g.changed.Broadcast()
		return false
	}
	return true
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.splitting = false
	g.changed.Broadcast()
}
