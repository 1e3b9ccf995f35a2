package tikvstore

import (
	"bytes"
	"context"

	tikverr "github.com/tikv/client-go/v2/error"
	"github.com/tikv/client-go/v2/kv"
	"github.com/tikv/client-go/v2/tikv"
	"github.com/tikv/client-go/v2/txnkv/txnsnapshot"

	"roster/core"
)

// source is what a snapshot and a transaction of client-go have in common.
type source interface {
	Get(ctx context.Context, key []byte, options ...kv.GetOption) (kv.ValueEntry, error)
	BatchGet(ctx context.Context, keys [][]byte, options ...kv.BatchGetOption) (map[string]kv.ValueEntry, error)
	Iter(start, end []byte) (tikv.Iterator, error)
	IterReverse(end, start []byte) (tikv.Iterator, error)
}

// reader is a core.Reader. Values are copied, because a transaction overwrites
// those in its buffer in place.
type reader struct {
	ctx      context.Context
	prefix   prefix
	version  uint64
	source   source
	snapshot *txnsnapshot.KVSnapshot // below source
	killed   *uint32                 // not 0 stops what the snapshot still retries
}

var _ core.Reader = (*reader)(nil)

func newReader(ctx context.Context, prefix prefix, version uint64, source source, snapshot *txnsnapshot.KVSnapshot) *reader {
	r := &reader{ctx: ctx, prefix: prefix, version: version, source: source, snapshot: snapshot, killed: new(uint32)}
	snapshot.SetVars(kv.NewVariables(r.killed))
	return r
}

func (r *reader) Version() uint64 { return r.version }

func (r *reader) Get(key []byte) ([]byte, error) {
	if err := r.check(key); err != nil {
		return nil, err
	}
	entry, err := r.source.Get(r.ctx, r.prefix.add(key))
	switch {
	case tikverr.IsErrNotFound(err):
		return nil, nil
	case err != nil:
		return nil, explain(r.ctx, err)
	}
	return bytes.Clone(entry.Value), nil
}

func (r *reader) BatchGet(keys [][]byte) (map[string][]byte, error) {
	if err := r.check(keys...); err != nil {
		return nil, err
	}
	entries, err := r.source.BatchGet(r.ctx, r.prefix.addAll(keys))
	if err != nil {
		return nil, explain(r.ctx, err)
	}
	values := make(map[string][]byte, len(entries))
	for key, entry := range entries {
		values[key[len(r.prefix):]] = bytes.Clone(entry.Value)
	}
	return values, nil
}

// check refuses keys out of bounds, and everything once the context has ended:
// an abandoned scan may still be reading the transaction's buffer then.
func (r *reader) check(keys ...[]byte) error {
	if err := r.ctx.Err(); err != nil {
		return unavailable(err)
	}
	for _, key := range keys {
		if err := checkKey(key); err != nil {
			return err
		}
	}
	return nil
}
