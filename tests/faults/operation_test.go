package faults

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"

	"roster/core"
	pb "roster/core/metapb"
)

// requestLimit bounds the wait for one answer: the server bounds its own work
// on a request to 10 s.
const requestLimit = 30 * time.Second

// operation is one request, and what it does to its instance.
type operation struct {
	route     string
	instance  string
	requestID string
	request   proto.Message
	// code is what the server has to answer.
	code core.Code
	send func(context.Context, core.API) error
	// apply is the effect if code is OK. It may change its argument, which is
	// nil for an instance that does not exist.
	apply func(*pb.InstanceInfoPB) *pb.InstanceInfoPB
}

// after is the document the operation leaves of doc.
func (op operation) after(doc *pb.InstanceInfoPB) *pb.InstanceInfoPB {
	if op.code != core.OK {
		return doc
	}
	if doc != nil {
		doc = proto.CloneOf(doc)
	}
	return op.apply(doc)
}

func (op operation) String() string {
	return fmt.Sprintf("%s on %s (request id %q)", op.route, op.instance, op.requestID)
}

// verdict is what a client knows of a request it made.
type verdict int

const (
	acknowledged verdict = iota
	refused
	// unknown means: sent, and not answered.
	unknown
	// unsent means: the connection was refused, so nothing was sent.
	unsent
)

// run makes the request. Its error is an answer the server must not give; cause
// is why an outcome is unknown.
func (op operation) run(ctx context.Context, api core.API) (v verdict, cause, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	answer := op.send(core.WithCall(ctx, core.Call{RequestID: op.requestID}), api)
	if answer == nil {
		if op.code != core.OK {
			return acknowledged, nil, fmt.Errorf("%v succeeded, want %v", op, op.code)
		}
		return acknowledged, nil, nil
	}
	if refusal, ok := errors.AsType[*core.Error](answer); ok {
		switch refusal.Code {
		case core.Undetermined:
			return unknown, answer, nil
		case op.code:
			return refused, nil, nil
		}
		return refused, nil, fmt.Errorf("%v answered %v %q, want %v", op, refusal.Code, refusal.Msg, op.code)
	}
	if failure, ok := errors.AsType[*net.OpError](answer); ok && failure.Op == "dial" {
		return unsent, answer, nil
	}
	return unknown, answer, nil
}

// nodes are the cloud_unique_ids the request names.
func (op operation) nodes() []string {
	var ids []string
	if req, ok := op.request.(*pb.AlterClusterRequest); ok {
		for _, node := range req.GetCluster().GetNodes() {
			ids = append(ids, node.GetCloudUniqueId())
		}
	}
	return ids
}

// refuse makes an operation one that the server has to refuse with a code.
func (op operation) refuse(code core.Code) operation {
	op.code = code
	return op
}

func createInstance(id string) operation {
	req := &pb.CreateInstanceRequest{InstanceId: &id, UserId: new("user"), ObjInfo: objectStore(id)}
	return operation{
		route: "create_instance", instance: id, request: req,
		send: func(ctx context.Context, api core.API) error { return api.CreateInstance(ctx, req) },
		apply: func(*pb.InstanceInfoPB) *pb.InstanceInfoPB {
			return withStore(&pb.InstanceInfoPB{InstanceId: &id}, id)
		},
	}
}

// objectStore is one that differs from others in its prefix and secret key.
func objectStore(prefix string) *pb.ObjectStoreInfoPB {
	return &pb.ObjectStoreInfoPB{
		Ak: new("ak"), Sk: new("secret of " + prefix), Bucket: new("bucket"), Prefix: &prefix,
		Endpoint: new("endpoint"), Region: new("region"), Provider: pb.ObjectStoreInfoPB_S3.Enum(),
	}
}

func withStore(doc *pb.InstanceInfoPB, prefix string) *pb.InstanceInfoPB {
	obj := partOfStore(objectStore(prefix))
	obj.Id = new(strconv.Itoa(len(doc.ObjInfo) + 1))
	doc.ObjInfo = append(doc.ObjInfo, obj)
	return doc
}

func addObjInfo(instance, prefix string) operation {
	req := &pb.AlterObjStoreInfoRequest{CloudUniqueId: new("1:" + instance + ":any"), Obj: objectStore(prefix)}
	return operation{
		route: "add_obj_info", instance: instance, request: req,
		send:  func(ctx context.Context, api core.API) error { return api.AddObjInfo(ctx, req) },
		apply: func(doc *pb.InstanceInfoPB) *pb.InstanceInfoPB { return withStore(doc, prefix) },
	}
}

// alterCluster is an operation on a cluster; apply gets the instance and the
// cluster that the request names, nil if it has none of that id.
func alterCluster(
	route string, instance string, call func(core.API, context.Context, *pb.AlterClusterRequest) error,
	given *pb.ClusterPB, apply func(*pb.InstanceInfoPB, *pb.ClusterPB),
) operation {
	req := &pb.AlterClusterRequest{InstanceId: &instance, Cluster: given}
	return operation{
		route: route, instance: instance, request: req,
		send: func(ctx context.Context, api core.API) error { return call(api, ctx, req) },
		apply: func(doc *pb.InstanceInfoPB) *pb.InstanceInfoPB {
			apply(doc, findCluster(doc, given.GetClusterId()))
			return doc
		},
	}
}

func addCluster(instance, id, name string, nodes ...*pb.NodeInfoPB) operation {
	given := compute(id, nodes...)
	given.ClusterName = &name
	return alterCluster("add_cluster", instance, core.API.AddCluster, given, func(doc *pb.InstanceInfoPB, _ *pb.ClusterPB) {
		added := proto.CloneOf(given)
		added.ClusterStatus = pb.ClusterStatus_NORMAL.Enum()
		doc.Clusters = append(doc.Clusters, added)
	})
}

func dropCluster(instance, id string) operation {
	return alterCluster("drop_cluster", instance, core.API.DropCluster, compute(id), func(doc *pb.InstanceInfoPB, c *pb.ClusterPB) {
		doc.Clusters = without(doc.Clusters, c)
	})
}

func renameCluster(instance, id, name string) operation {
	given := compute(id)
	given.ClusterName = &name
	return alterCluster("rename_cluster", instance, core.API.RenameCluster, given, func(_ *pb.InstanceInfoPB, c *pb.ClusterPB) {
		c.ClusterName = &name
	})
}

func setUsers(instance, id string, users ...string) operation {
	given := compute(id)
	given.MysqlUserName = users
	return alterCluster("update_cluster_mysql_user_name", instance, core.API.UpdateClusterMysqlUserName, given, func(_ *pb.InstanceInfoPB, c *pb.ClusterPB) {
		c.MysqlUserName = users
	})
}

func setStatus(instance, id string, status pb.ClusterStatus) operation {
	given := compute(id)
	given.ClusterStatus = &status
	return alterCluster("set_cluster_status", instance, core.API.SetClusterStatus, given, func(_ *pb.InstanceInfoPB, c *pb.ClusterPB) {
		c.ClusterStatus = &status
	})
}

func addNodes(instance, id string, nodes ...*pb.NodeInfoPB) operation {
	return alterCluster("add_node", instance, core.API.AddNode, compute(id, nodes...), func(_ *pb.InstanceInfoPB, c *pb.ClusterPB) {
		c.Nodes = append(c.Nodes, nodes...)
	})
}

func dropNodes(instance, id string, nodes ...*pb.NodeInfoPB) operation {
	return alterCluster("drop_node", instance, core.API.DropNode, compute(id, nodes...), func(_ *pb.InstanceInfoPB, c *pb.ClusterPB) {
		for _, node := range nodes {
			c.Nodes = without(c.Nodes, node)
		}
	})
}

func compute(id string, nodes ...*pb.NodeInfoPB) *pb.ClusterPB {
	return &pb.ClusterPB{ClusterId: &id, Type: pb.ClusterPB_COMPUTE.Enum(), Nodes: nodes}
}

// without is the list less the element that equals gone.
func without[M proto.Message](list []M, gone M) []M {
	kept := make([]M, 0, len(list))
	for _, m := range list {
		if !proto.Equal(m, gone) {
			kept = append(kept, m)
		}
	}
	return kept
}
