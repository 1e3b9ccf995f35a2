//go:build linux

package main

import "fmt"

// listing is the work of showing the clusters of very many instances.
type listing struct {
	*work
	rest, sql, query, mariadb, etcd *cell
}

func newListing(s *servers) listing {
	server := s.crowds[listedInstances]
	show := &question{text: "SHOW CLUSTERS IN ALL INSTANCES", rows: listedInstances}
	query := &question{text: "SELECT instance_id, cluster_name, cluster_id, type, status, node_count FROM roster.clusters", rows: listedInstances}
	l := listing{work: &work{id: "W4", title: fmt.Sprintf("Listing the clusters of %d instances", listedInstances), notes: []string{
		fmt.Sprintf("Each instance has one cluster of %d nodes; an operation is the whole list.", nodesPerCluster),
		fmt.Sprintf("get_cluster_status takes %d instances at a time: a list is %d calls.", listedAtOnce, listedInstances/listedAtOnce),
		"Over SQL: `" + show.text + "`, and `" + query.text + "`. MariaDB: `" + listedRows.text + "`.",
		"etcd reads the range of the documents, which nobody takes apart.",
	}}}
	l.rest = l.at(1, "Roster, REST: get_cluster_status", server, calling(server, statusRequests()))
	l.sql = l.at(1, "Roster, SQL: SHOW CLUSTERS IN ALL INSTANCES", server, asking(server, show))
	l.query = l.at(1, "Roster, SQL: SELECT", server, asking(server, query))
	if s.mariadb != nil {
		l.mariadb = l.at(1, "MariaDB: SELECT", s.mariadb, asking(s.mariadb, listedRows))
	}
	if s.etcd != nil {
		l.etcd = l.at(1, "etcd: range", s.etcd, withEtcd(s.etcd, listingDocuments))
	}
	return l
}

// listedAtOnce is the most instances that get_cluster_status takes.
const listedAtOnce = 1000

// statusRequests list the clusters of all listed instances.
func statusRequests() (requests [][]byte) {
	var ids []string
	for number := range listedInstances {
		ids = append(ids, crowdID(number))
		if len(ids) == listedAtOnce {
			requests = append(requests, getStatuses(ids))
			ids = nil
		}
	}
	return requests
}

func (l listing) judge(j *judgement) {
	j.ratio(l.rest, l.mariadb, atLeast(1.5))
	j.ratio(l.sql, l.mariadb, atLeast(1.5))
	for _, own := range []*cell{l.rest, l.sql, l.query} {
		j.beside(own, l.mariadb)
		j.beside(own, l.etcd)
	}
}
