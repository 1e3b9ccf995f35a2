package core

import pb "roster/core/metapb"

// dropList are the nodes a request drops. A node of the cluster is one of them if
// cloud_unique_id, port and either ip or host are equal (meta-service.md 4.7).
type dropList struct {
	clusterType pb.ClusterPB_Type
	nodes       []*pb.NodeInfoPB
	// named are the cloud_unique_ids in the list, to pass over the rest quickly.
	named      map[string]bool
	byIdentity map[nodeIdentity]int
	taken      []bool
}

type nodeIdentity struct {
	cloudUniqueID string
	ip, host      string
	port          int32
}

func newDropList(t pb.ClusterPB_Type, nodes []*pb.NodeInfoPB) *dropList {
	d := &dropList{
		clusterType: t, nodes: nodes, taken: make([]bool, len(nodes)),
		named: make(map[string]bool, len(nodes)), byIdentity: make(map[nodeIdentity]int, len(nodes)),
	}
	for i, node := range nodes {
		d.named[node.GetCloudUniqueId()] = true
		for _, id := range d.identities(node) {
			d.byIdentity[id] = i
		}
	}
	return d
}

// identities are the names a node may be called by.
func (d *dropList) identities(node *pb.NodeInfoPB) (ids []nodeIdentity) {
	port := port(d.clusterType, node)
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
	if !d.named[node.GetCloudUniqueId()] {
		return false
	}
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
