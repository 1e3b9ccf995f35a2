//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
)

// sizes are those of the sweeps: as few as the limits need, or all.
type sizes struct{ nodes, clusters, instances, connections []int }

var (
	fewSizes = sizes{nodes: []int{10, 10_000}, instances: []int{1000, 1_000_000}}
	allSizes = sizes{
		nodes:       []int{10, 100, 1000, 10_000},
		clusters:    []int{1, 10, 100, 1000},
		instances:   []int{10, 1000, 10_000, 100_000, 1_000_000},
		connections: []int{1, 4, 16, 64, 256, 1000},
	}
)

// crowds are the numbers of instances that servers of their own are needed for.
func (z sizes) crowds() []int { return append([]int{listedInstances}, z.instances...) }

// nodesAtOnce keeps a request below the server's limit of a body.
const nodesAtOnce = 1000

// newNodeGrowth is one durable operation on an instance of one cluster with ever
// more nodes, over one connection.
func newNodeGrowth(ctx context.Context, s *servers, z sizes) (*sweep, error) {
	w := &sweep{id: "nodes", title: "Nodes of an instance", size: "nodes", latency: true,
		note: "One connection changes an instance of one cluster: it sets the cluster's status, or adds a node and drops it."}
	status, move := w.curve("set_cluster_status"), w.curve("add_node, drop_node")
	for _, n := range z.nodes {
		id := fmt.Sprintf("nodes-%d", n)
		requests := [][]byte{createInstance(id), addCluster(id, 0, 0)}
		for from := 0; from < n; from += nodesAtOnce {
			requests = append(requests, addNodes(id, 0, from, min(from+nodesAtOnce, n)))
		}
		if err := s.send(ctx, requests); err != nil {
			return nil, fmt.Errorf("an instance of %d nodes: %w", n, err)
		}
		status.at(n, true, 1, s.roster, overHTTP(s.roster, []*script{{requests: setStatuses(id, 0)}}))
		move.at(n, true, 1, s.roster, overHTTP(s.roster, []*script{{requests: moveNode(id, 0, nodeOf(id, 0, n))}}))
	}
	return w, nil
}

// newClusterGrowth is the same with ever more clusters.
func newClusterGrowth(ctx context.Context, s *servers, z sizes) (*sweep, error) {
	w := &sweep{id: "clusters", title: "Clusters of an instance", size: "clusters", latency: true,
		note: fmt.Sprintf("One connection shows an instance of ever more clusters with %d nodes each, or sets the status of one of them.", nodesPerCluster)}
	read, status := w.curve("get_instance"), w.curve("set_cluster_status")
	for _, n := range z.clusters {
		id := fmt.Sprintf("clusters-%d", n)
		requests := [][]byte{createInstance(id)}
		for number := range n {
			requests = append(requests, addCluster(id, number, nodesPerCluster))
		}
		if err := s.send(ctx, requests); err != nil {
			return nil, fmt.Errorf("an instance of %d clusters: %w", n, err)
		}
		read.at(n, false, 1, s.roster, repeating(s.roster, getInstance(id)))
		status.at(n, true, 1, s.roster, overHTTP(s.roster, []*script{{requests: setStatuses(id, n-1)}}))
	}
	return w, nil
}

// newInstanceGrowth is reading and writing all over ever more instances.
func newInstanceGrowth(s *servers, z sizes) *sweep {
	w := &sweep{id: "instances", title: "Instances", size: "instances",
		note: fmt.Sprintf("%d connections, or as many as there are instances, go over all instances of one cluster of %d nodes, in an order in which neighbours are far apart.",
			manyConnections, nodesPerCluster)}
	read, status := w.curve("get_instance"), w.curve("set_cluster_status")
	for _, n := range z.instances {
		readers, writers := strolls(n), strolls(n)
		server := s.crowds[n]
		read.at(n, false, len(readers), server, strolling(server, readers, readCrowd))
		status.at(n, true, len(writers), server, strolling(server, writers, writeCrowd))
	}
	return w
}

// newConnectionGrowth is reading one instance over ever more connections.
func newConnectionGrowth(s *servers, z sizes) *sweep {
	w := &sweep{id: "connections", title: "Connections", size: "connections", note: "The reads of W1 over ever more connections."}
	overREST, overSQL := w.curve("REST: get_instance"), w.curve("SQL: SHOW CLUSTERS")
	for _, n := range z.connections {
		overREST.at(n, false, n, s.roster, repeating(s.roster, getInstance(readInstance)))
		overSQL.at(n, false, n, s.roster, asking(s.roster, s.questions[0]))
	}
	return w
}

// judgeNodes: ten thousand nodes may cost so much more than ten.
func (s *sweep) judgeNodes(j *judgement) {
	for _, c := range s.curves {
		few, most := c.cell(10), c.cell(10_000)
		j.limits = append(j.limits, verdict{
			what: "time of " + c.name + " with 10,000 nodes / with 10", got: ratio(few, most), bound: atMost(20),
		})
	}
}

// judgeInstances: a million instances may cost so much more than a thousand.
func (s *sweep) judgeInstances(j *judgement) {
	for _, c := range s.curves {
		few, most := c.cell(1000), c.cell(1_000_000)
		j.limits = append(j.limits, verdict{
			what: "operations/s of " + c.name + " over 1,000,000 instances / over 1,000", got: ratio(most, few), bound: atLeast(0.7),
		})
	}
}

// send has the measured server do what prepares a sweep.
func (s *servers) send(ctx context.Context, requests [][]byte) (err error) {
	c, err := s.roster.dialHTTP(ctx, setupLimit)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	return sendAll(ctx, c, requests)
}
