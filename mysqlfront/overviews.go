package mysqlfront

import (
	"context"
	"sync"
	"time"

	"roster/mysqlfront/session"
)

const (
	// maxOverviews bounds the listings of all instances that are kept, in bytes.
	maxOverviews = 2 * maxOverview
	// longTime is how long nobody tries again to keep one that was too long, and
	// maxLong how many of these are known.
	longTime = 10 * time.Second
	maxLong  = 1000
)

// overviews keep the latest listings of all instances.
type overviews struct {
	// turn lets one bring a list up to date at a time: the next has less to do then,
	// and copies do not pile up. making is held by the one who keeps a new list.
	turn   chan struct{}
	making sync.Mutex

	mu    sync.Mutex
	kept  map[listingKey]*overview
	bytes int
	// long are the listings that could not be kept, and when.
	long map[listingKey]time.Time
}

func newOverviews() *overviews {
	return &overviews{turn: make(chan struct{}, 1), kept: map[listingKey]*overview{}, long: map[listingKey]time.Time{}}
}

// latest is a listing as it is now. It is nil if it cannot be had without reading
// every instance, at version; that is 0 if none can be kept.
func (o *overviews) latest(ctx context.Context, k listingKey, every session.Every) (made *overview, version uint64, err error) {
	if o.wasLong(k) {
		return nil, 0, nil
	}
	select {
	case o.turn <- struct{}{}:
		defer func() { <-o.turn }()
	case <-ctx.Done():
		return nil, 0, context.Cause(ctx)
	}
	kept := o.find(k)
	changed, err := every.ChangedInstances(ctx, kept.version)
	if err != nil || !changed.Known {
		return nil, changed.Version, err
	}
	made, err = kept.after(changed, k)
	if err != nil {
		return nil, changed.Version, err
	}
	if made.tooLong() {
		o.giveUp(k, made.version)
		return nil, 0, nil
	}
	o.keep(k, made)
	return made, changed.Version, nil
}

// find is a listing as it was when it was last made, one of version 0 if there is none.
func (o *overviews) find(k listingKey) *overview {
	o.mu.Lock()
	defer o.mu.Unlock()
	if found := o.kept[k]; found != nil {
		return found
	}
	return &overview{}
}

// keep takes a listing, in place of an older one. Others go, whichever, until there
// is room.
func (o *overviews) keep(k listingKey, made *overview) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if old := o.kept[k]; old != nil {
		if old.version > made.version {
			return
		}
		o.drop(k)
	}
	for other := range o.kept {
		if o.bytes+made.size() <= maxOverviews {
			break
		}
		o.drop(other)
	}
	o.kept[k] = made
	o.bytes += made.size()
}

// giveUp drops a listing that was too long at a version, unless another has made one
// newer than that. Nobody tries again for a while.
func (o *overviews) giveUp(k listingKey, version uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if old := o.kept[k]; old != nil {
		if old.version > version {
			return
		}
		o.drop(k)
	}
	if len(o.long) >= maxLong {
		clear(o.long)
	}
	o.long[k] = time.Now()
}

// wasLong reports whether a listing was too long a short while ago.
func (o *overviews) wasLong(k listingKey) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	at, found := o.long[k]
	return found && time.Since(at) < longTime
}

func (o *overviews) drop(k listingKey) {
	o.bytes -= o.kept[k].size()
	delete(o.kept, k)
}
