package embedded

import (
	"bytes"
	"sync"

	"roster/core"
)

const (
	// maxWatches bounds the ranges whose changes are remembered.
	maxWatches = 4
	// watchedBytes bounds what is remembered of one range.
	watchedBytes = 1 << 20
	// watchedOverhead is about what a change costs besides its key.
	watchedOverhead = 56
)

// changes remember which keys were written lately, in the ranges somebody asked for.
type changes struct {
	mu sync.Mutex
	// top is the version up to which commits were taken in: it is visible, or will
	// be in a moment.
	top     uint64
	watches []*watch // the one asked for last at the end
}

// watch is a range, and what was written there after the version from.
type watch struct {
	start, end []byte
	from       uint64
	// written is in the order of versions. Those who read it have no lock: what is
	// in it is not changed.
	written []written
	bytes   int
}

type written struct {
	key     string
	version uint64
}

// add takes in a batch, before it is visible.
func (c *changes) add(b *batch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.top = b.version
	for _, w := range c.watches {
		for i := range b.writes {
			// What erase removes was deleted before.
			if key := b.writes[i].key[1:]; b.writes[i].kind != erase && w.holds(key) {
				w.add(written{string(key), b.version})
			}
		}
	}
}

func (w *watch) holds(key []byte) bool {
	return bytes.Compare(key, w.start) >= 0 && (w.end == nil || bytes.Compare(key, w.end) < 0)
}

// add forgets the older half when it becomes too much.
func (w *watch) add(n written) {
	w.written = append(w.written, n)
	w.bytes += len(n.key) + watchedOverhead
	if w.bytes <= watchedBytes {
		return
	}
	half := (len(w.written) + 1) / 2
	w.from = w.written[half-1].version
	w.written = append([]written(nil), w.written[half:]...)
	w.bytes = 0
	for _, n := range w.written {
		w.bytes += len(n.key) + watchedOverhead
	}
}

// since is Store.Changes.
func (c *changes) since(r core.Range, since uint64) core.Changes {
	w, top := c.watch(r)
	found := core.Changes{Version: top}
	if since < w.from || since > top {
		return found
	}
	limit := r.Limit
	if limit == 0 {
		limit = core.MaxScan
	}
	seen := map[string]bool{}
	for i := len(w.written) - 1; i >= 0 && w.written[i].version > since; i-- {
		key := w.written[i].key
		if seen[key] {
			continue
		}
		if len(found.Keys) == limit {
			return core.Changes{Version: top}
		}
		seen[key] = true
		found.Keys = append(found.Keys, []byte(key))
	}
	found.Known = true
	return found
}

// watch is the watch of a range as it is now, from now on if there was none.
func (c *changes) watch(r core.Range) (watch, uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, w := range c.watches {
		if bytes.Equal(w.start, r.Start) && bytes.Equal(w.end, r.End) && (w.end == nil) == (r.End == nil) {
			c.watches = append(append(c.watches[:i:i], c.watches[i+1:]...), w)
			return *w, c.top
		}
	}
	if len(c.watches) == maxWatches {
		c.watches = c.watches[1:]
	}
	w := &watch{start: bytes.Clone(r.Start), end: bytes.Clone(r.End), from: c.top}
	c.watches = append(c.watches, w)
	return *w, c.top
}
