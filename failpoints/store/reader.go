package store

import (
	"github.com/pingcap/failpoint"

	"roster/core"
	"roster/failpoints"
)

type reader struct{ core.Reader }

func (r *reader) Get(key []byte) (value []byte, err error) {
	err = r.read(func() error {
		value, err = r.Reader.Get(key)
		return err
	})
	return value, err
}

func (r *reader) BatchGet(keys [][]byte) (values map[string][]byte, err error) {
	err = r.read(func() error {
		values, err = r.Reader.BatchGet(keys)
		return err
	})
	return values, err
}

func (r *reader) Scan(rg core.Range) (page core.Page, err error) {
	err = r.read(func() error {
		page, err = r.Reader.Scan(rg)
		return err
	})
	return page, err
}

func (r *reader) read(get func() error) error {
	failpoint.Inject("beforeRead", func(v failpoint.Value) {
		if failpoints.Act(v) {
			failpoint.Return(forced(core.Unavailable, "beforeRead"))
		}
	})
	if err := get(); err != nil {
		return err
	}
	failpoint.Inject("afterRead", func(v failpoint.Value) {
		if failpoints.Act(v) {
			failpoint.Return(forced(core.Internal, "afterRead"))
		}
	})
	return nil
}

type txn struct {
	reader
	tx core.Txn
}

func (t *txn) Put(key, value []byte) error {
	return t.write(func() error { return t.tx.Put(key, value) })
}

func (t *txn) Delete(key []byte) error {
	return t.write(func() error { return t.tx.Delete(key) })
}

func (t *txn) write(do func() error) error {
	failpoint.Inject("beforeWrite", func(v failpoint.Value) {
		if failpoints.Act(v) {
			failpoint.Return(forced(core.Internal, "beforeWrite"))
		}
	})
	return do()
}

func (t *txn) Guard(key []byte) error {
	failpoint.Inject("guardSkipped", func(v failpoint.Value) {
		if failpoints.Act(v) {
			failpoint.Return(nil)
		}
	})
	return t.tx.Guard(key)
}
