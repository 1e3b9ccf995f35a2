package tikvstore

import (
	"context"

	"github.com/tikv/client-go/v2/kv"
	"github.com/tikv/client-go/v2/txnkv/transaction"

	"roster/core"
)

// txn is a core.Txn on an optimistic transaction, which copies keys and values
// into its buffer.
type txn struct {
	*reader
	driver *transaction.KVTxn
}

var _ core.Txn = (*txn)(nil)

func newTxn(ctx context.Context, prefix prefix, driver *transaction.KVTxn) *txn {
	return &txn{newReader(ctx, prefix, driver.StartTS(), driver, driver.GetSnapshot()), driver}
}

func (t *txn) Put(key, value []byte) error {
	if err := t.check(key); err != nil {
		return err
	}
	if err := checkValue(value); err != nil {
		return err
	}
	return t.written(t.driver.Set(t.prefix.add(key), value))
}

func (t *txn) Delete(key []byte) error {
	if err := t.check(key); err != nil {
		return err
	}
	return t.written(t.driver.Delete(t.prefix.add(key)))
}

// Guard marks the key in the buffer, so that the commit writes a lock record
// for it: no value, but a version that conflicts like one.
func (t *txn) Guard(key []byte) error {
	if err := t.check(key); err != nil {
		return err
	}
	return t.written(t.driver.LockKeysWithWaitTime(t.ctx, kv.LockNoWait, t.prefix.add(key)))
}

func (t *txn) written(err error) error {
	if err != nil {
		return explain(t.ctx, err)
	}
	return t.checkSize()
}

// checkSize holds the buffer to the limit on what an Update writes, of which
// prefixes are no part; client-go sets none.
func (t *txn) checkSize() error {
	if t.driver.Size()-t.driver.Len()*len(t.prefix) > core.MaxTxnBytes {
		return tooLarge(nil)
	}
	return nil
}
