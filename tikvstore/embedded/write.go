package embedded

import (
	"encoding/binary"

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

// outsideMark is the user meta of a place in the journal.
const outsideMark byte = 2

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
	place      place // where the journal keeps the value, if it does
}

// outside reports whether the engine holds only the value's place.
func (w *write) outside() bool { return w.kind == put && len(w.value) >= inlineBytes }

// framed is an upper bound of the write's length in a frame.
func (w *write) framed() int64 { return int64(1 + 2*binary.MaxVarintLen32 + len(w.key) + len(w.value)) }

// load is what a transaction costs the engine.
type load struct {
	entries int64
	// bytes is what goes into the memtable, values what stays in the journal.
	bytes, values int64
}

// maxLoad bounds one transaction, and a group of them.
var maxLoad = load{entries: 35_000, bytes: 3 << 20, values: core.MaxTxnBytes}

// entryOverhead is what an entry costs besides key and value.
const entryOverhead = 12

func (w *write) load() load {
	l := load{entries: 1, bytes: int64(len(w.key)) + entryOverhead}
	if w.outside() {
		l.bytes += placeBytes
		l.values = int64(len(w.value))
	} else {
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

// engineKey is the engine's key for a user's key, appended to buf.
func engineKey(buf, key []byte) []byte { return append(append(buf, userSpace), key...) }
