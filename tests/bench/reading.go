//go:build linux

package main

import "fmt"

// reading is the work of showing one instance.
type reading struct {
	*work
	rest, sql               pair
	fasthttp, gomysql       pair
	rows, document, etcdGet pair
}

func newReading(s *servers) reading {
	show := s.questions[0]
	r := reading{work: &work{id: "W1", title: "Reading one instance", notes: []string{
		fmt.Sprintf("The instance has %d clusters with %d nodes each. get_instance shows it in %d bytes, and the constant answer of fasthttp has as many.",
			clustersPerInstance, nodesPerCluster, s.shown.read),
		fmt.Sprintf("`%s` answers in %d bytes, and go-mysql answers with the same packets, prepared beforehand: as shipped, it writes each packet"+
			" by itself; coalesced, it writes an answer at once.", show.text, len(show.answer)),
		"MariaDB joins the rows of the instance, its clusters and its nodes: `" + joinedRows.text + "`. Or it reads one column with a JSON document.",
		fmt.Sprintf("etcd gets one document, of %d bytes, by a linearizable read.", len(newDocument(readInstance, clustersPerInstance))),
	}}}
	r.rest = r.both("Roster, REST: get_instance", s.roster, repeating(s.roster, getInstance(readInstance)))
	r.sql = r.both("Roster, SQL: SHOW CLUSTERS", s.roster, asking(s.roster, show))
	for _, q := range s.questions[1:] {
		r.both("Roster, SQL: "+q.name, s.roster, asking(s.roster, q))
	}
	if s.mariadb != nil {
		r.rows = r.both("MariaDB: joined rows", s.mariadb, asking(s.mariadb, joinedRows))
		r.document = r.both("MariaDB: one JSON column", s.mariadb, asking(s.mariadb, jsonColumn))
	}
	if s.etcd != nil {
		r.etcdGet = r.both("etcd: get", s.etcd, withEtcd(s.etcd, readingDocument))
	}
	r.fasthttp = r.both("ceiling: fasthttp, constant answer", s.constant, repeating(s.constant, getInstance(readInstance)))
	r.gomysql = r.both("ceiling: go-mysql, constant answer, coalesced", s.coalesced, asking(s.coalesced, show))
	r.both("ceiling: go-mysql, constant answer, as shipped", s.shipped, asking(s.shipped, show))
	return r
}

func (r reading) judge(j *judgement) {
	j.ratio(r.rest.many, r.fasthttp.many, atLeast(0.70))
	j.ratio(r.sql.many, r.gomysql.many, atLeast(0.60))
	j.ratio(r.rest.one, r.fasthttp.one, atLeast(0.80))
	j.ratio(r.sql.one, r.gomysql.one, atLeast(0.80))
	for _, peer := range []pair{r.rows, r.document, r.etcdGet} {
		for _, own := range []pair{r.rest, r.sql} {
			j.beside(own.many, peer.many)
			j.beside(own.one, peer.one)
		}
	}
}
