package tikvstore

import (
	"bytes"
	"sync/atomic"

	"github.com/tikv/client-go/v2/tikv"

	"roster/core"
)

const (
	// scanBatch is the most items one request fetches.
	scanBatch = 256
	// maxPageBytes ends a page of large items before its limit.
	maxPageBytes = 64 << 20
)

// Scan implements core.Reader. client-go's iterators know no context, so they
// run beside it: a scan that outlives the context is left to end by itself.
func (r *reader) Scan(rng core.Range) (core.Page, error) {
	if err := r.check(); err != nil {
		return core.Page{}, err
	}
	limit, err := scanLimit(rng.Limit)
	if err != nil {
		return core.Page{}, err
	}
	// client-go takes every empty bound for an open one.
	if rng.End != nil && bytes.Compare(rng.Start, rng.End) >= 0 {
		return core.Page{}, nil
	}
	// The scan and its rest may outlive the caller's use of the slices.
	rng.Start, rng.End = bytes.Clone(rng.Start), bytes.Clone(rng.End)

	type result struct {
		page core.Page
		err  error
	}
	results := make(chan result, 1)
	go func() {
		page, err := r.page(rng, limit, maxPageBytes)
		results <- result{page, err}
	}()
	select {
	case result := <-results:
		if result.err != nil {
			return core.Page{}, explain(r.ctx, result.err)
		}
		return result.page, nil
	case <-r.ctx.Done():
		atomic.StoreUint32(r.killed, 1)
		return core.Page{}, unavailable(r.ctx.Err())
	}
}

// page reads up to limit items of a range, and no more once they have the size.
func (r *reader) page(rng core.Range, limit, size int) (page core.Page, err error) {
	// One item more tells in the same request whether there is a rest.
	r.snapshot.SetScanBatchSize(min(limit+1, scanBatch))
	items, err := r.iterate(rng)
	if err != nil {
		return core.Page{}, err
	}
	defer items.Close()
	for items.Valid() {
		if len(page.Items) == limit || size <= 0 {
			page.Rest = restAfter(rng, page.Items[len(page.Items)-1].Key)
			break
		}
		item := core.Item{Key: r.prefix.strip(items.Key()), Value: bytes.Clone(items.Value())}
		page.Items = append(page.Items, item)
		size -= len(item.Key) + len(item.Value)
		if err := items.Next(); err != nil {
			return core.Page{}, err
		}
	}
	return page, nil
}

func (r *reader) iterate(rng core.Range) (tikv.Iterator, error) {
	start, end := r.prefix.bounds(rng)
	if rng.Reverse {
		return r.source.IterReverse(end, start)
	}
	return r.source.Iter(start, end)
}

// restAfter is the part of a range beyond the last key read.
func restAfter(rng core.Range, last []byte) *core.Range {
	if rng.Reverse {
		rng.End = bytes.Clone(last)
	} else {
		rng.Start = append(bytes.Clone(last), 0)
	}
	return &rng
}
