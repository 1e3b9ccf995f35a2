package admin

import (
	"context"
	"net/netip"
	"strconv"
	"strings"

	"roster/core"
	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

// alterNodes is add_node and drop_node. What is not given of the nodes, their
// kind or the cloud_unique_id of one to drop, is looked up.
type alterNodes struct {
	Cluster clusterRef `parser:"'ALTER' ( 'CLUSTER' | 'COMPUTE' 'GROUP' ) @@"`
	Scope   *scope     `parser:"@@?"`
	Verb    string     `parser:"@( 'ADD' | 'DROP' ) ( 'NODE' | 'NODES' )"`
	Nodes   []node     `parser:"@@ ( ',' @@ )*"`
	Type    *value     `parser:"( 'TYPE' @@ )?"`
	Force   bool       `parser:"@'FORCE'?"`
	options
}

func (c *alterNodes) call(x *execution, call *core.Call) error {
	call.Force = c.Force
	return c.options.call(x, call)
}

func (c *alterNodes) run(ctx context.Context, x *execution) (*session.Result, error) {
	t := target{}
	var err error
	if t.place, err = x.place(ctx, c.Scope); err != nil {
		return nil, err
	}
	if t.id, t.name, err = x.ref(&c.Cluster); err != nil {
		return nil, err
	}
	kind, err := x.clusterType(c.Type, c.Nodes)
	if err != nil {
		return nil, err
	}
	drop := strings.EqualFold(c.Verb, "DROP")
	var cluster *pb.ClusterPB
	if kind == nil && c.Type == nil || drop && c.unnamed() {
		if cluster, err = x.cluster(ctx, t); err != nil {
			return nil, err
		}
		if kind == nil && c.Type == nil {
			kind = cluster.Type
		}
	}
	nodes, err := x.nodes(c.Nodes, kind)
	if err != nil {
		return nil, err
	}
	if !drop {
		return x.addNodes(ctx, t, kind, nodes)
	}
	for _, n := range nodes {
		if err := identify(n, cluster); err != nil {
			return nil, err
		}
	}
	return x.dropNodes(ctx, t, kind, nodes)
}

// unnamed reports whether the cloud_unique_id of a node is not given.
func (c *alterNodes) unnamed() bool {
	for _, n := range c.Nodes {
		if n.UniqueID == nil {
			return true
		}
	}
	return false
}

func (x *execution) addNodes(ctx context.Context, t target, kind *pb.ClusterPB_Type, nodes []*pb.NodeInfoPB) (*session.Result, error) {
	if err := x.AddNode(ctx, t.request(pb.AlterClusterRequest_ADD_NODE, &pb.ClusterPB{Type: kind, Nodes: nodes})); err != nil {
		return nil, err
	}
	return x.done(), nil
}

func (x *execution) dropNodes(ctx context.Context, t target, kind *pb.ClusterPB_Type, nodes []*pb.NodeInfoPB) (*session.Result, error) {
	if err := x.DropNode(ctx, t.request(pb.AlterClusterRequest_DROP_NODE, &pb.ClusterPB{Type: kind, Nodes: nodes})); err != nil {
		return nil, err
	}
	return x.done(), nil
}

// identify gives a node named by its endpoint the cloud_unique_id it has.
func identify(n *pb.NodeInfoPB, cluster *pb.ClusterPB) error {
	if n.CloudUniqueId != nil {
		return nil
	}
	for _, has := range cluster.GetNodes() {
		if sameEndpoint(n, has) {
			n.CloudUniqueId = has.CloudUniqueId
			return nil
		}
	}
	return noNode(n, "cluster", cluster.GetClusterName())
}

func noNode(n *pb.NodeInfoPB, noun, in string) error {
	return core.Errorf(core.NotFound, "node '%s:%d' doesn't exist in %s '%s'", clip(addressOf(n)), portOf(n), noun, in)
}

func sameEndpoint(a, b *pb.NodeInfoPB) bool {
	return (a.GetIp() != "" && a.GetIp() == b.GetIp() || a.GetHost() != "" && a.GetHost() == b.GetHost()) &&
		(a.GetHeartbeatPort() != 0 && a.GetHeartbeatPort() == b.GetHeartbeatPort() ||
			a.GetEditLogPort() != 0 && a.GetEditLogPort() == b.GetEditLogPort())
}

// nodes reads nodes of a cluster of a type.
func (x *execution) nodes(given []node, kind *pb.ClusterPB_Type) ([]*pb.NodeInfoPB, error) {
	var nodes []*pb.NodeInfoPB
	for i := range given {
		n, err := x.node(&given[i], kind)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

func (x *execution) node(given *node, kind *pb.ClusterPB_Type) (*pb.NodeInfoPB, error) {
	at, err := x.text(&given.Endpoint)
	if err != nil {
		return nil, err
	}
	n, port, err := endpoint(at)
	if err != nil {
		return nil, err
	}
	frontend := kind != nil && *kind == pb.ClusterPB_SQL
	if given.Kind != "" {
		if frontend = !strings.EqualFold(given.Kind, "BE"); frontend {
			number, err := enumNumber("node type", pb.NodeInfoPB_UNKNOWN.Descriptor(), given.Kind)
			if err != nil {
				return nil, err
			}
			n.NodeType = pb.NodeInfoPB_NodeType(number).Enum()
		}
	}
	if n.HeartbeatPort = port; frontend {
		n.HeartbeatPort, n.EditLogPort = nil, port
	}
	if given.UniqueID != nil {
		id, err := x.text(given.UniqueID)
		if err != nil {
			return nil, err
		}
		n.CloudUniqueId = &id
	}
	return n, x.assign(n, given.Properties)
}

// endpoint reads 'address:port'; either part may be missing.
func endpoint(at string) (*pb.NodeInfoPB, *int32, error) {
	n, host, digits := new(pb.NodeInfoPB), at, ""
	if i := strings.LastIndexByte(at, ':'); i >= 0 {
		if _, err := netip.ParseAddr(at); err != nil {
			host, digits = at[:i], at[i+1:]
		}
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if _, err := netip.ParseAddr(host); err == nil {
		n.Ip = &host
	} else if host != "" {
		n.Host = &host
	}
	if digits == "" {
		return n, nil, nil
	}
	port, err := strconv.ParseInt(digits, 10, 32)
	if err != nil {
		return nil, nil, invalid("the port of node %q is not a number, want 'address:port'", clip(at))
	}
	return n, new(int32(port)), nil
}
