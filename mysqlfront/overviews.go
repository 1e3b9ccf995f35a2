package mysqlfront

import (
	"context"
	"sync"

	"roster/mysqlfront/session"
)

// maxOverviews bounds the listings of all instances that are kept, in bytes.
const maxOverviews = 2 * maxOverview

// overviews keep the latest listings of all instances.
type overviews struct {
	// turn lets one bring a list up to date at a time: the next has less to do then,
	// and copies do not pile up. making is held by the one who keeps a new list.
	turn   chan struct{}
	making sync.Mutex

	mu    sync.Mutex
	kept  map[listingKey]*overview
	bytes int
}

func newOverviews() *overviews {
	return &overviews{turn: make(chan struct{}, 1), kept: map[listingKey]*overview{}}
}

// latest is a listing as it is now. It is nil if it cannot be had without reading
// every instance, at version; that is 0 if none can ever be kept.
func (o *overviews) latest(ctx context.Context, k listingKey, every session.Every) (made *overview, version uint64, err error) {
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
		o.forget(k, made.version)
		return nil, changed.Version, nil
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

// forget drops a listing, unless another has made one newer than a version.
func (o *overviews) forget(k listingKey, version uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if old := o.kept[k]; old != nil && old.version <= version {
		o.drop(k)
	}
}

func (o *overviews) drop(k listingKey) {
	o.bytes -= o.kept[k].size()
	delete(o.kept, k)
}
