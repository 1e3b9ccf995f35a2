package admin

import (
	"context"
	"fmt"
	"strings"

	"roster/core"
	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

// alterSystem is Doris's spelling of add_node and drop_node: a backend goes to
// the compute group its properties name, a frontend to the SQL cluster.
type alterSystem struct {
	Verb       string      `parser:"'ALTER' 'SYSTEM' @( 'ADD' | 'DROP' )"`
	Kind       string      `parser:"@( 'BACKEND' | 'FOLLOWER' | 'OBSERVER' )"`
	Endpoints  []value     `parser:"@@ ( ',' @@ )*"`
	Scope      *scope      `parser:"@@?"`
	Properties *properties `parser:"@@?"`
	Force      bool        `parser:"@'FORCE'?"`
	options
}

func (c *alterSystem) call(x *execution, call *core.Call) error {
	call.Force = c.Force
	return c.options.call(x, call)
}

func (c *alterSystem) run(ctx context.Context, x *execution) (*session.Result, error) {
	p, err := x.place(ctx, c.Scope)
	if err != nil {
		return nil, err
	}
	doc, err := x.document(ctx, p)
	if err != nil {
		return nil, err
	}
	kind := pb.ClusterPB_COMPUTE
	if !strings.EqualFold(c.Kind, "BACKEND") {
		kind = pb.ClusterPB_SQL
	}
	given := make([]node, len(c.Endpoints))
	for i, e := range c.Endpoints {
		given[i].Endpoint = e
		if kind == pb.ClusterPB_SQL {
			given[i].Kind = "FE_" + strings.ToUpper(c.Kind)
		}
	}
	nodes, err := x.nodes(given, &kind)
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(c.Verb, "DROP") {
		t, err := holding(doc, p, kind, nodes)
		if err != nil {
			return nil, err
		}
		return x.dropNodes(ctx, t, &kind, nodes)
	}
	t, err := c.group(x, doc, p, kind, nodes)
	if err != nil {
		return nil, err
	}
	return x.addNodes(ctx, t, &kind, nodes)
}

// group is the cluster nodes are added to. A node whose cloud_unique_id is not
// given gets one that names its instance.
func (c *alterSystem) group(x *execution, doc *pb.InstanceInfoPB, p place, kind pb.ClusterPB_Type, nodes []*pb.NodeInfoPB) (target, error) {
	wanted, unique, err := c.tags(x)
	if err != nil {
		return target{}, err
	}
	if unique != "" && len(nodes) > 1 {
		return target{}, invalid("cloud_unique_id is given for %d nodes, add them one by one", len(nodes))
	}
	for _, n := range nodes {
		id := unique
		if id == "" {
			id = fmt.Sprintf("1:%s:%s_%d", doc.GetInstanceId(), strings.ReplaceAll(addressOf(n), ":", "."), portOf(n))
		}
		n.CloudUniqueId = &id
	}
	for _, cluster := range doc.GetClusters() {
		if cluster.GetType() == kind && (wanted == "" || cluster.GetClusterName() == wanted) {
			return target{place: p, id: cluster.GetClusterId()}, nil
		}
	}
	return target{}, core.Errorf(core.NotFound, "instance '%s' has no %s cluster '%s' to add the node to", doc.GetInstanceId(), kind, clip(wanted))
}

// tags are the properties of a new node.
func (c *alterSystem) tags(x *execution) (group, unique string, err error) {
	if c.Properties == nil {
		return "", "", nil
	}
	for i := range c.Properties.List {
		p := &c.Properties.List[i]
		key, err := x.name(&p.Path)
		if err != nil {
			return "", "", err
		}
		l, err := x.text(&p.Value)
		if err != nil {
			return "", "", err
		}
		switch strings.TrimPrefix(strings.ToLower(key), "tag.") {
		case "compute_group_name", "cluster_name":
			group = l
		case "cloud_unique_id":
			unique = l
		default:
			return "", "", invalid("property %q is unknown, want tag.compute_group_name or cloud_unique_id", clip(key))
		}
	}
	return group, unique, nil
}

func addressOf(n *pb.NodeInfoPB) string {
	if n.GetHost() != "" {
		return n.GetHost()
	}
	return n.GetIp()
}

func portOf(n *pb.NodeInfoPB) int32 {
	if n.EditLogPort != nil {
		return n.GetEditLogPort()
	}
	return n.GetHeartbeatPort()
}

// holding is the cluster that has all the nodes; they get their cloud_unique_ids.
func holding(doc *pb.InstanceInfoPB, p place, kind pb.ClusterPB_Type, nodes []*pb.NodeInfoPB) (target, error) {
	t := target{place: p}
	for _, n := range nodes {
		found := ""
		for _, cluster := range doc.GetClusters() {
			for _, has := range cluster.GetNodes() {
				if cluster.GetType() == kind && sameEndpoint(n, has) {
					found, n.CloudUniqueId = cluster.GetClusterId(), has.CloudUniqueId
				}
			}
		}
		switch {
		case found == "":
			return t, noNode(n, "instance", doc.GetInstanceId())
		case t.id != "" && t.id != found:
			return t, fail(1235, "42000", "The nodes are in different clusters, drop them by one statement for each cluster")
		}
		t.id = found
	}
	return t, nil
}
