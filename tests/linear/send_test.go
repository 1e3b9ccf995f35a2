package linear

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"roster/core"
	pb "roster/core/metapb"
	"roster/tests/linear/model"
)

// send makes one request and waits for its answer up to a limit. It was not sent
// if there was nobody to connect to.
func send(ctx context.Context, api core.API, r model.Request, limit time.Duration) (a model.Answer, sent bool) {
	ctx, cancel := context.WithTimeout(core.WithCall(ctx, core.Call{RequestID: r.ID}), limit)
	defer cancel()
	doc, err := call(ctx, api, r)
	a.Code = codeOf(err)
	if err == nil && doc != nil {
		a.Document = new(seen(doc))
	}
	failure, ok := errors.AsType[*net.OpError](err)
	return a, !ok || failure.Op != "dial"
}

// codeOf is what an error says of the outcome. One that is neither an answer nor
// the loss of one becomes a code that the model does not know.
func codeOf(err error) model.Code {
	if err == nil {
		return model.OK
	}
	if refusal, ok := errors.AsType[*core.Error](err); ok {
		return model.Code(refusal.Code.String())
	}
	if _, cut := errors.AsType[*url.Error](err); cut {
		return model.Undetermined
	}
	if _, cut := errors.AsType[*net.OpError](err); cut {
		return model.Undetermined
	}
	for _, cut := range []error{
		io.EOF, io.ErrUnexpectedEOF, context.DeadlineExceeded, context.Canceled,
		driver.ErrBadConn, mysql.ErrInvalidConn,
	} {
		if errors.Is(err, cut) {
			return model.Undetermined
		}
	}
	return model.Code(err.Error())
}

// call makes a request; only a read returns a document.
func call(ctx context.Context, api core.API, r model.Request) (*pb.InstanceInfoPB, error) {
	switch r.Kind {
	case model.GetInstance:
		return api.GetInstance(ctx, &pb.GetInstanceRequest{InstanceId: &r.Instance})
	case model.SetInstanceStatus:
		op := pb.AlterInstanceRequest_Operation(pb.AlterInstanceRequest_Operation_value["SET_"+r.Status])
		return nil, api.SetInstanceStatus(ctx, &pb.AlterInstanceRequest{InstanceId: &r.Instance, Op: &op})
	}
	method := map[model.Kind]func(core.API, context.Context, *pb.AlterClusterRequest) error{
		model.AddCluster:       core.API.AddCluster,
		model.DropCluster:      core.API.DropCluster,
		model.RenameCluster:    core.API.RenameCluster,
		model.SetClusterStatus: core.API.SetClusterStatus,
		model.SetClusterUsers:  core.API.UpdateClusterMysqlUserName,
		model.AddNode:          core.API.AddNode,
		model.DropNode:         core.API.DropNode,
	}[r.Kind]
	return nil, method(api, ctx, &pb.AlterClusterRequest{InstanceId: &r.Instance, Cluster: clusterOf(r)})
}

func clusterOf(r model.Request) *pb.ClusterPB {
	c := &pb.ClusterPB{ClusterId: &r.Cluster, Type: pb.ClusterPB_COMPUTE.Enum(), MysqlUserName: r.Users}
	if r.Name != "" {
		c.ClusterName = &r.Name
	}
	if r.Status != "" {
		c.ClusterStatus = pb.ClusterStatus(pb.ClusterStatus_value[r.Status]).Enum()
	}
	for _, n := range r.Nodes {
		ip, port, _ := strings.Cut(n.Endpoint, ":")
		number, _ := strconv.Atoi(port)
		c.Nodes = append(c.Nodes, &pb.NodeInfoPB{CloudUniqueId: &n.ID, Ip: &ip, HeartbeatPort: new(int32(number))})
	}
	return c
}

// seen is the part of an instance that the model knows.
func seen(doc *pb.InstanceInfoPB) model.Document {
	d := model.Document{Status: doc.GetStatus().String()}
	for _, c := range doc.GetClusters() {
		cluster := model.Cluster{
			ID: c.GetClusterId(), Name: c.GetClusterName(), Status: c.GetClusterStatus().String(), Users: c.GetMysqlUserName(),
		}
		for _, n := range c.GetNodes() {
			cluster.Nodes = append(cluster.Nodes, model.Node{ID: n.GetCloudUniqueId(), Endpoint: fmt.Sprintf("%s:%d", n.GetIp(), n.GetHeartbeatPort())})
		}
		d.Clusters = append(d.Clusters, cluster)
	}
	return d
}

// createLimit is more than a server may take for an operation.
const createLimit = 30 * time.Second

// create makes an instance that nothing else was done to. A server that fails on
// purpose may need several tries, of which a lost one counts too.
func create(ctx context.Context, api core.API, id string) error {
	ctx, cancel := context.WithTimeout(ctx, createLimit)
	defer cancel()
	req := &pb.CreateInstanceRequest{InstanceId: &id, UserId: new("user"), ObjInfo: &pb.ObjectStoreInfoPB{
		Ak: new("ak"), Sk: new("sk"), Bucket: new("bucket"), Prefix: &id, Endpoint: new("endpoint"), Region: new("region"),
		Provider: pb.ObjectStoreInfoPB_S3.Enum(),
	}}
	for {
		err := api.CreateInstance(ctx, req)
		switch code := codeOf(err); {
		case code == model.OK || code == model.AlreadyExisted:
			return nil
		case ctx.Err() != nil || code != model.Conflict && code != model.Internal && code != model.Undetermined:
			return fmt.Errorf("create %s: %w", id, err)
		}
	}
}
