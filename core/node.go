package core

import (
	"context"
	"slices"
	"strconv"

	"google.golang.org/protobuf/proto"

	pb "roster/core/metapb"
	"roster/core/metapb/pbtext"
)

// checkNodes holds the nodes of a request to the rules of their kind, and
// refuses one endpoint given twice (contract R19, R26).
func (p policy) checkNodes(c *pb.ClusterPB, adding bool) error {
	given := make(map[endpoint]bool, len(c.Nodes))
	for i, node := range c.Nodes {
		if p.compat == CompatReference {
			if field := missingField(c.GetType(), node, adding); field != "" {
				return Errorf(InvalidArgument, "check cluster params failed, nodes[%d].%s is required for a node of a %s cluster, node : %s",
					i, field, c.GetType(), shownRequest(node))
			}
		}
		if address(node) == "" {
			return Errorf(InvalidArgument, "add node input args node invalid, cluster=%s", shownRequest(node))
		}
		for _, port := range []int32{node.GetHeartbeatPort(), node.GetEditLogPort()} {
			if port < 0 || port > 65535 {
				return Errorf(InvalidArgument, "a port of nodes[%d] is %d, want 1 to 65535", i, port)
			}
		}
		e := endpointOf(c.GetType(), node)
		if given[e] {
			return Errorf(InvalidArgument, "%s endpoint %s is given twice in one request", kind(c.GetType()), e).About(ADuplicate)
		}
		given[e] = true
	}
	return nil
}

func missingField(t pb.ClusterPB_Type, node *pb.NodeInfoPB, adding bool) string {
	switch {
	case node.GetCloudUniqueId() == "":
		return "cloud_unique_id"
	case address(node) == "":
		return "ip"
	case t == pb.ClusterPB_COMPUTE && node.GetHeartbeatPort() == 0:
		return "heartbeat_port"
	case t == pb.ClusterPB_SQL && node.GetEditLogPort() == 0:
		return "edit_log_port"
	case adding && t == pb.ClusterPB_SQL && node.GetNodeType() == pb.NodeInfoPB_UNKNOWN:
		return "node_type"
	}
	return ""
}

// checkMasters holds the nodes of a new SQL cluster to one master, or to
// followers and no master (meta-service.md 4.6).
func checkMasters(nodes []*pb.NodeInfoPB) error {
	masters, followers := census(nodes)
	if masters > 0 && followers > 0 {
		return Errorf(InvalidArgument, "cluster is SQL type, and use multi follower mode, cant set master node, master count: %d follower count: %d", masters, followers)
	}
	if followers == 0 && masters != 1 {
		return Errorf(InvalidArgument, "cluster is SQL type, must have only one master node, now master count: %d", masters)
	}
	return nil
}

func census(nodes []*pb.NodeInfoPB) (masters, followers int) {
	for _, node := range nodes {
		switch node.GetNodeType() {
		case pb.NodeInfoPB_FE_MASTER:
			masters++
		case pb.NodeInfoPB_FE_FOLLOWER:
			followers++
		}
	}
	return masters, followers
}

// checkElectable refuses to leave a SQL cluster without a frontend that can lead.
func checkElectable(c *pb.ClusterPB) error {
	if c.GetType() != pb.ClusterPB_SQL {
		return nil
	}
	if masters, followers := census(c.GetNodes()); masters > 1 || masters+followers == 0 {
		return Errorf(InvalidArgument, "instance invalid, cant modify, plz check: cluster %s would have %d FE_MASTER and %d FE_FOLLOWER nodes",
			c.GetClusterId(), masters, followers)
	}
	return nil
}

// checkNodeCount bounds the nodes of an instance, so that dropping them fits one
// transaction.
func checkNodeCount(doc *pb.InstanceInfoPB, adding int) error {
	n := adding
	for _, c := range doc.GetClusters() {
		n += len(c.GetNodes())
	}
	if n > MaxInstanceNodes {
		return Errorf(InvalidArgument, "instance %s would have %d nodes, at most %d are allowed", doc.GetInstanceId(), n, MaxInstanceNodes)
	}
	return nil
}

// address is where a node is reached: its host if set, else its ip.
func address(node *pb.NodeInfoPB) string {
	if node.GetHost() != "" {
		return node.GetHost()
	}
	return node.GetIp()
}

// endpoint identifies a node among those of its kind (meta-service.md 4.7).
type endpoint struct {
	address string
	port    int32
}

func (e endpoint) String() string { return e.address + ":" + strconv.Itoa(int(e.port)) }

func endpointOf(t pb.ClusterPB_Type, node *pb.NodeInfoPB) endpoint {
	return endpoint{address(node), port(t, node)}
}

// port is the one by which nodes of a kind are told apart.
func port(t pb.ClusterPB_Type, node *pb.NodeInfoPB) int32 {
	if t == pb.ClusterPB_SQL {
		return node.GetEditLogPort()
	}
	return node.GetHeartbeatPort()
}

func kind(t pb.ClusterPB_Type) string {
	if t == pb.ClusterPB_SQL {
		return "sql node"
	}
	return "compute node"
}

// checkEndpoints refuses nodes whose endpoint the instance has already.
func checkEndpoints(doc *pb.InstanceInfoPB, t pb.ClusterPB_Type, nodes []*pb.NodeInfoPB, code Code) error {
	if len(nodes) == 0 {
		return nil
	}
	given := make(map[endpoint]bool, len(nodes))
	for _, node := range nodes {
		given[endpointOf(t, node)] = true
	}
	for _, c := range doc.GetClusters() {
		if c.GetType() != t {
			continue
		}
		for _, node := range c.GetNodes() {
			if e := endpointOf(t, node); given[e] {
				class := "be"
				if t == pb.ClusterPB_SQL {
					class = "fe"
				}
				return Errorf(code, "%s endpoint has been added, registered %s node=%s", kind(t), class, e).About(ADuplicate)
			}
		}
	}
	return nil
}

// young reports whether dropping a frontend must wait (contract R20).
func (e *Env) young(node *pb.NodeInfoPB) bool {
	return e.compat == CompatDoris && !e.Force && e.Now-node.GetCtime() <= safeDropSeconds
}

// AddNode is API's.
func (s *Service) AddNode(ctx context.Context, req *pb.AlterClusterRequest) error {
	return s.alterCluster(ctx, "add_node", req, s.policy.checkNodesToAdd, live(addNode))
}

// DropNode is API's.
func (s *Service) DropNode(ctx context.Context, req *pb.AlterClusterRequest) error {
	return s.alterCluster(ctx, "drop_node", req, s.policy.checkNodesToDrop, live(dropNode))
}

func (p policy) checkNodesToAdd(c *pb.ClusterPB) error { return p.checkNodeRequest(c, true) }

func (p policy) checkNodesToDrop(c *pb.ClusterPB) error { return p.checkNodeRequest(c, false) }

func (p policy) checkNodeRequest(c *pb.ClusterPB, adding bool) error {
	if err := checkType(c); err != nil {
		return err
	}
	if err := p.checkNodes(c, adding); err != nil {
		return err
	}
	if len(c.Nodes) == 0 {
		return Errorf(InvalidArgument, "to_add and to_del both empty or both not empty: nodes must be given")
	}
	return nil
}

// nodeCluster finds the one cluster a node operation acts on (contract R17).
func nodeCluster(doc *pb.InstanceInfoPB, req *pb.AlterClusterRequest, verb string) (*pb.ClusterPB, error) {
	id, name := req.GetCluster().GetClusterId(), req.GetCluster().GetClusterName()
	if id == "" && name == "" {
		return nil, Errorf(InvalidArgument, "cluster_id or cluster_name must be given")
	}
	for _, c := range doc.GetClusters() {
		if (id == "" || c.GetClusterId() == id) && (name == "" || c.GetClusterName() == name) {
			return c, nil
		}
	}
	return nil, Errorf(NotFound, "failed to find cluster to %s node, instance_id=%s cluster_id=%s cluster_name=%s", verb, doc.GetInstanceId(), id, name)
}

// addNode appends nodes to a cluster, all or none (meta-service.md 8.9).
func addNode(doc *pb.InstanceInfoPB, req *pb.AlterClusterRequest, env *Env) error {
	cluster, err := nodeCluster(doc, req, "add")
	if err != nil {
		return err
	}
	if given := req.GetCluster().GetType(); given != cluster.GetType() {
		return Errorf(InvalidArgument, "cluster %s is of type %s, given type is %s", cluster.GetClusterId(), cluster.GetType(), given)
	}
	nodes := req.GetCluster().GetNodes()
	if err := checkEndpoints(doc, cluster.GetType(), nodes, InvalidArgument); err != nil {
		return err
	}
	if err := env.checkFree(doc.GetInstanceId(), nodes); err != nil {
		return err
	}
	if err := checkNodeCount(doc, len(nodes)); err != nil {
		return err
	}
	for _, node := range nodes {
		added := proto.CloneOf(node)
		if added.Ctime == nil {
			added.Ctime = new(env.Now)
		}
		added.Mtime = new(env.Now)
		added.Status = pb.NodeStatusPB_NODE_STATUS_RUNNING.Enum()
		cluster.Nodes = append(cluster.Nodes, added)
	}
	env.move(nodes)
	cluster.Mtime = new(env.Now)
	return checkElectable(cluster)
}

// dropNode removes nodes from a cluster, all or none (contract R18).
func dropNode(doc *pb.InstanceInfoPB, req *pb.AlterClusterRequest, env *Env) error {
	cluster, err := nodeCluster(doc, req, "drop")
	if err != nil {
		return err
	}
	drop := newDropList(cluster.GetType(), req.GetCluster().GetNodes())
	var refused error
	cluster.Nodes = slices.DeleteFunc(cluster.Nodes, func(node *pb.NodeInfoPB) bool {
		if !drop.take(node) {
			return false
		}
		if cluster.GetType() == pb.ClusterPB_SQL && env.young(node) {
			refused = Errorf(InvalidArgument, "drop fe node not in safe time, try later, node=%s", shorten(pbtext.Line(node), maxShown))
		}
		return true
	})
	if node := drop.left(); node != nil {
		return Errorf(NotFound, "cloud_unique_id can not find to drop node, instance_id=%s cluster_name=%s cluster_id=%s cloud_unique_id=%s endpoint=%s",
			doc.GetInstanceId(), cluster.GetClusterName(), cluster.GetClusterId(), node.GetCloudUniqueId(), endpointOf(cluster.GetType(), node))
	}
	if refused != nil {
		return refused
	}
	env.move(req.GetCluster().GetNodes())
	cluster.Mtime = new(env.Now)
	return checkElectable(cluster)
}
