package core

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	"roster/core/metakey"
	pb "roster/core/metapb"
)

// prunePage bounds what one transaction of PruneHistory reads and removes.
const prunePage = 1000

// PruneHistory removes history records and request ids written before the time
// given, a page a transaction, and says how many; what it has removed stays so
// when ctx ends it early.
func (s *Service) PruneHistory(ctx context.Context, before time.Time) (int, error) {
	start, end := metakey.AllHistoryRange()
	history, err := s.prune(ctx, Range{Start: start, End: end}, before, func() stamped { return new(pb.HistoryPB) })
	if err != nil {
		return history, err
	}
	start, end = metakey.RequestRange()
	requests, err := s.prune(ctx, Range{Start: start, End: end}, before, func() stamped { return new(pb.RequestPB) })
	return history + requests, err
}

// stamped is a record that knows when it was written.
type stamped interface {
	proto.Message
	GetTimeMs() int64
}

func (s *Service) prune(ctx context.Context, r Range, before time.Time, record func() stamped) (removed int, err error) {
	r.Limit = prunePage
	stale := func(raw []byte) bool {
		rec := record()
		return raw != nil && proto.Unmarshal(raw, rec) == nil && rec.GetTimeMs() < before.UnixMilli()
	}
	for rest := &r; rest != nil; {
		var page Page
		err := s.store.View(ctx, ViewOptions{}, func(reader Reader) (err error) {
			page, err = reader.Scan(*rest)
			return err
		})
		if err != nil {
			return removed, err
		}
		var keys [][]byte
		for _, item := range page.Items {
			if stale(item.Value) {
				keys = append(keys, item.Key)
			}
		}
		n, err := s.remove(ctx, keys, stale)
		if err != nil {
			return removed, err
		}
		removed += n
		rest = page.Rest
	}
	return removed, nil
}

// remove deletes the keys whose records are still stale: a request id may have
// been pruned and used again since they were read.
func (s *Service) remove(ctx context.Context, keys [][]byte, stale func([]byte) bool) (removed int, err error) {
	if len(keys) == 0 {
		return 0, nil
	}
	err = s.store.Update(ctx, func(tx Txn) error {
		got, err := tx.BatchGet(keys)
		if err != nil {
			return err
		}
		removed = 0
		for _, key := range keys {
			if !stale(got[string(key)]) {
				continue
			}
			if err := tx.Delete(key); err != nil {
				return err
			}
			removed++
		}
		return nil
	})
	return removed, err
}
