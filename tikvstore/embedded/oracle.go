package embedded

import (
	"context"
	"sync"
	"time"

	"roster/core"
)

// versionWindow is how far ahead versions are reserved on disk. After a crash
// versions run ahead of the clock by at most this much.
var versionWindow = core.VersionAt(time.UnixMilli(3000))

// oracle gives out versions and knows which snapshots are in use. No version is
// given out twice, not even after a crash or when the clock steps back.
type oracle struct {
	clock func() time.Time
	// reserve makes durable, by a record with version at, that versions up to
	// bound may have been given out.
	reserve func(at, bound uint64) error
	// halted is closed when submitted commits will never become visible.
	halted chan struct{}

	mu        sync.Mutex
	last      uint64 // the highest version given out
	reserved  uint64
	visible   uint64 // every commit up to here is durable and readable
	submitted uint64 // the version of the newest commit on its way
	floor     uint64 // the oldest snapshot that is kept
	views     map[uint64]int
	updates   map[uint64]int
	moved     chan struct{} // closed and replaced when visible moves
}

// newOracle starts above last, the highest version that may have been given out.
func newOracle(clock func() time.Time, last, floor uint64, reserve func(at, bound uint64) error) (*oracle, error) {
	o := &oracle{
		clock:    clock,
		reserve:  reserve,
		halted:   make(chan struct{}),
		last:     last,
		reserved: last,
		floor:    floor,
		views:    map[uint64]int{},
		updates:  map[uint64]int{},
		moved:    make(chan struct{}),
	}
	first, err := o.next(0)
	o.visible = first
	return o, err
}

// next gives out a version of at least least. The caller holds mu.
func (o *oracle) next(least uint64) (uint64, error) {
	v := max(o.last+1, versionAt(o.clock()), least)
	if v > o.reserved {
		// The record takes v itself: as the highest version on disk it protects
		// itself.
		bound := v + versionWindow
		if err := o.reserve(v, bound); err != nil {
			return 0, err
		}
		o.reserved = bound
		o.last = v
		v++
	}
	o.last = v
	return v, nil
}

// fresh gives out a version for a record of the store's own.
func (o *oracle) fresh() (uint64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.next(0)
}

// begin starts a run of an Update: version is its own, since is its snapshot.
func (o *oracle) begin() (version, since uint64, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if version, err = o.next(0); err != nil {
		return 0, 0, err
	}
	o.updates[o.visible]++
	return version, o.visible, nil
}

// end lets go of the snapshot begin returned.
func (o *oracle) end(since uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	release(o.updates, since)
}

// submit gives a commit its version. It becomes visible by settle.
func (o *oracle) submit() (uint64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	v, err := o.next(0)
	if err == nil {
		o.submitted = v
	}
	return v, err
}

// settle makes every commit up to v visible.
func (o *oracle) settle(v uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.visible = v
	close(o.moved)
	o.moved = make(chan struct{})
}

// await returns once the commits up to v are visible.
func (o *oracle) await(ctx context.Context, v uint64) error {
	for {
		o.mu.Lock()
		reached, moved := o.visible >= v, o.moved
		o.mu.Unlock()
		if reached {
			return nil
		}
		select {
		case <-moved:
		case <-o.halted:
			return errHalted()
		case <-ctx.Done():
			return errEnded(ctx)
		}
	}
}

// open pins the snapshot at v, or the latest one for 0, until shut.
func (o *oracle) open(ctx context.Context, v uint64) (uint64, error) {
	o.mu.Lock()
	if v == 0 {
		v = o.visible
	}
	var pending uint64
	err := o.reach(v)
	if err == nil {
		o.views[v]++
		if o.submitted > o.visible {
			pending = min(v, o.submitted)
		}
	}
	o.mu.Unlock()
	if err != nil {
		return 0, err
	}
	if err := o.await(ctx, pending); err != nil {
		o.shut(v)
		return 0, err
	}
	return v, nil
}

// reach sees to it that commits submitted from now on get versions above v.
// The caller holds mu.
func (o *oracle) reach(v uint64) error {
	switch {
	case v < o.floor:
		return core.Errorf(core.InvalidArgument,
			"version %d (%s) is no longer kept, the oldest is %d (%s): ask for that one or a later one, or keep history for longer",
			v, stamp(v), o.floor, stamp(o.floor))
	case v <= o.last:
		return nil
	case v > versionAt(o.clock()):
		return core.Errorf(core.InvalidArgument,
			"version %d (%s) is not reached yet, the latest is %d (%s): ask for that one or an earlier one, or for 0, the latest",
			v, stamp(v), o.visible, stamp(o.visible))
	}
	_, err := o.next(v)
	return err
}

// shut lets go of a snapshot open returned.
func (o *oracle) shut(v uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	release(o.views, v)
}

// oldestUpdate is the oldest snapshot an Update reads, or may yet read.
func (o *oracle) oldestUpdate() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return oldest(o.updates, o.visible)
}

// raiseFloor gives up the snapshots below v, except those in use, and returns
// the oldest one still kept.
func (o *oracle) raiseFloor(v uint64) uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	v = oldest(o.views, oldest(o.updates, min(v, o.visible)))
	o.floor = max(o.floor, v)
	return o.floor
}

// seal makes the last version durable as it is, so that the next start need not
// run ahead of the clock.
func (o *oracle) seal() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last++
	o.reserved = o.last
	return o.reserve(o.last, o.last)
}

func release(snapshots map[uint64]int, v uint64) {
	if snapshots[v]--; snapshots[v] == 0 {
		delete(snapshots, v)
	}
}

func oldest(snapshots map[uint64]int, v uint64) uint64 {
	for s := range snapshots {
		v = min(v, s)
	}
	return v
}

// versionAt is core.VersionAt for a clock that may be before 1970.
func versionAt(t time.Time) uint64 {
	if t.UnixMilli() < 0 {
		return 0
	}
	return core.VersionAt(t)
}

func stamp(v uint64) string { return core.VersionTime(v).UTC().Format(time.RFC3339Nano) }
