//go:build linux

package main

import "fmt"

// crowding is work of many connections on one instance: setting the status of a
// cluster, or moving nodes.
type crowding struct {
	*work
	rest, sql, mariadb, etcd *cell
	// least is what is wanted of Roster, operations a second.
	least float64
}

func newHotWriting(s *servers) crowding {
	w := crowding{least: 20_000, work: &work{id: "W2h", title: "A durable change of status, one hot instance", synced: true, notes: []string{
		fmt.Sprintf("Each connection suspends and resumes its own cluster of one instance of %d clusters with %d nodes each, which get_instance shows in %d bytes.",
			manyConnections, nodesPerCluster, s.shown.hot),
		"MariaDB updates the row of the cluster and counts the change in the row of the instance, in one statement.",
		"etcd keeps the instance in one document, reads it, and writes it if nobody else has meanwhile, again until it succeeds.",
	}}}
	w.rest = w.at(manyConnections, "Roster, REST: set_cluster_status", s.roster,
		overHTTP(s.roster, scriptsOf(func(i int) [][]byte { return setStatuses(hotInstance(rest), i) })))
	w.sql = w.at(manyConnections, "Roster, SQL: ALTER CLUSTER SET STATUS", s.roster,
		overSQL(s.roster, scriptsOf(func(i int) [][]byte { return alterStatuses(hotInstance(sql), i) })))
	if s.mariadb != nil {
		w.mariadb = w.at(manyConnections, "MariaDB: one UPDATE of two rows", s.mariadb,
			changing(s.mariadb, scriptsOf(func(i int) [][]byte { return updateHotStatuses(hotInstance(sql), i) })))
	}
	if s.etcd != nil {
		w.etcd = w.at(manyConnections, "etcd: get, then put if unchanged", s.etcd, withEtcd(s.etcd, func(i int, c *etcdClient) operation {
			return updatingStatus(c, hotInstance(rest), i)
		}))
	}
	return w
}

func newMoving(s *servers) crowding {
	w := crowding{least: 17_000, work: &work{id: "W3", title: "Adding and dropping nodes, one hot instance", synced: true, notes: []string{
		"Each connection adds a node to its own cluster of one instance like that of W2h, and drops it again: two operations.",
		"MariaDB inserts the row of a node and deletes it, a statement each, which checks less: no name of a node is looked for in other instances.",
		"etcd adds the node to the instance's document and drops it as in W2h.",
	}}}
	w.rest = w.at(manyConnections, "Roster, REST: add_node, drop_node", s.roster, overHTTP(s.roster, scriptsOf(func(i int) [][]byte {
		return moveNode(crowdedInstance(rest), i, extraNode(crowdedInstance(rest), i))
	})))
	w.sql = w.at(manyConnections, "Roster, SQL: ALTER CLUSTER ADD NODE, DROP NODE", s.roster, overSQL(s.roster, scriptsOf(func(i int) [][]byte {
		return alterNode(crowdedInstance(sql), i, extraNode(crowdedInstance(sql), i))
	})))
	if s.mariadb != nil {
		w.mariadb = w.at(manyConnections, "MariaDB: one INSERT, one DELETE", s.mariadb, changing(s.mariadb, scriptsOf(func(i int) [][]byte {
			return insertNode(hotInstance(sql), i, extraNode(hotInstance(sql), i))
		})))
	}
	if s.etcd != nil {
		w.etcd = w.at(manyConnections, "etcd: get, then put if unchanged", s.etcd, withEtcd(s.etcd, updatingNodes))
	}
	return w
}

func (w crowding) judge(j *judgement) {
	j.figure("operations/s: "+w.rest.title(), w.rest, measurement.throughput, atLeast(w.least))
	j.ratio(w.sql, w.rest, atLeast(0.8))
	for _, peer := range []*cell{w.mariadb, w.etcd} {
		j.beside(w.rest, peer)
		j.beside(w.sql, peer)
	}
}
