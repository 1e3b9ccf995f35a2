package embedded

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/dgraph-io/badger/v4"

	"roster/core"
)

// readTries bounds how often a value is looked up again that moved while it was
// read.
const readTries = 4

// reader reads one snapshot.
type reader struct {
	ctx     context.Context
	version uint64
	txn     *badger.Txn
	buf     []byte // the engine's form of the last key
}

func (r *reader) Version() uint64 { return r.version }

func (r *reader) Get(key []byte) ([]byte, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	if r.ctx.Err() != nil {
		return nil, errEnded(r.ctx)
	}
	r.buf = engineKey(r.buf[:0], key)
	// The cleaning of the value log can drop a file between the look-up of a
	// value's place and the reading of it. The engine then returns no value and
	// no error; ours are never empty.
	for range readTries {
		item, err := r.txn.Get(r.buf)
		switch {
		case errors.Is(err, badger.ErrKeyNotFound):
			return nil, nil
		case err != nil:
			return nil, errEngine("reading", err)
		case item.UserMeta() == tombstone:
			return nil, nil
		}
		value, err := item.ValueCopy(nil)
		if err != nil {
			return nil, errEngine("reading", err)
		}
		if len(value) > 0 {
			return value, nil
		}
	}
	return nil, core.Errorf(core.Internal, "the value of key %x cannot be read back, its record is damaged: restore it from a dump", key)
}

func (r *reader) BatchGet(keys [][]byte) (map[string][]byte, error) { return batchGet(r, keys) }

func (r *reader) Scan(rg core.Range) (core.Page, error) { return r.scan(rg, nil) }

func batchGet(r core.Reader, keys [][]byte) (map[string][]byte, error) {
	found := make(map[string][]byte, len(keys))
	for _, key := range keys {
		value, err := r.Get(key)
		if err != nil {
			return nil, err
		}
		if value != nil {
			found[string(key)] = value
		}
	}
	return found, nil
}

// txn is a reader with a buffer of writes before it.
type txn struct {
	reader
	since   uint64
	most    load
	writes  map[string]write // by the user's key
	guarded map[string]struct{}
	sorted  []string // the keys of writes in order, nil when not known
	load    load
	bytes   int // of keys and values written
}

func (t *txn) Get(key []byte) ([]byte, error) {
	if w, ok := t.writes[string(key)]; ok {
		return w.value, nil
	}
	return t.reader.Get(key)
}

func (t *txn) BatchGet(keys [][]byte) (map[string][]byte, error) { return batchGet(t, keys) }

func (t *txn) Scan(rg core.Range) (core.Page, error) { return t.scan(rg, t.pending(rg)) }

func (t *txn) Put(key, value []byte) error {
	switch {
	case len(value) == 0:
		return core.Errorf(core.InvalidArgument, "the value of key %x is empty: a value has at least one byte, use a delete to remove the key", head(key))
	case len(value) > core.MaxValueBytes:
		return core.Errorf(core.InvalidArgument, "the value of key %x has %d bytes, the most is %d: split it", head(key), len(value), core.MaxValueBytes)
	}
	return t.buffer(key, write{value: bytes.Clone(value), kind: put})
}

func (t *txn) Delete(key []byte) error { return t.buffer(key, write{kind: del}) }

func (t *txn) Guard(key []byte) error {
	if err := checkKey(key); err != nil {
		return err
	}
	t.guarded[string(key)] = struct{}{}
	return nil
}

func (t *txn) buffer(key []byte, w write) error {
	if err := checkKey(key); err != nil {
		return err
	}
	w.key = engineKey(nil, key)
	sum, size := t.load.plus(w.load()), t.bytes+len(key)+len(w.value)
	old, replaced := t.writes[string(key)]
	if replaced {
		sum, size = sum.minus(old.load()), size-len(key)-len(old.value)
	}
	if size > core.MaxTxnBytes {
		return core.Errorf(core.InvalidArgument, "the transaction writes %d bytes of keys and values, the most is %d: split it", size, core.MaxTxnBytes)
	}
	if sum.over(t.most) {
		return core.Errorf(core.InvalidArgument,
			"the transaction writes %d keys with %d bytes of keys and values under %d bytes, the most of this store is %d keys and %d bytes: split it",
			sum.entries, sum.bytes, inlineBytes, t.most.entries, t.most.bytes)
	}
	t.load, t.bytes = sum, size
	t.writes[string(key)] = w
	if !replaced {
		t.sorted = nil
	}
	return nil
}

// pending are the writes in a range, in the order of its scan.
func (t *txn) pending(rg core.Range) []write {
	if t.sorted == nil {
		t.sorted = slices.Sorted(maps.Keys(t.writes))
	}
	from, _ := slices.BinarySearch(t.sorted, string(rg.Start))
	to := len(t.sorted)
	if rg.End != nil {
		to, _ = slices.BinarySearch(t.sorted, string(rg.End))
	}
	var found []write
	for i := from; i < to; i++ {
		found = append(found, t.writes[t.sorted[i]])
	}
	if rg.Reverse {
		slices.Reverse(found)
	}
	return found
}

// commit is what the transaction asks of the committer, nil for nothing.
func (t *txn) commit(r *recent) *commit {
	if len(t.writes) == 0 && len(t.guarded) == 0 {
		return nil
	}
	m := &commit{since: t.since, load: t.load}
	for key, w := range t.writes {
		m.writes = append(m.writes, w)
		m.keys = append(m.keys, r.hash([]byte(key)))
	}
	for key := range t.guarded {
		if _, written := t.writes[key]; !written {
			m.keys = append(m.keys, r.hash([]byte(key)))
		}
	}
	return m
}

func checkKey(key []byte) error {
	switch {
	case len(key) == 0:
		return core.Errorf(core.InvalidArgument, "the key is empty: a key has at least one byte")
	case len(key) > core.MaxKeyBytes:
		return core.Errorf(core.InvalidArgument, "key %x... has %d bytes, the most is %d: use a shorter one", head(key), len(key), core.MaxKeyBytes)
	}
	return nil
}

// head is as much of a key as an error text needs.
func head(key []byte) []byte { return key[:min(len(key), 64)] }
