package embedded

import (
	"github.com/dgraph-io/badger/v4"

	"roster/core"
)

// Users' keys and our own records lie apart.
const (
	markSpace = 'm'
	userSpace = 'u'
)

// tombstone is the user meta of the value that stands for a deleted key. The
// engine's own delete markers are dropped by compaction while a cleaning of the
// value log may be writing an older version of the key back: it would rise from
// the dead. See sweep for how tombstones go.
const tombstone byte = 1

type kind int

const (
	put kind = iota
	del
	// erase replaces a tombstone that nothing lies under by the engine's own.
	erase
)

// write is one key's change. Its key is the engine's.
type write struct {
	key, value []byte
	kind       kind
}

func (w write) addTo(txn *badger.Txn) error {
	switch w.kind {
	case put:
		return txn.SetEntry(badger.NewEntry(w.key, w.value))
	case del:
		return txn.SetEntry(badger.NewEntry(w.key, []byte{0}).WithMeta(tombstone))
	default:
		return txn.Delete(w.key)
	}
}

// load is what a transaction costs the engine.
type load struct {
	entries int64
	// bytes is what goes into the memtable, values what goes beside it.
	bytes, values int64
}

// entryOverhead is what the engine counts for an entry, besides key and value,
// and what it counts for the pointer to a value in the log.
const (
	entryOverhead = 12
	pointerBytes  = 12
)

func (w write) load() load {
	l := load{entries: 1, bytes: int64(len(w.key)) + entryOverhead + 1}
	switch {
	case len(w.value) >= inlineBytes:
		l.bytes += pointerBytes
		l.values = int64(len(w.key) + len(w.value))
	default:
		l.bytes += int64(len(w.value))
	}
	return l
}

func (l load) plus(m load) load {
	return load{l.entries + m.entries, l.bytes + m.bytes, l.values + m.values}
}

func (l load) minus(m load) load {
	return load{l.entries - m.entries, l.bytes - m.bytes, l.values - m.values}
}

func (l load) over(most load) bool {
	return l.entries > most.entries || l.bytes > most.bytes || l.values > most.values
}

// engineLimit is what one engine transaction takes, less its end marker. Values
// beside the memtable are bounded by core.MaxTxnBytes; the engine's keys are a
// byte longer than those it counts.
func engineLimit(db *badger.DB) load {
	entries := db.MaxBatchCount() - 2
	return load{entries: entries, bytes: db.MaxBatchSize() - 64, values: core.MaxTxnBytes + entries}
}

// engineKey is the engine's key for a user's key, appended to buf.
func engineKey(buf, key []byte) []byte { return append(append(buf, userSpace), key...) }
