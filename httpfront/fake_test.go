package httpfront

import (
	"context"
	"fmt"

	"roster/core"
	pb "roster/core/metapb"
)

// fakeAPI answers every operation by one function, which is told its name. nil
// answers with something empty.
type fakeAPI struct {
	do func(ctx context.Context, op string, req any) (any, error)
}

var _ core.API = fakeAPI{}

func (f fakeAPI) command(ctx context.Context, op string, req any) error {
	if f.do == nil {
		return nil
	}
	_, err := f.do(ctx, op, req)
	return err
}

func lookUp[T any](ctx context.Context, f fakeAPI, op string, req any, empty T) (T, error) {
	if f.do == nil {
		return empty, nil
	}
	resp, err := f.do(ctx, op, req)
	if err != nil || resp == nil {
		return empty, err
	}
	typed, ok := resp.(T)
	if !ok {
		return empty, fmt.Errorf("the test answers %s with a %T", op, resp)
	}
	return typed, nil
}

func (f fakeAPI) CreateInstance(ctx context.Context, req *pb.CreateInstanceRequest) error {
	return f.command(ctx, "CreateInstance", req)
}

func (f fakeAPI) DropInstance(ctx context.Context, req *pb.AlterInstanceRequest) error {
	return f.command(ctx, "DropInstance", req)
}

func (f fakeAPI) SetInstanceStatus(ctx context.Context, req *pb.AlterInstanceRequest) error {
	return f.command(ctx, "SetInstanceStatus", req)
}

func (f fakeAPI) EnableInstanceSSE(ctx context.Context, req *pb.AlterInstanceRequest) error {
	return f.command(ctx, "EnableInstanceSSE", req)
}

func (f fakeAPI) DisableInstanceSSE(ctx context.Context, req *pb.AlterInstanceRequest) error {
	return f.command(ctx, "DisableInstanceSSE", req)
}

func (f fakeAPI) GetInstance(ctx context.Context, req *pb.GetInstanceRequest) (*pb.InstanceInfoPB, error) {
	return lookUp(ctx, f, "GetInstance", req, &pb.InstanceInfoPB{})
}

func (f fakeAPI) AddCluster(ctx context.Context, req *pb.AlterClusterRequest) error {
	return f.command(ctx, "AddCluster", req)
}

func (f fakeAPI) DropCluster(ctx context.Context, req *pb.AlterClusterRequest) error {
	return f.command(ctx, "DropCluster", req)
}

func (f fakeAPI) RenameCluster(ctx context.Context, req *pb.AlterClusterRequest) error {
	return f.command(ctx, "RenameCluster", req)
}

func (f fakeAPI) UpdateClusterMysqlUserName(ctx context.Context, req *pb.AlterClusterRequest) error {
	return f.command(ctx, "UpdateClusterMysqlUserName", req)
}

func (f fakeAPI) SetClusterStatus(ctx context.Context, req *pb.AlterClusterRequest) error {
	return f.command(ctx, "SetClusterStatus", req)
}

func (f fakeAPI) AddNode(ctx context.Context, req *pb.AlterClusterRequest) error {
	return f.command(ctx, "AddNode", req)
}

func (f fakeAPI) DropNode(ctx context.Context, req *pb.AlterClusterRequest) error {
	return f.command(ctx, "DropNode", req)
}

func (f fakeAPI) GetCluster(ctx context.Context, req *pb.GetClusterRequest) (*pb.GetClusterResponse, error) {
	return lookUp(ctx, f, "GetCluster", req, &pb.GetClusterResponse{Cluster: []*pb.ClusterPB{{}}})
}

func (f fakeAPI) GetClusterStatus(ctx context.Context, req *pb.GetClusterStatusRequest) (*pb.GetClusterStatusResponse, error) {
	return lookUp(ctx, f, "GetClusterStatus", req, &pb.GetClusterStatusResponse{})
}

func (f fakeAPI) GetObjStoreInfo(ctx context.Context, req *pb.GetObjStoreInfoRequest) (*pb.GetObjStoreInfoResponse, error) {
	return lookUp(ctx, f, "GetObjStoreInfo", req, &pb.GetObjStoreInfoResponse{})
}

func (f fakeAPI) AddObjInfo(ctx context.Context, req *pb.AlterObjStoreInfoRequest) error {
	return f.command(ctx, "AddObjInfo", req)
}

func (f fakeAPI) UpdateAkSk(ctx context.Context, req *pb.UpdateAkSkRequest) error {
	return f.command(ctx, "UpdateAkSk", req)
}

func (f fakeAPI) LegacyUpdateAkSk(ctx context.Context, req *pb.AlterObjStoreInfoRequest) error {
	return f.command(ctx, "LegacyUpdateAkSk", req)
}

func (f fakeAPI) GetTabletStats(ctx context.Context, req *pb.GetTabletStatsRequest) (*pb.GetTabletStatsResponse, error) {
	return lookUp(ctx, f, "GetTabletStats", req, &pb.GetTabletStatsResponse{})
}

func (f fakeAPI) AbortTxn(ctx context.Context, req *pb.AbortTxnRequest) (*pb.AbortTxnResponse, error) {
	return lookUp(ctx, f, "AbortTxn", req, &pb.AbortTxnResponse{})
}

func (f fakeAPI) AbortTabletJob(ctx context.Context, req *pb.FinishTabletJobRequest) (*pb.FinishTabletJobResponse, error) {
	return lookUp(ctx, f, "AbortTabletJob", req, &pb.FinishTabletJobResponse{})
}

func (f fakeAPI) GetValue(ctx context.Context, query core.KeyQuery) (string, error) {
	return lookUp(ctx, f, "GetValue", query, "{}")
}

func (f fakeAPI) SetValue(ctx context.Context, query core.KeyQuery, json []byte) (string, error) {
	return lookUp(ctx, f, "SetValue", setValueCall{query, string(json)}, "")
}

// setValueCall is what SetValue was called with.
type setValueCall struct {
	query core.KeyQuery
	json  string
}
