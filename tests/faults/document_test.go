package faults

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"roster/core"
	pb "roster/core/metapb"
)

// base is the id of the cluster of a shared instance that every client adds
// nodes to.
const base = "base"

// read is an instance as the server has it, nil if it does not exist. One that
// breaks a rule every document has to keep is an error.
func read(ctx context.Context, api core.API, instance string) (*pb.InstanceInfoPB, error) {
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	doc, err := api.GetInstance(core.WithCall(ctx, core.Call{Reveal: true}), &pb.GetInstanceRequest{InstanceId: &instance})
	if core.CodeOf(err) == core.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("get_instance %s: %w", instance, err)
	}
	return doc, consistent(doc)
}

// consistent reports cluster ids, cluster names and endpoints that an instance
// has twice.
func consistent(doc *pb.InstanceInfoPB) error {
	seen := map[string]bool{}
	var faults []error
	once := func(what, value string) {
		if key := what + " " + value; seen[key] {
			faults = append(faults, fmt.Errorf("instance %s has the %s twice", doc.GetInstanceId(), key))
		} else {
			seen[key] = true
		}
	}
	for _, obj := range doc.GetObjInfo() {
		once("object store id", obj.GetId())
	}
	for _, c := range doc.GetClusters() {
		once("cluster id", c.GetClusterId())
		once("cluster name", c.GetClusterName())
		for _, node := range c.GetNodes() {
			once(c.GetType().String()+" endpoint", fmt.Sprintf("%s:%d", node.GetIp(), node.GetHeartbeatPort()))
		}
	}
	return errors.Join(faults...)
}

// part is what one client made of a document, and nothing the server adds, such
// as times: clusters and nodes whose ids begin with the client's prefix.
func part(doc *pb.InstanceInfoPB, prefix string) *pb.InstanceInfoPB {
	if doc == nil {
		return nil
	}
	p := &pb.InstanceInfoPB{InstanceId: doc.InstanceId}
	for _, obj := range doc.ObjInfo {
		p.ObjInfo = append(p.ObjInfo, partOfStore(obj))
	}
	for _, c := range doc.Clusters {
		if c.GetClusterId() != base && !strings.HasPrefix(c.GetClusterId(), prefix) {
			continue
		}
		kept := &pb.ClusterPB{
			ClusterId: c.ClusterId, ClusterName: c.ClusterName, Type: c.Type,
			ClusterStatus: c.ClusterStatus, MysqlUserName: c.MysqlUserName,
		}
		for _, node := range c.Nodes {
			if strings.HasPrefix(node.GetCloudUniqueId(), prefix) {
				kept.Nodes = append(kept.Nodes, &pb.NodeInfoPB{
					CloudUniqueId: node.CloudUniqueId, Ip: node.Ip, HeartbeatPort: node.HeartbeatPort,
				})
			}
		}
		p.Clusters = append(p.Clusters, kept)
	}
	return p
}

func partOfStore(obj *pb.ObjectStoreInfoPB) *pb.ObjectStoreInfoPB {
	return &pb.ObjectStoreInfoPB{Id: obj.Id, Ak: obj.Ak, Sk: obj.Sk, Prefix: obj.Prefix}
}

func findCluster(doc *pb.InstanceInfoPB, id string) *pb.ClusterPB {
	for _, c := range doc.GetClusters() {
		if c.GetClusterId() == id {
			return c
		}
	}
	return nil
}

// resolves checks that a cloud_unique_id leads to the cluster that holds it.
func resolves(ctx context.Context, api core.API, unique, clusterID string) error {
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	resp, err := api.GetCluster(ctx, &pb.GetClusterRequest{CloudUniqueId: &unique, ClusterId: &clusterID})
	if err != nil {
		return fmt.Errorf("cloud_unique_id %s does not lead to cluster %s that holds it: %w", unique, clusterID, err)
	}
	holds := func(node *pb.NodeInfoPB) bool { return node.GetCloudUniqueId() == unique }
	for _, c := range resp.GetCluster() {
		if slices.ContainsFunc(c.GetNodes(), holds) {
			return nil
		}
	}
	return fmt.Errorf("cloud_unique_id %s leads to an instance whose cluster %s does not hold it", unique, clusterID)
}

// leadsNowhere checks that a cloud_unique_id nobody holds finds no instance.
func leadsNowhere(ctx context.Context, api core.API, unique string) error {
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	_, err := api.GetCluster(ctx, &pb.GetClusterRequest{CloudUniqueId: &unique})
	switch {
	case err == nil:
		return fmt.Errorf("cloud_unique_id %s is held by nobody but leads to an instance", unique)
	case core.CodeOf(err) != core.InvalidArgument:
		return fmt.Errorf("get_cluster of cloud_unique_id %s, held by nobody: %w", unique, err)
	}
	return nil
}
