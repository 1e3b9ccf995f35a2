//go:build linux

package main

import "fmt"

// The shape of the documents the load is about.
const (
	clustersPerInstance = 5
	nodesPerCluster     = 3
	manyConnections     = 64
	listedInstances     = 10_000
)

// The instances the load is about. The fronts write to instances of their own: each
// has its own idea of the status a cluster is in.
const readInstance = "read"

func distinctInstance(front string, worker int) string {
	return fmt.Sprintf("%s-distinct-%d", front, worker)
}

// hotInstance has a cluster for each of many connections, and so has crowdedInstance,
// whose nodes come and go.
func hotInstance(front string) string     { return front + "-hot" }
func crowdedInstance(front string) string { return front + "-crowded" }

// The fronts.
const (
	rest = "rest"
	sql  = "sql"
)

func clusterName(number int) string { return fmt.Sprintf("cluster_%d", number) }
func clusterID(number int) string   { return fmt.Sprintf("cluster_id_%d", number) }

// node is one of a cluster's.
type node struct {
	id, ip string
	port   int
}

func nodeOf(instance string, cluster, number int) node {
	return node{
		id:   fmt.Sprintf("1:%s:node-%d-%d", instance, cluster, number),
		ip:   fmt.Sprintf("10.%d.%d.%d", cluster>>8, cluster&0xff, number%250+1),
		port: 9050 + number/250,
	}
}

// extraNode is the one that a connection adds to its cluster and drops again.
func extraNode(instance string, cluster int) node { return nodeOf(instance, cluster, nodesPerCluster) }

// The statuses a cluster is set to in turn.
var statuses = [...]string{"SUSPENDED", "NORMAL"}
