package harness

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"roster/core"
	pb "roster/core/metapb"
)

var _ core.API = (*REST)(nil)

// Path is where the REST front serves a route of the meta-service.
func Path(route string) string { return "/MetaService/http/v1/" + route }

// call sends a request with what the context knows of the caller, and returns
// a reply of status 200, or the error the envelope carries as *core.Error.
func (c *REST) call(ctx context.Context, r Request) (Reply, error) {
	call := core.CallOf(ctx)
	if r.Query == nil {
		r.Query = url.Values{}
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	if call.RequestID != "" {
		r.Header.Set("X-Request-Id", call.RequestID)
	}
	if call.Force {
		r.Query.Set("force", "true")
	}
	reply, err := c.Send(ctx, r)
	if err != nil || reply.Status == http.StatusOK {
		return reply, err
	}
	e, err := reply.Envelope()
	if err != nil {
		return reply, fmt.Errorf("%s: %w", r.Path, err)
	}
	return reply, ErrorOf(reply.Status, e)
}

// ErrorOf is the error an envelope stands for: a *core.Error, or another error
// when its code and status do not belong together.
func ErrorOf(status int, e Envelope) error {
	for code := core.OK; code <= core.Unavailable; code++ {
		if code.String() != e.Code || code.HTTPStatus() != status {
			continue
		}
		if code == core.OK {
			return nil
		}
		return &core.Error{Code: code, Msg: e.Msg}
	}
	return fmt.Errorf("code %q does not belong to status %d: %s", e.Code, status, e.Msg)
}

// post sends req as JSON and reads the result, if there is one to read, into
// result.
func (c *REST) post(ctx context.Context, route string, req, result proto.Message) error {
	body, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(req)
	if err != nil {
		return err
	}
	return c.result(ctx, Request{Path: Path(route), Body: string(body), Header: http.Header{"Accept": {"application/json"}}}, result)
}

func (c *REST) result(ctx context.Context, r Request, result proto.Message) error {
	reply, err := c.call(ctx, r)
	if err != nil {
		return err
	}
	e, err := reply.Envelope()
	if err != nil {
		return err
	}
	if err := ErrorOf(reply.Status, e); err != nil {
		return err
	}
	if e.Msg != "" {
		return fmt.Errorf("%s succeeded with the msg %q, want none", r.Path, e.Msg)
	}
	if result == nil || len(e.Result) == 0 {
		return nil
	}
	return protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(e.Result, result)
}

// CreateInstance implements core.Instances.
func (c *REST) CreateInstance(ctx context.Context, req *pb.CreateInstanceRequest) error {
	return c.post(ctx, "create_instance", req, nil)
}

// DropInstance implements core.Instances.
func (c *REST) DropInstance(ctx context.Context, req *pb.AlterInstanceRequest) error {
	return c.post(ctx, "drop_instance", req, nil)
}

// SetInstanceStatus implements core.Instances.
func (c *REST) SetInstanceStatus(ctx context.Context, req *pb.AlterInstanceRequest) error {
	return c.post(ctx, "set_instance_status", req, nil)
}

// EnableInstanceSSE implements core.Instances.
func (c *REST) EnableInstanceSSE(ctx context.Context, req *pb.AlterInstanceRequest) error {
	return c.post(ctx, "enable_instance_sse", req, nil)
}

// DisableInstanceSSE implements core.Instances.
func (c *REST) DisableInstanceSSE(ctx context.Context, req *pb.AlterInstanceRequest) error {
	return c.post(ctx, "disable_instance_sse", req, nil)
}

// GetInstance implements core.Instances.
func (c *REST) GetInstance(ctx context.Context, req *pb.GetInstanceRequest) (*pb.InstanceInfoPB, error) {
	query := url.Values{}
	if req.InstanceId != nil {
		query.Set("instance_id", req.GetInstanceId())
	}
	if req.CloudUniqueId != nil {
		query.Set("cloud_unique_id", req.GetCloudUniqueId())
	}
	result := new(pb.InstanceInfoPB)
	err := c.result(ctx, Request{Method: http.MethodGet, Path: Path("get_instance"), Query: query}, result)
	return result, err
}

// AddCluster implements core.Clusters.
func (c *REST) AddCluster(ctx context.Context, req *pb.AlterClusterRequest) error {
	return c.post(ctx, "add_cluster", req, nil)
}

// DropCluster implements core.Clusters.
func (c *REST) DropCluster(ctx context.Context, req *pb.AlterClusterRequest) error {
	return c.post(ctx, "drop_cluster", req, nil)
}

// RenameCluster implements core.Clusters.
func (c *REST) RenameCluster(ctx context.Context, req *pb.AlterClusterRequest) error {
	return c.post(ctx, "rename_cluster", req, nil)
}

// UpdateClusterMysqlUserName implements core.Clusters.
func (c *REST) UpdateClusterMysqlUserName(ctx context.Context, req *pb.AlterClusterRequest) error {
	return c.post(ctx, "update_cluster_mysql_user_name", req, nil)
}

// SetClusterStatus implements core.Clusters.
func (c *REST) SetClusterStatus(ctx context.Context, req *pb.AlterClusterRequest) error {
	return c.post(ctx, "set_cluster_status", req, nil)
}

// AddNode implements core.Clusters.
func (c *REST) AddNode(ctx context.Context, req *pb.AlterClusterRequest) error {
	return c.post(ctx, "add_node", req, nil)
}

// DropNode implements core.Clusters.
func (c *REST) DropNode(ctx context.Context, req *pb.AlterClusterRequest) error {
	return c.post(ctx, "drop_node", req, nil)
}

// GetCluster implements core.Clusters. The front answers one cluster when there
// is a selector, all of them when there is none.
func (c *REST) GetCluster(ctx context.Context, req *pb.GetClusterRequest) (*pb.GetClusterResponse, error) {
	if req.GetClusterId() == "" && req.GetClusterName() == "" && req.GetMysqlUserName() == "" {
		result := new(pb.GetClusterResponse)
		err := c.post(ctx, "get_cluster", req, result)
		return result, err
	}
	cluster := new(pb.ClusterPB)
	if err := c.post(ctx, "get_cluster", req, cluster); err != nil {
		return nil, err
	}
	return &pb.GetClusterResponse{Cluster: []*pb.ClusterPB{cluster}}, nil
}

// GetClusterStatus implements core.Clusters.
func (c *REST) GetClusterStatus(ctx context.Context, req *pb.GetClusterStatusRequest) (*pb.GetClusterStatusResponse, error) {
	result := new(pb.GetClusterStatusResponse)
	err := c.post(ctx, "get_cluster_status", req, result)
	return result, err
}

// GetObjStoreInfo implements core.ObjectStores.
func (c *REST) GetObjStoreInfo(ctx context.Context, req *pb.GetObjStoreInfoRequest) (*pb.GetObjStoreInfoResponse, error) {
	result := new(pb.GetObjStoreInfoResponse)
	err := c.post(ctx, "get_obj_store_info", req, result)
	return result, err
}

// AddObjInfo implements core.ObjectStores.
func (c *REST) AddObjInfo(ctx context.Context, req *pb.AlterObjStoreInfoRequest) error {
	return c.post(ctx, "add_obj_info", req, nil)
}

// UpdateAkSk implements core.ObjectStores.
func (c *REST) UpdateAkSk(ctx context.Context, req *pb.UpdateAkSkRequest) error {
	return c.post(ctx, "update_ak_sk", req, nil)
}

// LegacyUpdateAkSk implements core.ObjectStores.
func (c *REST) LegacyUpdateAkSk(ctx context.Context, req *pb.AlterObjStoreInfoRequest) error {
	return c.post(ctx, "legacy_update_ak_sk", req, nil)
}

// GetTabletStats implements core.Records.
func (c *REST) GetTabletStats(ctx context.Context, req *pb.GetTabletStatsRequest) (*pb.GetTabletStatsResponse, error) {
	result := new(pb.GetTabletStatsResponse)
	err := c.post(ctx, "get_tablet_stats", req, result)
	return result, err
}

// AbortTxn implements core.Records.
func (c *REST) AbortTxn(ctx context.Context, req *pb.AbortTxnRequest) (*pb.AbortTxnResponse, error) {
	result := new(pb.AbortTxnResponse)
	err := c.post(ctx, "abort_txn", req, result)
	return result, err
}

// AbortTabletJob implements core.Records.
func (c *REST) AbortTabletJob(ctx context.Context, req *pb.FinishTabletJobRequest) (*pb.FinishTabletJobResponse, error) {
	result := new(pb.FinishTabletJobResponse)
	err := c.post(ctx, "abort_tablet_job", req, result)
	return result, err
}

// GetValue implements core.Records.
func (c *REST) GetValue(ctx context.Context, query core.KeyQuery) (string, error) {
	reply, err := c.call(ctx, Request{Method: http.MethodGet, Path: Path("get_value"), Query: keyQuery(query)})
	return strings.TrimSuffix(reply.Body, "\n"), err
}

// SetValue implements core.Records.
func (c *REST) SetValue(ctx context.Context, query core.KeyQuery, json []byte) (string, error) {
	reply, err := c.call(ctx, Request{Path: Path("set_value"), Query: keyQuery(query), Body: string(json)})
	return strings.TrimSuffix(reply.Body, "\n"), err
}

func keyQuery(q core.KeyQuery) url.Values {
	values := url.Values{}
	if q.Type != "" {
		values.Set("key_type", q.Type)
	}
	if q.Key != "" {
		values.Set("key", q.Key)
	}
	for name, value := range q.Params {
		values.Set(name, value)
	}
	return values
}
