package core

import (
	"context"
	"encoding/binary"

	"roster/core/metakey"
	pb "roster/core/metapb"
)

// GetTabletStats is API's.
func (s *Service) GetTabletStats(ctx context.Context, req *pb.GetTabletStatsRequest) (*pb.GetTabletStatsResponse, error) {
	if err := checkLengths(req); err != nil {
		return nil, err
	}
	resp := &pb.GetTabletStatsResponse{Status: statusOK()}
	err := s.view(ctx, func(r Reader) error {
		id, err := resolve(r, req.GetCloudUniqueId())
		if err != nil {
			return err
		}
		if id == "" {
			return Errorf(InvalidArgument, "cannot find instance_id with cloud_unique_id=%s", orEmpty(req.GetCloudUniqueId()))
		}
		for _, idx := range req.GetTabletIdx() {
			idx, err := completeIndex(r, id, idx)
			if err != nil {
				return err
			}
			stats, err := tabletStats(r, id, idx)
			if err != nil {
				return err
			}
			resp.TabletStats = append(resp.TabletStats, stats)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return resp, nil
}

// completeIndex looks a tablet up by its id when a request names only that.
func completeIndex(r Reader, instanceID string, idx *pb.TabletIndexPB) (*pb.TabletIndexPB, error) {
	if idx.GetTabletId() == 0 {
		return nil, Errorf(InvalidArgument, "no valid tablet_id given")
	}
	if idx.TableId != nil && idx.IndexId != nil && idx.PartitionId != nil {
		return idx, nil
	}
	return readTabletIndex(r, instanceID, idx.GetTabletId())
}

func readTabletIndex(r Reader, instanceID string, tabletID int64) (*pb.TabletIndexPB, error) {
	key := metakey.TabletIndex(instanceID, tabletID)
	idx := new(pb.TabletIndexPB)
	found, err := readRecord(r, key, idx)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, Errorf(NotFound, "failed to get tablet_idx, err=KeyNotFound tablet_id=%d key=%x", tabletID, key)
	}
	return idx, nil
}

// tabletStats is the aggregate of a tablet with the counters kept beside it.
func tabletStats(r Reader, instanceID string, idx *pb.TabletIndexPB) (*pb.TabletStatsPB, error) {
	stats, detached, err := readTabletStats(r, instanceID, idx)
	if err != nil {
		return nil, err
	}
	if stats == nil {
		return nil, Errorf(NotFound, "failed to get tablet stats, err=KeyNotFound tablet_id=%d", idx.GetTabletId())
	}
	if stats.Idx == nil {
		stats.Idx = idx
	}
	mergeStats(stats, detached)
	return stats, nil
}

// readTabletStats returns no aggregate when the tablet has none, and no counters
// when none are detached (meta-service.md 9.6).
func readTabletStats(r Reader, instanceID string, idx *pb.TabletIndexPB) (stats, detached *pb.TabletStatsPB, err error) {
	table, index, part, tablet := idx.GetTableId(), idx.GetIndexId(), idx.GetPartitionId(), idx.GetTabletId()
	stats = new(pb.TabletStatsPB)
	found, err := readRecord(r, metakey.StatsTablet(instanceID, table, index, part, tablet), stats)
	if !found || err != nil {
		return nil, nil, err
	}
	start, end := metakey.StatsCounters(instanceID, table, index, part, tablet)
	page, err := r.Scan(Range{Start: start, End: end, Limit: 16})
	if err != nil || len(page.Items) == 0 {
		return stats, nil, err
	}
	detached = new(pb.TabletStatsPB)
	for _, item := range page.Items {
		if err := addCounter(detached, item); err != nil {
			return nil, nil, err
		}
	}
	return stats, detached, nil
}

// addCounter reads one detached counter, a little-endian int64.
func addCounter(stats *pb.TabletStatsPB, item Item) error {
	key, err := metakey.Decode(item.Key)
	if err != nil || len(item.Value) != 8 {
		return Errorf(InvalidArgument, "failed to parse a counter of tablet stats, key=%x", item.Key).Because(err)
	}
	n := int64(binary.LittleEndian.Uint64(item.Value))
	switch key.Fields[len(key.Fields)-1].Str {
	case "data_size":
		stats.DataSize = &n
	case "num_rows":
		stats.NumRows = &n
	case "num_rowsets":
		stats.NumRowsets = &n
	case "num_segs":
		stats.NumSegments = &n
	case "index_size":
		stats.IndexSize = &n
	case "segment_size":
		stats.SegmentSize = &n
	}
	return nil
}

// mergeStats adds detached counters to an aggregate. Sizes that compactions have
// driven below zero read as zero.
func mergeStats(stats, detached *pb.TabletStatsPB) {
	if detached != nil {
		stats.DataSize = new(stats.GetDataSize() + detached.GetDataSize())
		stats.NumRows = new(stats.GetNumRows() + detached.GetNumRows())
		stats.NumRowsets = new(stats.GetNumRowsets() + detached.GetNumRowsets())
		stats.NumSegments = new(stats.GetNumSegments() + detached.GetNumSegments())
		stats.IndexSize = new(stats.GetIndexSize() + detached.GetIndexSize())
		stats.SegmentSize = new(stats.GetSegmentSize() + detached.GetSegmentSize())
	}
	for _, size := range []*int64{stats.DataSize, stats.IndexSize, stats.SegmentSize} {
		if size != nil {
			*size = max(*size, 0)
		}
	}
}
