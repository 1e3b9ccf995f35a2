package embedded

import (
	"container/list"
	"slices"
	"sync"
	"sync/atomic"
)

const (
	cacheBytes = 16 << 20
	// cachedValue is the largest value that is kept.
	cachedValue = cacheBytes / 16
	// cachedOverhead is about what an entry costs besides key and value.
	cachedOverhead = 200
)

// cache holds the latest values of keys that are read. New values come in under
// the lock under which they become visible, so what it holds is at any moment one
// snapshot, the newest.
type cache struct {
	most int

	mu      sync.RWMutex
	visible uint64
	entries map[string]*held
	order   list.List // of entries, those to go at the front
	bytes   int
}

// held is the value of a key since a version, nil if it is not there.
type held struct {
	key     string
	value   []byte
	version uint64
	loading bool // and the value not known yet
	used    atomic.Bool
	at      *list.Element
}

func newCache(most int, visible uint64) *cache {
	return &cache{most: most, visible: visible, entries: map[string]*held{}}
}

// read returns the values of keys at one moment, if all are held.
func (c *cache) read(keys [][]byte) ([][]byte, bool) {
	values := make([][]byte, len(keys))
	c.mu.RLock()
	defer c.mu.RUnlock()
	for i, key := range keys {
		e := c.entries[string(key)]
		if e == nil || e.loading {
			return nil, false
		}
		e.touch()
		values[i] = e.value
	}
	return values, true
}

// get returns the value of a key in the snapshot at a version, if it is known.
func (c *cache) get(key []byte, version uint64) ([]byte, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e := c.entries[string(key)]
	if e == nil || e.loading || e.version > version {
		return nil, false
	}
	e.touch()
	return e.value, true
}

func (e *held) touch() {
	if !e.used.Load() {
		e.used.Store(true)
	}
}

// reserve begins an entry for a value about to be read from the snapshot at a
// version. It is nil if that is not the newest, or the key is held.
func (c *cache) reserve(key []byte, version uint64) *held {
	c.mu.Lock()
	defer c.mu.Unlock()
	if version != c.visible || c.entries[string(key)] != nil {
		return nil
	}
	e := &held{key: string(key), version: version, loading: true}
	e.at = c.order.PushBack(e)
	c.entries[e.key] = e
	c.grow(len(e.key) + cachedOverhead)
	return e
}

// fill ends what reserve began, unless a commit was faster. Only ok values are
// kept.
func (c *cache) fill(e *held, value []byte, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.entries[e.key] != e || !e.loading:
	case !ok:
		c.drop(e)
	default:
		c.set(e, value, e.version)
	}
}

// settle takes in the values of a batch, and calls visible in the same moment.
func (c *cache) settle(b *batch, visible func(uint64)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range b.writes {
		w := &b.writes[i]
		if e := c.entries[string(w.key[1:])]; e != nil {
			c.set(e, w.value, b.version)
		}
	}
	c.visible = b.version
	visible(b.version)
}

func (c *cache) set(e *held, value []byte, version uint64) {
	if len(value) > cachedValue {
		c.drop(e)
		return
	}
	by := len(value) - len(e.value)
	// A reader that appends to the value must not write into ours.
	e.value, e.version, e.loading = slices.Clip(value), version, false
	c.grow(by)
}

func (c *cache) drop(e *held) {
	delete(c.entries, e.key)
	c.order.Remove(e.at)
	c.bytes -= len(e.key) + len(e.value) + cachedOverhead
}

// grow counts bytes and makes room for them: entries go that were not read since
// they were last looked at.
func (c *cache) grow(by int) {
	c.bytes += by
	for c.bytes > c.most && c.order.Len() > 0 {
		e := c.order.Front().Value.(*held)
		if e.used.Swap(false) {
			c.order.MoveToBack(e.at)
			continue
		}
		c.drop(e)
	}
}
