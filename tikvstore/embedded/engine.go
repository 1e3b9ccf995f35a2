package embedded

import (
	"errors"

	"github.com/dgraph-io/badger/v4"
)

// takeIn gives batches to the engine, which need not have them on disk when it
// returns. What fails may be there in part.
func takeIn(db *badger.DB, batches ...*batch) error {
	if len(batches) == 1 {
		// Nearly every group fits into one transaction, which takes fewer
		// goroutines than a write batch.
		if err := takeInOne(db, batches[0]); !errors.Is(err, badger.ErrTxnTooBig) {
			return err
		}
	}
	writes := db.NewManagedWriteBatch()
	defer writes.Cancel()
	for _, b := range batches {
		for i := range b.writes {
			w := &b.writes[i]
			var err error
			if w.kind == erase {
				err = writes.DeleteAt(w.key, b.version)
			} else {
				err = writes.SetEntryAt(w.entry(), b.version)
			}
			if err != nil {
				return err
			}
		}
	}
	return writes.Flush()
}

func takeInOne(db *badger.DB, b *batch) error {
	txn := db.NewTransactionAt(b.version, true)
	defer txn.Discard()
	for i := range b.writes {
		w := &b.writes[i]
		var err error
		if w.kind == erase {
			err = txn.Delete(w.key)
		} else {
			err = txn.SetEntry(w.entry())
		}
		if err != nil {
			return err
		}
	}
	return txn.CommitAt(b.version, nil)
}

// entry is what the engine gets of a write.
func (w *write) entry() *badger.Entry {
	switch {
	case w.kind == del:
		return badger.NewEntry(w.key, []byte{0}).WithMeta(tombstone)
	case w.place.segment != 0:
		return badger.NewEntry(w.key, w.place.encode()).WithMeta(outsideMark)
	default:
		return badger.NewEntry(w.key, w.value)
	}
}

// valueOf is the value of an item, empty if it moved while it was looked up.
func (j *journal) valueOf(item *badger.Item) ([]byte, error) {
	if item.UserMeta() != outsideMark {
		// The cleaning of the engine's own value log can drop a file between the
		// look-up of a value's place and the reading of it. The engine then returns
		// no value and no error; ours are never empty.
		return item.ValueCopy(nil)
	}
	var value []byte
	err := item.Value(func(b []byte) error {
		p, ok := decodePlace(b)
		if !ok {
			return errors.New("a place in the journal is damaged")
		}
		var err error
		value, err = j.value(p)
		return err
	})
	if errors.Is(err, errMoved) {
		return nil, nil
	}
	return value, err
}
