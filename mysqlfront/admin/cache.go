package admin

import "sync"

const (
	// maxCached bounds how many statements are kept parsed, maxCachedText each one.
	maxCached     = 512
	maxCachedText = 512
)

// cache keeps parsed statements by their text: clients send the same few over and
// over, and parsing is the larger part of answering them.
type cache struct {
	mu   sync.RWMutex
	kept map[string]*statement
}

func (c *cache) get(src string) *statement {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.kept[src]
}

// put keeps a statement. No text with a secret is kept longer than it runs.
func (c *cache) put(src string, s *statement) {
	if s.secret || len(src) > maxCachedText {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || len(c.kept) == maxCached {
		c.kept = make(map[string]*statement)
	}
	c.kept[src] = s
}
