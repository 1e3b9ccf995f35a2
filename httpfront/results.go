package httpfront

import (
	"context"

	"roster/core"
	pb "roster/core/metapb"
)

// okStatus is what responses carry where the existing service shows it.
var okStatus = &pb.MetaServiceResponseStatus{Code: new(pb.MetaServiceCode_OK), Msg: new("")}

// getInstance takes its arguments from the query; the body is not looked at.
func getInstance(ctx context.Context, s *Server, r *request) (reply, error) {
	req := instanceQuery(r.query)
	if s.opts.Readings == nil {
		instance, err := s.opts.API.GetInstance(ctx, req)
		if err != nil {
			return reply{}, err
		}
		body, err := instanceBody(instance)
		return reply{json: body}, err
	}
	reading, err := s.opts.Readings.ReadInstance(ctx, req)
	if err != nil {
		return reply{}, err
	}
	body, err := s.instances.Of(struct{}{}, reading)
	return reply{json: body}, err
}

// instanceBody is the reply about an instance.
func instanceBody(instance *pb.InstanceInfoPB) ([]byte, error) {
	rendered, err := result(instance)
	if err != nil {
		return nil, err
	}
	return envelope(core.OK, "", rendered), nil
}

// instanceReplies caches replies about instances.
type instanceReplies = core.Rendered[struct{}, []byte]

// maxInstanceReplies bounds the bytes of replies about instances that are kept.
const maxInstanceReplies = 32 << 20

func newInstanceReplies() *instanceReplies {
	return core.NewRendered(maxInstanceReplies, func(body []byte) int { return cap(body) },
		func(_ struct{}, instance *pb.InstanceInfoPB) ([]byte, error) { return instanceBody(instance) })
}

func instanceQuery(q query) *pb.GetInstanceRequest {
	req := &pb.GetInstanceRequest{}
	if id := q.get("instance_id"); id != "" {
		req.InstanceId = new(id)
	}
	if id := q.get("cloud_unique_id"); id != "" {
		req.CloudUniqueId = new(id)
	}
	return req
}

// clusterResult is the one cluster that was asked for, or the whole response when
// none was named.
func clusterResult(req *pb.GetClusterRequest, resp *pb.GetClusterResponse) ([]byte, error) {
	if req.GetClusterId() == "" && req.GetClusterName() == "" && req.GetMysqlUserName() == "" {
		return result(&pb.GetClusterResponse{
			Status: okStatus, Cluster: resp.GetCluster(), EnableStorageVault: resp.EnableStorageVault,
		})
	}
	if len(resp.GetCluster()) == 0 {
		return nil, core.Errorf(core.Internal, "the lookup succeeded without a cluster")
	}
	return result(resp.GetCluster()[0])
}

func objStoreResult(_ *pb.GetObjStoreInfoRequest, resp *pb.GetObjStoreInfoResponse) ([]byte, error) {
	return result(&pb.GetObjStoreInfoResponse{
		ObjInfo:                 resp.GetObjInfo(),
		StorageVault:            resp.GetStorageVault(),
		DefaultStorageVaultId:   resp.DefaultStorageVaultId,
		DefaultStorageVaultName: resp.DefaultStorageVaultName,
		EnableStorageVault:      resp.EnableStorageVault,
	})
}
