// Package model says what one instance may answer: a specification of the
// operations on its document, for a checker of linearizability. It shares no
// code with the server, so that a fault cannot be in both.
package model

import "slices"

// Document is what clients can see of an instance and change.
type Document struct {
	Status   string    `json:"status"`
	Clusters []Cluster `json:"clusters,omitempty"`
}

// Cluster is a COMPUTE cluster. Its nodes are in the order they were added.
type Cluster struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Status string   `json:"status"`
	Users  []string `json:"users,omitempty"`
	Nodes  []Node   `json:"nodes,omitempty"`
}

// Node is a node by what tells it from others.
type Node struct {
	ID       string `json:"id"`
	Endpoint string `json:"endpoint"`
}

// Statuses of an instance and of a cluster.
const (
	Normal    = "NORMAL"
	Overdue   = "OVERDUE"
	Suspended = "SUSPENDED"
	ToResume  = "TO_RESUME"
)

// Created is an instance that nothing was done to yet.
func Created() Document { return Document{Status: Normal} }

// Equal tells whether two documents look the same to a client.
func (d Document) Equal(other Document) bool {
	return d.Status == other.Status && slices.EqualFunc(d.Clusters, other.Clusters, Cluster.equal)
}

func (c Cluster) equal(other Cluster) bool {
	return c.ID == other.ID && c.Name == other.Name && c.Status == other.Status &&
		slices.Equal(c.Users, other.Users) && slices.Equal(c.Nodes, other.Nodes)
}

// find is the index of the cluster with an id, -1 if there is none.
func (d Document) find(id string) int {
	return slices.IndexFunc(d.Clusters, func(c Cluster) bool { return c.ID == id })
}

func (d Document) named(name string) bool {
	return slices.ContainsFunc(d.Clusters, func(c Cluster) bool { return c.Name == name })
}

// holdsAny tells whether a cluster, whichever, has an endpoint of the nodes.
func (d Document) holdsAny(nodes []Node) bool {
	for _, c := range d.Clusters {
		for _, held := range c.Nodes {
			if slices.ContainsFunc(nodes, func(n Node) bool { return n.Endpoint == held.Endpoint }) {
				return true
			}
		}
	}
	return false
}

// with is a copy of the document whose cluster i is another.
func (d Document) with(i int, c Cluster) Document {
	d.Clusters = slices.Clone(d.Clusters)
	d.Clusters[i] = c
	return d
}
