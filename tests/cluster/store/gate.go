package main

import "sync"

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

// split runs when no write is under way, and keeps new ones back.
func (g *gate) split(run func()) {
	g.mu.Lock()
	for g.splitting {
		g.changed.Wait()
	}
	g.splitting = true
	for g.writing > 0 {
		g.changed.Wait()
	}
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.splitting = false
		g.changed.Broadcast()
	}()
	run()
}
