package embedded

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/dgraph-io/badger/v4"

	"roster/core"
)

// The store's own records, which it needs to start where it stopped.
const (
	// versionMark holds the highest version that may have been given out.
	versionMark = string(markSpace) + "version"
	// floorMark holds the oldest version that is kept.
	floorMark = string(markSpace) + "floor"
)

// setMark makes a mark durable, under a version of its own.
func (s *Store) setMark(name string, at, value uint64) error {
	if err := room(s.free, startBytes); err != nil {
		return err
	}
	b := &batch{version: at, writes: []write{{key: []byte(name), value: binary.BigEndian.AppendUint64(nil, value)}}}
	_, err := s.journal.append(b)
	if err == nil {
		err = s.takeIn(b)
	}
	if err != nil {
		return core.Errorf(core.Unavailable, "the store cannot write its own records; nothing was written: check the disk and restart the server").Because(err)
	}
	return nil
}

// mark is the value of a mark, 0 if it was never set.
func (s *Store) mark(name string) (uint64, error) {
	txn := s.db.NewTransactionAt(math.MaxUint64, false)
	defer txn.Discard()
	item, err := txn.Get([]byte(name))
	if errors.Is(err, badger.ErrKeyNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, errEngine("reading its own records", err)
	}
	value, err := item.ValueCopy(nil)
	if err != nil || len(value) != 8 {
		return 0, core.Errorf(core.Internal, "the store's record %q is damaged: restore the data directory from a dump", name).Because(err)
	}
	return binary.BigEndian.Uint64(value), nil
}
