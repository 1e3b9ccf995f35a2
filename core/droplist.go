package core

import pb "roster/core/metapb"

// dropList are the nodes a request drops. A node of the cluster is one of them if
// cloud_unique_id, port and either ip or host are equal (meta-service.md 4.7).
type dropList struct {
	clusterType pb.ClusterPB_Type
	nodes       []*pb.NodeInfoPB
	byIdentity  map[nodeIdentity]int
	taken       []bool
}

type nodeIdentity struct {
	cloudUniqueID string
	ip, host      string
	port          int32
}

func newDropList(t pb.ClusterPB_Type, nodes []*pb.NodeInfoPB) *dropList {
	d := &dropList{clusterType: t, nodes: nodes, byIdentity: map[nodeIdentity]int{}, taken: make([]bool, len(nodes))}
	for i, node := range nodes {
		for _, id := range d.identities(node) {
			d.byIdentity[id] = i
		}
	}
	return d
}

// identities are the names a node may be called by.
func (d *dropList) identities(node *pb.NodeInfoPB) (ids []nodeIdentity) {
	port := node.GetHeartbeatPort()
	if d.clusterType == pb.ClusterPB_SQL {
		port = node.GetEditLogPort()
	}
	if node.GetIp() != "" {
		ids = append(ids, nodeIdentity{cloudUniqueID: node.GetCloudUniqueId(), ip: node.GetIp(), port: port})
	}
	if node.GetHost() != "" {
		ids = append(ids, nodeIdentity{cloudUniqueID: node.GetCloudUniqueId(), host: node.GetHost(), port: port})
	}
	return ids
}

// take reports whether the list names a node of the cluster, once for each entry.
func (d *dropList) take(node *pb.NodeInfoPB) bool {
	for _, id := range d.identities(node) {
		if i, ok := d.byIdentity[id]; ok && !d.taken[i] {
			d.taken[i] = true
			return true
		}
	}
	return false
}

// left is the first node of the list that no node of the cluster was.
func (d *dropList) left() *pb.NodeInfoPB {
	for i, taken := range d.taken {
		if !taken {
			return d.nodes[i]
		}
	}
	return nil
}
