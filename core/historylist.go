package core

import (
	"context"

	"roster/core/metakey"
	pb "roster/core/metapb"
)

// HistoryQuery asks for a page of history.
type HistoryQuery struct {
	// Instance narrows it to one instance; "" is all of them, one after another.
	Instance string
	// After is where the last page ended, nil for the first.
	After []byte
	// Limit is 1 to MaxScan, 0 is MaxScan.
	Limit int
	// Reverse returns the latest first.
	Reverse bool
}

// History returns a page of what was done, in the order it was done in within
// each instance, and where the next page begins, nil when there is none.
func (s *Service) History(ctx context.Context, q HistoryQuery) (records []*pb.HistoryPB, next []byte, err error) {
	start, end := metakey.AllHistoryRange()
	if q.Instance != "" {
		start, end = metakey.HistoryRange(q.Instance)
	}
	switch {
	case q.After != nil && q.Reverse:
		end = q.After
	case q.After != nil:
		start = q.After
	}
	err = s.view(ctx, func(r Reader) error {
		page, err := r.Scan(Range{Start: start, End: end, Limit: q.Limit, Reverse: q.Reverse})
		if err != nil {
			return err
		}
		records, next = nil, nil
		for _, item := range page.Items {
			record := new(pb.HistoryPB)
			if err := parseRecord(item.Key, item.Value, record); err != nil {
				return err
			}
			records = append(records, record)
		}
		switch {
		case page.Rest != nil && q.Reverse:
			next = page.Rest.End
		case page.Rest != nil:
			next = page.Rest.Start
		}
		return nil
	})
	return records, next, err
}

// lastRevision is the revision of an instance's last change, 0 if it has none.
func lastRevision(r Reader, instanceID string) (uint64, error) {
	start, end := metakey.HistoryRange(instanceID)
	page, err := r.Scan(Range{Start: start, End: end, Limit: 1, Reverse: true})
	if err != nil || len(page.Items) == 0 {
		return 0, err
	}
	var record pb.HistoryPB
	err = parseRecord(page.Items[0].Key, page.Items[0].Value, &record)
	return record.GetRevision(), err
}
