package model

import "slices"

// rule is the effect of an operation on a document, or the code that refuses it.
type rule func(Document, Request) (Document, Code)

var rules = map[Kind]rule{
	GetInstance:       func(d Document, _ Request) (Document, Code) { return d, OK },
	SetInstanceStatus: setInstanceStatus,
	AddCluster:        addCluster,
	DropCluster:       dropCluster,
	RenameCluster:     renameCluster,
	SetClusterStatus:  setClusterStatus,
	SetClusterUsers:   setClusterUsers,
	AddNode:           addNode,
	DropNode:          dropNode,
}

func setInstanceStatus(d Document, r Request) (Document, Code) {
	if d.Status == r.Status {
		return d, InvalidArgument
	}
	d.Status = r.Status
	return d, OK
}

func addCluster(d Document, r Request) (Document, Code) {
	if d.find(r.Cluster) >= 0 || d.named(r.Name) || d.holdsAny(r.Nodes) {
		return d, AlreadyExisted
	}
	d.Clusters = append(slices.Clip(d.Clusters), Cluster{ID: r.Cluster, Name: r.Name, Status: Normal, Nodes: r.Nodes})
	return d, OK
}

func dropCluster(d Document, r Request) (Document, Code) {
	i := d.find(r.Cluster)
	if i < 0 {
		return d, NotFound
	}
	d.Clusters = slices.Delete(slices.Clone(d.Clusters), i, i+1)
	return d, OK
}

func renameCluster(d Document, r Request) (Document, Code) {
	i := d.find(r.Cluster)
	if i < 0 || d.named(r.Name) {
		return d, InvalidArgument
	}
	c := d.Clusters[i]
	c.Name = r.Name
	return d.with(i, c), OK
}

// nextStatus is the one status that a cluster may get after each.
var nextStatus = map[string]string{Normal: Suspended, Suspended: ToResume, ToResume: Normal}

func setClusterStatus(d Document, r Request) (Document, Code) {
	i := d.find(r.Cluster)
	if i < 0 || nextStatus[d.Clusters[i].Status] != r.Status {
		return d, InvalidArgument
	}
	c := d.Clusters[i]
	c.Status = r.Status
	return d.with(i, c), OK
}

func setClusterUsers(d Document, r Request) (Document, Code) {
	i := d.find(r.Cluster)
	if i < 0 || slices.Equal(d.Clusters[i].Users, r.Users) {
		return d, InvalidArgument
	}
	c := d.Clusters[i]
	c.Users = r.Users
	return d.with(i, c), OK
}

func addNode(d Document, r Request) (Document, Code) {
	i := d.find(r.Cluster)
	switch {
	case i < 0:
		return d, NotFound
	case d.holdsAny(r.Nodes):
		return d, InvalidArgument
	}
	c := d.Clusters[i]
	c.Nodes = append(slices.Clip(c.Nodes), r.Nodes...)
	return d.with(i, c), OK
}

// dropNode drops all the nodes named or none.
func dropNode(d Document, r Request) (Document, Code) {
	i := d.find(r.Cluster)
	if i < 0 {
		return d, NotFound
	}
	c := d.Clusters[i]
	for _, n := range r.Nodes {
		if !slices.Contains(c.Nodes, n) {
			return d, NotFound
		}
	}
	c.Nodes = slices.DeleteFunc(slices.Clone(c.Nodes), func(n Node) bool { return slices.Contains(r.Nodes, n) })
	return d.with(i, c), OK
}
