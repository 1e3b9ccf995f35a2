//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

var mariadbTables = []string{
	"CREATE DATABASE bench",
	`CREATE TABLE bench.instances (instance_id VARCHAR(64) PRIMARY KEY, name VARCHAR(64), user_id VARCHAR(64), status VARCHAR(16),
		ctime BIGINT, mtime BIGINT, version BIGINT)`,
	`CREATE TABLE bench.clusters (instance_id VARCHAR(64), cluster_id VARCHAR(64), cluster_name VARCHAR(64), type VARCHAR(16),
		status VARCHAR(16), nodes INT, users VARCHAR(64), ctime BIGINT, mtime BIGINT, PRIMARY KEY (instance_id, cluster_id))`,
	`CREATE TABLE bench.nodes (instance_id VARCHAR(64), cluster_id VARCHAR(64), node_id VARCHAR(96), ip VARCHAR(64), port INT,
		ctime BIGINT, mtime BIGINT, PRIMARY KEY (instance_id, cluster_id, node_id), UNIQUE (node_id))`,
	"CREATE TABLE bench.documents (instance_id VARCHAR(64) PRIMARY KEY, document JSON)",
	"CREATE TABLE bench.listed LIKE bench.clusters",
}

// fillMariaDB checks the settings, and creates the rows the load is about.
func fillMariaDB(ctx context.Context, p *process) (err error) {
	c, err := p.dialSQL(ctx, setupLimit)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := checkMariaDB(func(name string) (string, error) { return c.value("SELECT @@" + name) }); err != nil {
		return err
	}
	for _, statement := range mariadbTables {
		if err := c.exec(sqlQuery(statement)); err != nil {
			return err
		}
	}
	rows := newInserts(c)
	rows.instance(readInstance, clustersPerInstance)
	rows.instance(hotInstance(sql), manyConnections)
	for worker := range manyConnections {
		rows.instance(distinctInstance(sql, worker), clustersPerInstance)
	}
	for number := range listedInstances {
		rows.cluster("listed", crowdID(number), 0)
	}
	document := newDocument(readInstance, clustersPerInstance)
	rows.add("documents", "('%s','%s')", readInstance, document)
	return rows.flush()
}

// inserts collects rows and sends many in a statement.
type inserts struct {
	c       *sqlClient
	waiting map[string][]string
	err     error
}

const rowsPerInsert = 1000

func newInserts(c *sqlClient) *inserts { return &inserts{c: c, waiting: map[string][]string{}} }

func (r *inserts) instance(id string, clusters int) {
	r.add("instances", "('%s','bench','bench','NORMAL',0,0,0)", id)
	for number := range clusters {
		r.cluster("clusters", id, number)
		for i := range nodesPerCluster {
			n := nodeOf(id, number, i)
			r.add("nodes", "('%s','%s','%s','%s',%d,0,0)", id, clusterID(number), n.id, n.ip, n.port)
		}
	}
}

func (r *inserts) cluster(table, instance string, number int) {
	r.add(table, "('%s','%s','%s','COMPUTE','NORMAL',%d,'',0,0)", instance, clusterID(number), clusterName(number), nodesPerCluster)
}

func (r *inserts) add(table, format string, args ...any) {
	r.waiting[table] = append(r.waiting[table], fmt.Sprintf(format, args...))
	if len(r.waiting[table]) == rowsPerInsert {
		r.insert(table)
	}
}

func (r *inserts) insert(table string) {
	if r.err == nil {
		r.err = r.c.exec(sqlQuery("INSERT INTO bench." + table + " VALUES " + strings.Join(r.waiting[table], ",")))
	}
	r.waiting[table] = nil
}

func (r *inserts) flush() error {
	for table, rows := range r.waiting {
		if len(rows) > 0 {
			r.insert(table)
		}
	}
	return r.err
}
