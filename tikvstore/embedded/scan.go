package embedded

import (
	"bytes"

	"github.com/dgraph-io/badger/v4"

	"roster/core"
)

const (
	// maxPageBytes ends a page early, so that few large values cannot fill the
	// memory; the page's Rest tells that there is more.
	maxPageBytes = core.MaxTxnBytes
	// skipVersions is how many old versions of a key are stepped over before the
	// next key is sought instead.
	skipVersions = 16
	// checkEvery is how many steps go between looks at the context.
	checkEvery = 1024
)

// scan returns a page of the snapshot with pending, which lies in rg and is in
// its order, laid over it.
func (r *reader) scan(rg core.Range, pending []write) (core.Page, error) {
	limit := rg.Limit
	switch {
	case limit < 0 || limit > core.MaxScan:
		return core.Page{}, core.Errorf(core.InvalidArgument, "scan limit %d is out of range: use 1 to %d, or 0 for the most", limit, core.MaxScan)
	case limit == 0:
		limit = core.MaxScan
	}
	if rg.End != nil && bytes.Compare(rg.Start, rg.End) >= 0 {
		return core.Page{}, nil
	}
	if err := r.store.intake.awaitAll(r.ctx); err != nil {
		return core.Page{}, err
	}
	stored := r.seek(rg)
	defer stored.close()

	var page core.Page
	size := 0
	for {
		var next write
		switch order := compareHeads(stored, pending, rg.Reverse); {
		case stored.err != nil:
			return core.Page{}, stored.err
		case order == none:
			return page, nil
		case order == storedFirst:
			next.key = stored.key
		default:
			next, pending = pending[0], pending[1:]
			if order == same {
				stored.next()
			}
			if next.kind == del {
				continue
			}
		}
		if len(page.Items) == limit || size >= maxPageBytes {
			page.Rest = rest(rg, page.Items[len(page.Items)-1].Key)
			return page, nil
		}
		item := core.Item{Key: bytes.Clone(next.key[1:]), Value: next.value}
		if item.Value == nil {
			value, err := stored.value()
			if err != nil {
				return core.Page{}, err
			}
			item.Value = value
			stored.next()
		}
		page.Items = append(page.Items, item)
		size += len(item.Key) + len(item.Value)
	}
}

// rest is what remains of rg behind its key last. It shares no memory with rg,
// whose slices are the caller's.
func rest(rg core.Range, last []byte) *core.Range {
	if rg.Reverse {
		rg.Start, rg.End = bytes.Clone(rg.Start), last
	} else {
		rg.Start, rg.End = append(bytes.Clone(last), 0), bytes.Clone(rg.End)
	}
	return &rg
}

// heads says which of two sources has the next key.
type heads int

const (
	none heads = iota
	storedFirst
	pendingFirst
	same
)

func compareHeads(stored *cursor, pending []write, reverse bool) heads {
	switch {
	case stored.key == nil && len(pending) == 0:
		return none
	case stored.key == nil:
		return pendingFirst
	case len(pending) == 0:
		return storedFirst
	}
	order := bytes.Compare(stored.key, pending[0].key)
	switch {
	case order == 0:
		return same
	case order < 0 != reverse:
		return storedFirst
	default:
		return pendingFirst
	}
}

// cursor walks the living keys of a range in a snapshot.
type cursor struct {
	r     *reader
	rg    core.Range
	it    *badger.Iterator
	key   []byte // the engine's key, nil at the end
	err   error
	steps int
}

func (r *reader) seek(rg core.Range) *cursor {
	opts := badger.IteratorOptions{Prefix: []byte{userSpace}, Reverse: rg.Reverse, AllVersions: !rg.Reverse}
	c := &cursor{r: r, rg: rg, it: r.snapshot().NewIterator(opts)}
	switch {
	case !rg.Reverse:
		c.it.Seek(engineKey(nil, rg.Start))
	case rg.End != nil:
		c.it.Seek(engineKey(nil, rg.End))
	default:
		c.it.Seek([]byte{userSpace + 1})
	}
	c.settle()
	return c
}

func (c *cursor) close() { c.it.Close() }

func (c *cursor) next() {
	c.step()
	c.settle()
}

// step leaves the current key.
func (c *cursor) step() {
	if c.rg.Reverse {
		c.it.Next()
		return
	}
	// Going forward the engine shows every version, newest first.
	key := c.it.Item().KeyCopy(nil)
	for range skipVersions {
		c.it.Next()
		if !c.it.Valid() || !bytes.Equal(c.it.Item().Key(), key) {
			return
		}
	}
	c.it.Seek(append(key, 0))
}

// settle goes on to the next key that is there.
func (c *cursor) settle() {
	c.key = nil
	for ; c.it.Valid(); c.step() {
		if c.steps++; c.steps%checkEvery == 0 && c.r.ctx.Err() != nil {
			c.err = errEnded(c.r.ctx)
			return
		}
		item := c.it.Item()
		key := item.Key()
		switch {
		case c.rg.Reverse && bytes.Compare(key[1:], c.rg.Start) < 0,
			!c.rg.Reverse && c.rg.End != nil && bytes.Compare(key[1:], c.rg.End) >= 0:
			return
		case c.rg.Reverse && c.rg.End != nil && bytes.Equal(key[1:], c.rg.End),
			item.UserMeta() == tombstone, item.IsDeletedOrExpired():
			continue
		}
		c.key = key
		return
	}
}

func (c *cursor) value() ([]byte, error) {
	value, err := c.r.store.journal.valueOf(c.it.Item())
	if err == nil && len(value) > 0 {
		return value, nil
	}
	return c.r.load(c.key[1:])
}
