package faults

import (
	"slices"

	"roster/core"
	pb "roster/core/metapb"
)

// Limits that keep the documents of a client small.
const (
	maxOwnInstances = 4
	maxOwnClusters  = 5
	maxOwnNodes     = 12
	maxStores       = 10
)

// mix is what clients do, by weight. Each choice returns false when it is not
// possible on the document it is given.
var mix = []struct {
	weight int
	choose func(*client, *pb.InstanceInfoPB) (operation, bool)
}{
	{4, (*client).chooseInstance},
	{14, (*client).chooseNewCluster},
	{26, (*client).chooseNewNodes},
	{12, (*client).chooseGoneNodes},
	{14, (*client).chooseStatus},
	{8, (*client).chooseName},
	{8, (*client).chooseUsers},
	{3, (*client).chooseStore},
	{5, (*client).chooseGoneCluster},
	{12, (*client).chooseRefused},
}

// maxDraws bounds the search for something that is possible.
const maxDraws = 100

// choose is the client's next request. Every other one has a request id.
func (c *client) choose() operation {
	op := c.draw()
	if c.rng.IntN(2) == 0 {
		op.requestID = "request_" + c.name()
	}
	return op
}

func (c *client) draw() operation {
	total := 0
	for _, m := range mix {
		total += m.weight
	}
	for range maxDraws {
		doc := c.anyInstance()
		if doc == nil {
			break
		}
		n := c.rng.IntN(total)
		for _, m := range mix {
			if n -= m.weight; n >= 0 {
				continue
			}
			if op, ok := m.choose(c, doc); ok {
				return op
			}
			break
		}
	}
	return createInstance(c.name())
}

func (c *client) chooseInstance(*pb.InstanceInfoPB) (operation, bool) {
	own := 0
	for _, id := range c.instances() {
		if c.owns(id) {
			own++
		}
	}
	return createInstance(c.name()), own < maxOwnInstances
}

func (c *client) chooseNewCluster(doc *pb.InstanceInfoPB) (operation, bool) {
	nodes := make([]*pb.NodeInfoPB, c.rng.IntN(3))
	for i := range nodes {
		nodes[i] = c.node()
	}
	return addCluster(doc.GetInstanceId(), c.name(), c.name(), nodes...), len(ownClusters(doc)) < maxOwnClusters
}

func (c *client) chooseNewNodes(doc *pb.InstanceInfoPB) (operation, bool) {
	cluster := pick(c, doc.Clusters)
	if cluster == nil || len(cluster.Nodes) >= maxOwnNodes {
		return operation{}, false
	}
	nodes := make([]*pb.NodeInfoPB, 1+c.rng.IntN(3))
	for i := range nodes {
		nodes[i] = c.node()
	}
	return addNodes(doc.GetInstanceId(), cluster.GetClusterId(), nodes...), true
}

func (c *client) chooseGoneNodes(doc *pb.InstanceInfoPB) (operation, bool) {
	cluster := pick(c, doc.Clusters)
	if cluster == nil || len(cluster.Nodes) == 0 {
		return operation{}, false
	}
	first := c.rng.IntN(len(cluster.Nodes))
	return dropNodes(doc.GetInstanceId(), cluster.GetClusterId(), cluster.Nodes[first:min(first+2, len(cluster.Nodes))]...), true
}

// following is the one status that each status may turn into.
var following = map[pb.ClusterStatus]pb.ClusterStatus{
	pb.ClusterStatus_NORMAL:    pb.ClusterStatus_SUSPENDED,
	pb.ClusterStatus_SUSPENDED: pb.ClusterStatus_TO_RESUME,
	pb.ClusterStatus_TO_RESUME: pb.ClusterStatus_NORMAL,
}

func (c *client) chooseStatus(doc *pb.InstanceInfoPB) (operation, bool) {
	cluster := pick(c, ownClusters(doc))
	if cluster == nil {
		return operation{}, false
	}
	return setStatus(doc.GetInstanceId(), cluster.GetClusterId(), following[cluster.GetClusterStatus()]), true
}

func (c *client) chooseName(doc *pb.InstanceInfoPB) (operation, bool) {
	cluster := pick(c, ownClusters(doc))
	if cluster == nil {
		return operation{}, false
	}
	return renameCluster(doc.GetInstanceId(), cluster.GetClusterId(), c.name()), true
}

func (c *client) chooseUsers(doc *pb.InstanceInfoPB) (operation, bool) {
	cluster := pick(c, ownClusters(doc))
	if cluster == nil {
		return operation{}, false
	}
	return setUsers(doc.GetInstanceId(), cluster.GetClusterId(), c.name(), c.name()), true
}

func (c *client) chooseStore(doc *pb.InstanceInfoPB) (operation, bool) {
	return addObjInfo(doc.GetInstanceId(), c.name()), c.owns(doc.GetInstanceId()) && len(doc.ObjInfo) < maxStores
}

func (c *client) chooseGoneCluster(doc *pb.InstanceInfoPB) (operation, bool) {
	cluster := pick(c, ownClusters(doc))
	if cluster == nil {
		return operation{}, false
	}
	return dropCluster(doc.GetInstanceId(), cluster.GetClusterId()), true
}

// chooseRefused is a request that the server has to refuse.
func (c *client) chooseRefused(doc *pb.InstanceInfoPB) (operation, bool) {
	id := doc.GetInstanceId()
	choices := []operation{
		createInstance(id).refuse(core.AlreadyExisted),
		dropCluster(id, c.name()).refuse(core.NotFound),
		addNodes(id, c.name(), c.node()).refuse(core.NotFound),
		renameCluster(id, c.name(), c.name()).refuse(core.InvalidArgument),
	}
	if c.owns(id) && len(doc.ObjInfo) < maxStores {
		choices = append(choices, addObjInfo(id, pick(c, doc.ObjInfo).GetPrefix()).refuse(core.InvalidArgument))
	}
	if own := ownClusters(doc); len(own) > 0 {
		cluster, other := pick(c, own), pick(c, own)
		wrong := following[following[cluster.GetClusterStatus()]]
		choices = append(choices,
			addCluster(id, cluster.GetClusterId(), c.name(), c.node()).refuse(core.AlreadyExisted),
			addCluster(id, c.name(), cluster.GetClusterName(), c.node()).refuse(core.AlreadyExisted),
			renameCluster(id, cluster.GetClusterId(), other.GetClusterName()).refuse(core.InvalidArgument),
			setStatus(id, cluster.GetClusterId(), wrong).refuse(core.InvalidArgument),
			dropNodes(id, cluster.GetClusterId(), append(slices.Clip(cluster.Nodes), c.node())...).refuse(core.NotFound),
		)
	}
	if holder := pick(c, doc.Clusters); holder != nil && len(holder.Nodes) > 0 {
		node := pick(c, holder.Nodes)
		taken := c.node()
		taken.Ip, taken.HeartbeatPort = node.Ip, node.HeartbeatPort
		choices = append(choices, addNodes(id, holder.GetClusterId(), c.node(), taken).refuse(core.InvalidArgument))
		if other := c.anyInstance(); other.GetInstanceId() != id {
			moved := c.node()
			moved.CloudUniqueId = node.CloudUniqueId
			choices = append(choices, addCluster(other.GetInstanceId(), c.name(), c.name(), c.node(), moved).refuse(core.AlreadyExisted))
		}
	}
	return pick(c, choices), true
}

// anyInstance is nil when the client has none.
func (c *client) anyInstance() *pb.InstanceInfoPB {
	return c.docs[pick(c, c.instances())]
}

func ownClusters(doc *pb.InstanceInfoPB) []*pb.ClusterPB {
	own := slices.Clone(doc.Clusters)
	return slices.DeleteFunc(own, func(c *pb.ClusterPB) bool { return c.GetClusterId() == base })
}

// pick is one element of a list, or the zero value of an empty one.
func pick[E any](c *client, list []E) (one E) {
	if len(list) == 0 {
		return one
	}
	return list[c.rng.IntN(len(list))]
}
