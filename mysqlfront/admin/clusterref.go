package admin

import (
	"context"

	"roster/core"
	pb "roster/core/metapb"
)

// target is a cluster a statement changes.
type target struct {
	place
	id, name string
}

// request is the change of the cluster, with what else of it is to be sent.
func (t target) request(op pb.AlterClusterRequest_Operation, c *pb.ClusterPB) *pb.AlterClusterRequest {
	c.ClusterId = orNil(t.id)
	if c.ClusterName == nil {
		c.ClusterName = orNil(t.name)
	}
	return &pb.AlterClusterRequest{InstanceId: orNil(t.instance), CloudUniqueId: orNil(t.uniqueID), Op: &op, Cluster: c}
}

// orNil is nil for what a statement does not name.
func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// ref reads how a statement names a cluster.
func (x *execution) ref(r *clusterRef) (id, name string, err error) {
	if id, err = x.name(r.ID); err != nil {
		return "", "", err
	}
	if r.And != nil {
		if id, err = x.name(r.And); err != nil {
			return "", "", err
		}
	}
	name, err = x.name(r.Name)
	return id, name, err
}

// target resolves a cluster. The operations know clusters by id, so one named
// otherwise is looked up first: it is the one that had the name when the
// statement began.
func (x *execution) target(ctx context.Context, r *clusterRef, s *scope) (target, error) {
	p, err := x.place(ctx, s)
	if err != nil {
		return target{}, err
	}
	t := target{place: p}
	if t.id, t.name, err = x.ref(r); err != nil || r.ID != nil || r.And != nil {
		return t, err
	}
	c, err := x.cluster(ctx, t)
	if err != nil {
		return t, err
	}
	t.id = c.GetClusterId()
	return t, nil
}

// cluster reads a target.
func (x *execution) cluster(ctx context.Context, t target) (*pb.ClusterPB, error) {
	reading, err := x.reading(ctx, t.place)
	if err != nil {
		return nil, err
	}
	c, err := reading.Cluster(t.id, t.name)
	if c != nil || err != nil {
		return c, err
	}
	shown := t.name
	if shown == "" {
		shown = t.id
	}
	return nil, core.Errorf(core.NotFound, "cluster '%s' doesn't exist in instance '%s'", clip(shown), clip(reading.InstanceID()))
}

func findCluster(doc *pb.InstanceInfoPB, id, name string) *pb.ClusterPB {
	for _, c := range doc.GetClusters() {
		if (id == "" || c.GetClusterId() == id) && (name == "" || c.GetClusterName() == name) {
			return c
		}
	}
	return nil
}
