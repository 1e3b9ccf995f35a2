package core

import (
	"context"

	pb "roster/core/metapb"
)

// SetInstanceStatus is API's.
func (s *Service) SetInstanceStatus(ctx context.Context, req *pb.AlterInstanceRequest) error {
	if op := req.GetOp(); op != pb.AlterInstanceRequest_SET_NORMAL && op != pb.AlterInstanceRequest_SET_OVERDUE {
		return Errorf(InvalidArgument, "invalid request op, op=%d", op)
	}
	return s.alterInstance(ctx, "set_instance_status", req, func(doc *pb.InstanceInfoPB, _ *Env) error {
		return setInstanceStatus(doc, req)
	})
}

// setInstanceStatus moves an instance between NORMAL and OVERDUE (meta-service.md 5.2).
func setInstanceStatus(doc *pb.InstanceInfoPB, req *pb.AlterInstanceRequest) error {
	want, word := pb.InstanceInfoPB_NORMAL, "normal"
	already := "the instance is already normal, instance_id = %s"
	if req.GetOp() == pb.AlterInstanceRequest_SET_OVERDUE {
		want, word = pb.InstanceInfoPB_OVERDUE, "overdue"
		already = "the instance has already set  instance to overdue, instance_id = %s"
	}
	switch doc.GetStatus() {
	case pb.InstanceInfoPB_DELETED:
		return Errorf(InvalidArgument, "can't set deleted instance to %s, instance_id = %s", word, doc.GetInstanceId())
	case want:
		return Errorf(InvalidArgument, already, doc.GetInstanceId())
	}
	doc.Status = &want
	return nil
}

type transition struct{ from, to pb.ClusterStatus }

// transitions are the status changes every caller may ask for (the reference,
// set_cluster_status); dorisTransitions those the C++ service allows besides (R11).
var (
	transitions = map[transition]bool{
		{pb.ClusterStatus_UNKNOWN, pb.ClusterStatus_NORMAL}:      true,
		{pb.ClusterStatus_NORMAL, pb.ClusterStatus_SUSPENDED}:    true,
		{pb.ClusterStatus_SUSPENDED, pb.ClusterStatus_TO_RESUME}: true,
		{pb.ClusterStatus_TO_RESUME, pb.ClusterStatus_NORMAL}:    true,
	}
	dorisTransitions = map[transition]bool{
		{pb.ClusterStatus_SUSPENDED, pb.ClusterStatus_NORMAL}:       true,
		{pb.ClusterStatus_NORMAL, pb.ClusterStatus_MANUAL_SHUTDOWN}: true,
		{pb.ClusterStatus_MANUAL_SHUTDOWN, pb.ClusterStatus_NORMAL}: true,
	}
)

// SetClusterStatus is API's.
func (s *Service) SetClusterStatus(ctx context.Context, req *pb.AlterClusterRequest) error {
	return s.alterCluster(ctx, "set_cluster_status", req, nil, live(setClusterStatus))
}

func setClusterStatus(doc *pb.InstanceInfoPB, req *pb.AlterClusterRequest, env *Env) error {
	cluster, err := clusterToUpdate(doc, req)
	if err != nil {
		return err
	}
	if cluster.GetType() != pb.ClusterPB_COMPUTE {
		return Errorf(InvalidArgument, "just support set COMPUTE cluster status")
	}
	t := transition{cluster.GetClusterStatus(), req.GetCluster().GetClusterStatus()}
	if t.from == t.to {
		return Errorf(InvalidArgument, "failed to set cluster status, status eq original status, original cluster is %s", t.from)
	}
	if !transitions[t] && (env.compat != CompatDoris || !dorisTransitions[t]) {
		return Errorf(InvalidArgument, "failed to set cluster status, original cluster is %s and want set %s", t.from, t.to)
	}
	cluster.ClusterStatus = &t.to
	cluster.Mtime = new(env.Now)
	return nil
}

// GetClusterStatus is API's.
func (s *Service) GetClusterStatus(ctx context.Context, req *pb.GetClusterStatusRequest) (*pb.GetClusterStatusResponse, error) {
	if err := checkStatusRequest(req); err != nil {
		return nil, err
	}
	var resp *pb.GetClusterStatusResponse
	err := s.view(ctx, func(r Reader) error {
		resp = new(pb.GetClusterStatusResponse)
		clusters := 0
		ids, err := statusInstances(r, req)
		if err != nil {
			return err
		}
		return eachInstance(ctx, r, ids, func(doc *pb.InstanceInfoPB) error {
			detail := clusterStatuses(doc, req.Status)
			if detail == nil {
				return nil
			}
			if clusters += len(detail.Clusters); clusters > MaxStatuses {
				return tooManyStatuses()
			}
			resp.Details = append(resp.Details, detail)
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return resp, nil
}

func checkStatusRequest(req *pb.GetClusterStatusRequest) error {
	n := len(req.GetInstanceIds()) + len(req.GetCloudUniqueIds())
	if n == 0 {
		return Errorf(InvalidArgument, "cloud_unique_ids or instance_ids must be given, instance_ids.size: 0 cloud_unique_ids.size: 0")
	}
	if n > MaxInstances || !plainName(req.GetRequestIp()) || !plainNames(req.GetInstanceIds()) || !plainNames(req.GetCloudUniqueIds()) {
		if err := checkLengths(req); err != nil {
			return err
		}
	}
	if n > MaxInstances {
		return tooMany("instance_ids and cloud_unique_ids", n, MaxInstances)
	}
	return nil
}

func plainNames(names []string) bool {
	for _, name := range names {
		if !plainName(name) {
			return false
		}
	}
	return true
}

// statusInstances are the instances asked about.
func statusInstances(r Reader, req *pb.GetClusterStatusRequest) ([]string, error) {
	if ids := req.GetInstanceIds(); len(ids) > 0 {
		return ids, nil
	}
	return resolveAll(r, req.GetCloudUniqueIds())
}

// unique is ids without repetitions. Lists are most often in order, and then it takes a
// look to see that there are none.
func unique(ids []string) []string {
	if ascending(ids) {
		return ids
	}
	seen := make(map[string]struct{}, len(ids))
	once := make([]string, 0, len(ids))
	for _, id := range ids {
		if seen[id] = struct{}{}; len(seen) > len(once) {
			once = append(once, id)
		}
	}
	return once
}

func ascending(ids []string) bool {
	for i := 1; i < len(ids); i++ {
		if ids[i-1] >= ids[i] {
			return false
		}
	}
	return true
}

func tooManyStatuses() error {
	return Errorf(InvalidArgument, "the instances have over %d compute clusters to tell of: ask about fewer instances at once", MaxStatuses)
}

// clusterStatuses lists an instance's compute clusters, or nil when it has none
// of the status wanted. A status never set is UNKNOWN to the filter and NORMAL
// to the reader (meta-service.md 8.8).
func clusterStatuses(doc *pb.InstanceInfoPB, want *pb.ClusterStatus) *pb.GetClusterStatusResponse_GetClusterStatusResponseDetail {
	detail := &pb.GetClusterStatusResponse_GetClusterStatusResponseDetail{InstanceId: doc.InstanceId}
	for _, cluster := range doc.GetClusters() {
		if cluster.GetType() != pb.ClusterPB_COMPUTE || want != nil && *want != cluster.GetClusterStatus() {
			continue
		}
		shown := cluster.ClusterStatus
		if shown == nil {
			shown = pb.ClusterStatus_NORMAL.Enum()
		}
		detail.Clusters = append(detail.Clusters, &pb.ClusterPB{
			ClusterId: cluster.ClusterId, ClusterName: cluster.ClusterName, ClusterStatus: shown,
		})
	}
	if detail.Clusters == nil {
		return nil
	}
	return detail
}
