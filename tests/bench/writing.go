//go:build linux

package main

import "fmt"

// writing is the work of setting the status of a cluster, each time to another one.
// Each connection has an instance of its own.
type writing struct {
	*work
	rest, sql                 pair
	mariadb, etcdTxn, etcdPut pair
}

func newWriting(s *servers) writing {
	w := writing{work: &work{id: "W2", title: "A durable change of status, distinct instances", synced: true, notes: []string{
		fmt.Sprintf("Each connection suspends and resumes a cluster of its own instance of %d clusters with %d nodes each.", clustersPerInstance, nodesPerCluster),
		"MariaDB runs one UPDATE of the cluster's row, in a transaction of its own.",
		"etcd reads the instance's document, changes the status, and writes the document if nobody else has meanwhile; or it writes a document" +
			" that the client knew without reading it.",
		"The ceiling appends 2 KB to a file and waits for fdatasync; writers that wait at the same time share both.",
	}}}
	w.rest = w.both("Roster, REST: set_cluster_status", s.roster,
		overHTTP(s.roster, scriptsOf(func(i int) [][]byte { return setStatuses(distinctInstance(rest, i), 0) })))
	w.sql = w.both("Roster, SQL: ALTER CLUSTER SET STATUS", s.roster,
		overSQL(s.roster, scriptsOf(func(i int) [][]byte { return alterStatuses(distinctInstance(sql, i), 0) })))
	if s.mariadb != nil {
		w.mariadb = w.both("MariaDB: one UPDATE", s.mariadb,
			changing(s.mariadb, scriptsOf(func(i int) [][]byte { return updateStatuses(distinctInstance(sql, i), 0) })))
	}
	if s.etcd != nil {
		w.etcdPut = w.both("etcd: one put", s.etcd, withEtcd(s.etcd, puttingDocument))
		w.etcdTxn = w.both("etcd: get, then put if unchanged", s.etcd, withEtcd(s.etcd, func(i int, c *etcdClient) operation {
			return updatingStatus(c, distinctInstance(rest, i), 0)
		}))
	}
	w.both("ceiling: 2 KB appends, fdatasync", nil, toDisk(s.dir))
	return w
}

func (w writing) judge(j *judgement) {
	j.ratio(w.rest.many, w.mariadb.many, atLeast(1.3))
	j.ratio(w.rest.many, w.etcdPut.many, atLeast(3))
	j.ratio(w.rest.one, w.mariadb.one, atLeast(1))
	j.ratio(w.sql.many, w.rest.many, atLeast(0.8))
	j.ratio(w.sql.one, w.rest.one, atLeast(0.8))
	for _, c := range []*cell{w.rest.many, w.sql.many} {
		j.figure("syncs per acknowledged write: "+c.title(), c, measurement.durable, below(0.1))
		j.figure("syncs per acknowledged write: "+c.title(), c, measurement.durable, above(0))
	}
	for _, peer := range []pair{w.mariadb, w.etcdPut, w.etcdTxn} {
		for _, own := range []pair{w.rest, w.sql} {
			j.beside(own.many, peer.many)
			j.beside(own.one, peer.one)
		}
	}
}
