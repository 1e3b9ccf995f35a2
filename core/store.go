package core

import (
	"context"
	"time"
)

// Limits every store enforces with InvalidArgument before anything is written.
const (
	// MaxKeyBytes bounds one key.
	MaxKeyBytes = 16 << 10
	// MaxValueBytes bounds one value, and so one instance document.
	MaxValueBytes = 6 << 20
	// MaxTxnBytes bounds the keys and values one Update may write.
	MaxTxnBytes = 64 << 20
	// MaxScan is the most items one Scan returns, and its default limit.
	MaxScan = 10_000
)

// Store keeps keys and values with their history and runs transactions on them.
// Implementations pass core/storetest. Their errors are *Error: Conflict when
// every try lost, Undetermined, Unavailable when the store or the deadline
// failed with nothing written, InvalidArgument for a limit, Internal for the rest.
type Store interface {
	// View runs fn on one snapshot: the latest one, which holds every commit
	// acknowledged before the call, or the one opts names.
	View(ctx context.Context, opts ViewOptions, fn func(Reader) error) error
	// Read returns the latest values of a few keys in their order, nil for one
	// that is not there: what one BatchGet on the latest snapshot of a View finds,
	// for less. The slices may be kept but not changed: others may be given the same.
	Read(ctx context.Context, keys ...[]byte) ([][]byte, error)
	// Changes tells which keys of a range were written after a version, for one who
	// has kept what it made of the range at that version. More keys than r.Limit
	// are not told, and r.Reverse means nothing.
	Changes(ctx context.Context, r Range, since uint64) (Changes, error)
	// Update runs fn and commits what it wrote. After a conflict fn runs again,
	// from its reads, until ctx ends; so fn must not keep state between runs.
	// An error of fn ends the Update with nothing written and is returned as it
	// is. A nil return means the writes are durable.
	Update(ctx context.Context, fn func(Txn) error) error
	Close() error
}

// ViewOptions says which snapshot a View reads.
type ViewOptions struct {
	// Version is the snapshot's version; 0 is the latest. A version the store no
	// longer keeps, or has not reached, is InvalidArgument.
	Version uint64
}

// Reader reads one snapshot. It is not safe for concurrent use and ends with
// the function it was given to. Slices it returns may be kept but not changed.
type Reader interface {
	// Version orders snapshots in time (see VersionAt). In an Update it is unique
	// to the run: no other Update of the store, at any time, has the same, and it
	// is higher than that of every commit acknowledged before.
	Version() uint64
	// Get returns nil for a key that is not there.
	Get(key []byte) ([]byte, error)
	// BatchGet returns the keys that are there.
	BatchGet(keys [][]byte) (map[string][]byte, error)
	// Scan returns the items of a range in key order, at most r.Limit of them.
	Scan(r Range) (Page, error)
}

// Txn is a Reader that sees its own writes, and collects them for the commit.
type Txn interface {
	Reader
	// Put sets a key; an empty value is InvalidArgument. The store may keep the
	// value, so nobody may change it any more; the key is the caller's again.
	Put(key, value []byte) error
	Delete(key []byte) error
	// Guard makes a key that was only read, or found absent, take part in
	// conflict detection: the commit fails if another transaction wrote or
	// guarded it since this one's snapshot.
	Guard(key []byte) error
}

// Range is a half-open range of keys, [Start, End). A nil End is the end of the
// key space.
type Range struct {
	Start, End []byte
	// Limit is 1 to MaxScan; 0 is MaxScan.
	Limit int
	// Reverse returns the items from the end of the range down.
	Reverse bool
}

// Page is a part of a range.
type Page struct {
	Items []Item
	// Rest is the range still unread, nil when there is nothing more.
	Rest *Range
}

// Changes are the keys that were written between two snapshots, deleted ones too.
type Changes struct {
	// Version is the later snapshot's, which holds every commit acknowledged before
	// the call; 0 in a store that never knows.
	Version uint64
	// Known is false if the store cannot tell what was written: one has to scan at
	// Version, and may ask for the changes since then.
	Known bool
	// Keys has each key once, in no order.
	Keys [][]byte
}

// Item is a key and its value.
type Item struct{ Key, Value []byte }

// versionShift is the width of the counter below a version's milliseconds, as
// in TiKV's timestamps.
const versionShift = 18

// VersionAt is the version of the snapshot taken at t: milliseconds since 1970
// shifted left by 18 bits.
func VersionAt(t time.Time) uint64 { return uint64(t.UnixMilli()) << versionShift }

// VersionTime is the time of a version, to the millisecond.
func VersionTime(v uint64) time.Time { return time.UnixMilli(int64(v >> versionShift)) }
