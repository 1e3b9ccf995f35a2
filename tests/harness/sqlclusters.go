package harness

import (
	"context"
	"fmt"
	"strconv"

	pb "roster/core/metapb"
)

// cluster adds which cluster of which instance a request is about. What is absent
// of one that is given goes as ”: a name alone would be looked up.
func (s *statement) cluster(req *pb.AlterClusterRequest) *statement {
	k := req.GetCluster()
	switch {
	case k == nil:
	case k.ClusterName == nil && k.ClusterId != nil:
		s.add(" ID ?", k.GetClusterId())
	default:
		s.add(" ? ID ?", k.GetClusterName(), k.GetClusterId())
	}
	return s.in(req.GetInstanceId(), req)
}

// byID is cluster for a request whose name is not of the cluster as it is.
func (s *statement) byID(req *pb.AlterClusterRequest) *statement {
	if req.Cluster != nil {
		s.add(" ID ?", req.GetCluster().GetClusterId())
	}
	return s.in(req.GetInstanceId(), req)
}

// kind adds the type of a cluster.
func (s *statement) kind(k *pb.ClusterPB) *statement {
	if k == nil || k.Type == nil {
		return s.add(" TYPE NULL")
	}
	return s.add(" TYPE ?", k.GetType().String())
}

// nodes adds the nodes of a cluster. The port of an endpoint is that of the
// node's kind.
func (s *statement) nodes(k *pb.ClusterPB) *statement {
	for i, n := range k.GetNodes() {
		if i > 0 {
			s.add(",")
		}
		port, field := n.HeartbeatPort, "heartbeat_port"
		if k.GetType() == pb.ClusterPB_SQL || n.NodeType != nil {
			port, field = n.EditLogPort, "edit_log_port"
		}
		endpoint := n.GetIp()
		if port != nil {
			endpoint += ":" + strconv.Itoa(int(*port))
		}
		s.add(" ?", endpoint)
		if n.NodeType != nil {
			s.add(" AS " + n.GetNodeType().String())
		}
		if n.CloudUniqueId != nil {
			s.add(" UNIQUE ID ?", n.GetCloudUniqueId())
		}
		s.properties(n, "ip", field, "node_type", "cloud_unique_id")
	}
	return s
}

// AddCluster implements core.Clusters.
func (c *SQL) AddCluster(ctx context.Context, req *pb.AlterClusterRequest) error {
	k := req.GetCluster()
	s := say("CREATE CLUSTER")
	if k != nil {
		s.add(" ?", k.GetClusterName())
	}
	s.in(req.GetInstanceId(), req).add(" ID ?", k.GetClusterId()).kind(k)
	if len(k.GetMysqlUserName()) > 0 {
		s.add(" USERS ").list(k.GetMysqlUserName())
	}
	if k != nil {
		s.properties(k, "cluster_id", "cluster_name", "type", "mysql_user_name", "nodes")
	}
	if len(k.GetNodes()) > 0 {
		s.add(" NODES (").nodes(k).add(")")
	}
	return c.change(ctx, s)
}

// DropCluster implements core.Clusters.
func (c *SQL) DropCluster(ctx context.Context, req *pb.AlterClusterRequest) error {
	return c.change(ctx, say("DROP CLUSTER").cluster(req))
}

// RenameCluster implements core.Clusters.
func (c *SQL) RenameCluster(ctx context.Context, req *pb.AlterClusterRequest) error {
	return c.change(ctx, say("ALTER CLUSTER").byID(req).add(" RENAME TO ?", req.GetCluster().GetClusterName()))
}

// UpdateClusterMysqlUserName implements core.Clusters.
func (c *SQL) UpdateClusterMysqlUserName(ctx context.Context, req *pb.AlterClusterRequest) error {
	return c.change(ctx, say("ALTER CLUSTER").cluster(req).add(" SET USERS ").list(req.GetCluster().GetMysqlUserName()))
}

// SetClusterStatus implements core.Clusters.
func (c *SQL) SetClusterStatus(ctx context.Context, req *pb.AlterClusterRequest) error {
	return c.change(ctx, say("ALTER CLUSTER").cluster(req).add(" SET STATUS ?", req.GetCluster().GetClusterStatus().String()))
}

// AddNode implements core.Clusters.
func (c *SQL) AddNode(ctx context.Context, req *pb.AlterClusterRequest) error {
	return c.change(ctx, say("ALTER CLUSTER").cluster(req).add(" ADD NODE").nodes(req.GetCluster()).kind(req.GetCluster()))
}

// DropNode implements core.Clusters.
func (c *SQL) DropNode(ctx context.Context, req *pb.AlterClusterRequest) error {
	return c.change(ctx, say("ALTER CLUSTER").cluster(req).add(" DROP NODE").nodes(req.GetCluster()).kind(req.GetCluster()))
}

// GetCluster implements core.Clusters.
func (c *SQL) GetCluster(ctx context.Context, req *pb.GetClusterRequest) (*pb.GetClusterResponse, error) {
	s := say("SHOW CLUSTER")
	switch id, name := req.GetClusterId(), req.GetClusterName(); {
	case id != "" && name != "":
		s.add(" ? ID ?", name, id)
	case id != "":
		s.add(" ID ?", id)
	case name != "":
		s.add(" ?", name)
	case req.GetMysqlUserName() != "":
		s.add(" OF USER ?", req.GetMysqlUserName())
	default:
		s.add(" *")
	}
	if req.GetInstanceId() != "" && req.GetCloudUniqueId() != "" {
		s.in(req.GetInstanceId(), req)
	} else {
		s.of(req)
	}
	rows, err := c.Query(ctx, s.text.String(), s.args...)
	if err != nil {
		return nil, err
	}
	resp := new(pb.GetClusterResponse)
	for _, row := range rows {
		k := new(pb.ClusterPB)
		if err := row.define(k); err != nil {
			return nil, err
		}
		resp.Cluster = append(resp.Cluster, k)
	}
	return resp, nil
}

// GetClusterStatus implements core.Clusters.
func (c *SQL) GetClusterStatus(ctx context.Context, req *pb.GetClusterStatusRequest) (*pb.GetClusterStatusResponse, error) {
	s := say("SHOW CLUSTER STATUS IN INSTANCES ").list(req.GetInstanceIds())
	if len(req.GetInstanceIds()) == 0 && len(req.GetCloudUniqueIds()) > 0 {
		s = say("SHOW CLUSTER STATUS IN UNIQUE IDS ").list(req.GetCloudUniqueIds())
	}
	if req.Status != nil {
		s.add(" STATUS = ?", req.GetStatus().String())
	}
	rows, err := c.Query(ctx, s.text.String(), s.args...)
	if err != nil {
		return nil, err
	}
	resp := new(pb.GetClusterStatusResponse)
	var last *pb.GetClusterStatusResponse_GetClusterStatusResponseDetail
	for _, row := range rows {
		if last.GetInstanceId() != row["Instance"] {
			last = &pb.GetClusterStatusResponse_GetClusterStatusResponseDetail{InstanceId: new(row["Instance"])}
			resp.Details = append(resp.Details, last)
		}
		status, ok := pb.ClusterStatus_value[row["Status"]]
		if !ok {
			return nil, fmt.Errorf("%q is no status", row["Status"])
		}
		last.Clusters = append(last.Clusters, &pb.ClusterPB{
			ClusterId: new(row["Id"]), ClusterName: new(row["Cluster"]), ClusterStatus: pb.ClusterStatus(status).Enum(),
		})
	}
	return resp, nil
}
