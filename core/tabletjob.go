package core

import (
	"context"
	"slices"
	"time"

	"roster/core/metakey"
	pb "roster/core/metapb"
)

// AbortTabletJob is API's.
func (s *Service) AbortTabletJob(ctx context.Context, req *pb.FinishTabletJobRequest) (*pb.FinishTabletJobResponse, error) {
	if err := checkLengths(req); err != nil {
		return nil, err
	}
	t := &trace{operation: "abort_tablet_job", request: req}
	err := s.amend(ctx, t, "", func(tx Txn, now time.Time) (err error) {
		if t.instance, err = resolveGuarded(tx, req.GetCloudUniqueId()); err != nil {
			return err
		}
		if t.instance == "" {
			return Errorf(InvalidArgument, "cannot find instance_id with cloud_unique_id=%s", orEmpty(req.GetCloudUniqueId()))
		}
		return abortTabletJob(tx, t.instance, req.GetJob(), now)
	})
	if err != nil {
		return nil, err
	}
	return &pb.FinishTabletJobResponse{Status: statusOK()}, nil
}

// abortTabletJob takes a compaction off the record of its tablet's jobs
// (meta-service.md 9.8). The lease is not checked, the expiration is.
func abortTabletJob(tx Txn, instanceID string, job *pb.TabletJobInfoPB, now time.Time) error {
	tabletID := job.GetIdx().GetTabletId()
	switch {
	case len(job.GetCompaction()) == 0 && job.GetSchemaChange() == nil:
		return Errorf(InvalidArgument, "no valid job specified")
	case tabletID == 0:
		return Errorf(InvalidArgument, "no valid tablet_id given")
	case len(job.GetCompaction()) == 0:
		return Errorf(InvalidArgument, "only compaction jobs can be aborted: give compaction")
	}
	idx, err := readTabletIndex(tx, instanceID, tabletID)
	if err != nil {
		return err
	}
	dropped, err := tabletDropped(tx, instanceID, idx)
	if err != nil {
		return err
	}
	if dropped {
		return Errorf(NotFound, "tablet %d has been dropped", tabletID)
	}
	key := metakey.JobTablet(instanceID, idx.GetTableId(), idx.GetIndexId(), idx.GetPartitionId(), tabletID)
	var recorded pb.TabletJobInfoPB
	found, err := readRecord(tx, key, &recorded)
	if err != nil {
		return err
	}
	if !found {
		return Errorf(InvalidArgument, "job not found, instance_id=%s tablet_id=%d job=%s err=KeyNotFound", instanceID, tabletID, shownRequest(job))
	}
	if err := dropCompaction(&recorded, job, tabletID, now); err != nil {
		return err
	}
	recorded.Idx = idx // an empty record could not be written
	return writeRecord(tx, key, &recorded)
}

// tabletDropped reads the recycle records that mark an index or a partition as
// gone, and guards them: the drop may be under way.
func tabletDropped(tx Txn, instanceID string, idx *pb.TabletIndexPB) (bool, error) {
	var index pb.RecycleIndexPB
	key := metakey.RecycleIndex(instanceID, idx.GetIndexId())
	found, err := readRecord(tx, key, &index)
	if err != nil {
		return false, err
	}
	if err := tx.Guard(key); err != nil {
		return false, err
	}
	if found {
		return index.GetState() == pb.RecycleIndexPB_DROPPED || index.GetState() == pb.RecycleIndexPB_RECYCLING, nil
	}
	var part pb.RecyclePartitionPB
	key = metakey.RecyclePartition(instanceID, idx.GetPartitionId())
	if _, err := readRecord(tx, key, &part); err != nil {
		return false, err
	}
	if err := tx.Guard(key); err != nil {
		return false, err
	}
	return part.GetState() == pb.RecyclePartitionPB_DROPPED || part.GetState() == pb.RecyclePartitionPB_RECYCLING, nil
}

func dropCompaction(recorded, given *pb.TabletJobInfoPB, tabletID int64, now time.Time) error {
	if len(recorded.GetCompaction()) == 0 {
		return Errorf(InvalidArgument, "there is no running compaction, tablet_id=%d", tabletID)
	}
	id := given.Compaction[0].GetId()
	i := slices.IndexFunc(recorded.Compaction, func(c *pb.TabletCompactionJobPB) bool { return c.GetId() == id })
	if i < 0 {
		return Errorf(InvalidArgument, "unmatched job id, recorded_job=%s given_job=%s", shownRequest(recorded), shownRequest(given))
	}
	if e := recorded.Compaction[i].GetExpiration(); e > 0 && e < now.Unix() {
		return Errorf(Internal, "expired compaction job, tablet_id=%d job=%s", tabletID, shownRequest(recorded))
	}
	recorded.Compaction = slices.Delete(recorded.Compaction, i, i+1)
	return nil
}
