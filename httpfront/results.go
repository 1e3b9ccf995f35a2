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
	instance, err := s.opts.API.GetInstance(ctx, instanceQuery(r.query))
	if err != nil {
		return reply{}, err
	}
	body, err := result(instance)
	return reply{result: body}, err
}

func instanceQuery(q query) *pb.GetInstanceRequest {
	req := &pb.GetInstanceRequest{}
	if id := q.get("instance_id"); id != "" {
		req.InstanceId = &id
	}
	if id := q.get("cloud_unique_id"); id != "" {
		req.CloudUniqueId = &id
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

func statusResult(_ *pb.GetClusterStatusRequest, resp *pb.GetClusterStatusResponse) ([]byte, error) {
	return result(&pb.GetClusterStatusResponse{Details: resp.GetDetails()})
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
