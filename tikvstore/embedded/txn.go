package embedded

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/dgraph-io/badger/v4"

	"roster/core"
)

// readTries bounds how often a value is looked up again that moved while it was
// read.
const readTries = 4

// reader reads the snapshot at a version. In an Update it goes by another one.
type reader struct {
	ctx     context.Context
	store   *Store
	at      uint64
	version uint64
	engine  *badger.Txn // nil until it is needed
	buf     []byte      // the engine's form of the last key
}

func (r *reader) Version() uint64 { return r.version }

// snapshot is the engine's view of the snapshot. end lets go of it.
func (r *reader) snapshot() *badger.Txn {
	if r.engine == nil {
		r.engine = r.store.db.NewTransactionAt(r.at, false)
	}
	return r.engine
}

func (r *reader) end() {
	if r.engine != nil {
		r.engine.Discard()
	}
}

func (r *reader) Get(key []byte) ([]byte, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	if r.ctx.Err() != nil {
		return nil, errEnded(r.ctx)
	}
	cache := r.store.cache
	if value, ok := cache.get(key, r.at); ok {
		return value, nil
	}
	e := cache.reserve(key, r.at)
	value, err := r.load(key)
	if e != nil {
		cache.fill(e, value, err == nil)
	}
	return slices.Clip(value), err
}

// load reads a value from the engine and the journal.
func (r *reader) load(key []byte) ([]byte, error) {
	if err := r.store.intake.awaitKey(r.ctx, r.store.commits.recent.hash(key)); err != nil {
		return nil, err
	}
	r.buf = engineKey(r.buf[:0], key)
	for range readTries {
		item, err := r.snapshot().Get(r.buf)
		switch {
		case errors.Is(err, badger.ErrKeyNotFound):
			return nil, nil
		case err != nil:
			return nil, errEngine("reading", err)
		case item.UserMeta() == tombstone:
			return nil, nil
		}
		value, err := r.store.journal.valueOf(item)
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

// fewWrites is up to where looking through all writes is the quickest way to
// find one.
const fewWrites = 16

// txn is a reader with a buffer of writes before it.
type txn struct {
	reader
	recent  *recent
	most    load
	writes  []write
	index   map[string]int // of writes by the user's key, nil while they are few
	guarded []uint64       // hashes
	sorted  []write        // writes in the order of their keys, nil when not known
	load    load
	bytes   int // of keys and values written
}

// find is the index of the write of a key, -1 if there is none.
func (t *txn) find(key []byte) int {
	if t.index != nil {
		if i, ok := t.index[string(key)]; ok {
			return i
		}
		return -1
	}
	return slices.IndexFunc(t.writes, func(w write) bool { return bytes.Equal(w.key[1:], key) })
}

func (t *txn) Get(key []byte) ([]byte, error) {
	if i := t.find(key); i >= 0 {
		return t.writes[i].value, nil
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
	return t.buffer(key, write{value: slices.Clip(value), kind: put})
}

func (t *txn) Delete(key []byte) error { return t.buffer(key, write{kind: del}) }

func (t *txn) Guard(key []byte) error {
	if err := checkKey(key); err != nil {
		return err
	}
	t.guarded = append(t.guarded, t.recent.hash(key))
	return nil
}

// buffer takes in a write. Its key shares no memory with the caller's.
func (t *txn) buffer(key []byte, w write) error {
	if err := checkKey(key); err != nil {
		return err
	}
	w.key = engineKey(make([]byte, 0, 1+len(key)), key)
	sum, size := t.load.plus(w.load()), t.bytes+len(key)+len(w.value)
	old := t.find(key)
	if old >= 0 {
		sum, size = sum.minus(t.writes[old].load()), size-len(key)-len(t.writes[old].value)
	}
	if size > core.MaxTxnBytes {
		return core.Errorf(core.InvalidArgument, "the transaction writes %d bytes of keys and values, the most is %d: split it", size, core.MaxTxnBytes)
	}
	if sum.over(t.most) {
		return core.Errorf(core.InvalidArgument,
			"the transaction writes %d keys with %d bytes of keys and values under %d bytes, the most of this store is %d keys and %d bytes: split it",
			sum.entries, sum.bytes, inlineBytes, t.most.entries, t.most.bytes)
	}
	t.load, t.bytes, t.sorted = sum, size, nil
	if old >= 0 {
		t.writes[old] = w
		return nil
	}
	t.writes = append(t.writes, w)
	switch {
	case t.index != nil:
		t.index[string(key)] = len(t.writes) - 1
	case len(t.writes) > fewWrites:
		t.index = make(map[string]int, 2*fewWrites)
		for i, w := range t.writes {
			t.index[string(w.key[1:])] = i
		}
	}
	return nil
}

// pending are the writes in a range, in the order of its scan.
func (t *txn) pending(rg core.Range) []write {
	if t.sorted == nil {
		t.sorted = slices.SortedFunc(slices.Values(t.writes), func(a, b write) int { return bytes.Compare(a.key, b.key) })
	}
	position := func(key []byte) int {
		i, _ := slices.BinarySearchFunc(t.sorted, key, func(w write, key []byte) int { return bytes.Compare(w.key[1:], key) })
		return i
	}
	from, to := position(rg.Start), len(t.sorted)
	if rg.End != nil {
		to = position(rg.End)
	}
	if from >= to {
		return nil
	}
	found := slices.Clone(t.sorted[from:to])
	if rg.Reverse {
		slices.Reverse(found)
	}
	return found
}

// commit is what the transaction asks of the committer, nil for nothing.
func (t *txn) commit() *commit {
	if len(t.writes) == 0 && len(t.guarded) == 0 {
		return nil
	}
	keys := t.guarded
	for i := range t.writes {
		keys = append(keys, t.recent.hash(t.writes[i].key[1:]))
	}
	return &commit{writes: t.writes, keys: keys, since: t.at, load: t.load}
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
