//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// question is a statement that answers with rows, the same ones each time.
type question struct {
	name, text string
	// values are those of its ?, when it is prepared.
	values []string
	// rows and answer are what the server measured answers with.
	rows   int
	answer []byte
}

const showClusters = "SHOW CLUSTERS"

// newQuestions asks each once.
func newQuestions(ctx context.Context, addr string) (_ []*question, err error) {
	const point = "SELECT cluster_id, cluster_name, type, status, node_count FROM roster.clusters WHERE instance_id = %s AND cluster_id = %s"
	all := []*question{
		{name: showClusters, text: "SHOW CLUSTERS IN INSTANCE " + readInstance, rows: clustersPerInstance},
		{name: "point SELECT", text: fmt.Sprintf(point, "'"+readInstance+"'", "'"+clusterID(2)+"'"), rows: 1},
		{name: "point SELECT, prepared", text: fmt.Sprintf(point, "?", "?"), values: []string{readInstance, clusterID(2)}, rows: 1},
	}
	c, err := dialSQL(ctx, addr, setupLimit)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	for _, q := range all {
		command, err := q.command(c)
		if err != nil {
			return nil, err
		}
		if q.answer, err = c.answerTo(command); err != nil {
			return nil, fmt.Errorf("%s: %w", q.text, err)
		}
	}
	return all, nil
}

// command is what asks it over a connection.
func (q *question) command(c *sqlClient) ([]byte, error) {
	if q.values != nil {
		return c.prepare(q.text, q.values...)
	}
	return sqlQuery(q.text), nil
}

// ask is one question and its answer. An answer of another length than the first
// is an error.
func (q *question) ask(c *sqlClient, command []byte) error {
	rows, size, err := c.do(command)
	if err == nil && (rows != q.rows || size != len(q.answer)) {
		err = fmt.Errorf("%d rows in %d bytes, want %d in %d", rows, size, q.rows, len(q.answer))
	}
	return err
}

// overSQL is a cell whose workers are connections that ask the question.
func overSQL(name string, workers int, server *process, q *question) *cell {
	open := func(ctx context.Context, workers int, limit time.Duration) ([]operation, func() error, error) {
		var clients []*sqlClient
		closeAll := func() (err error) {
			for _, c := range clients {
				err = errors.Join(err, c.close())
			}
			return err
		}
		var operations []operation
		for range workers {
			c, err := dialSQL(ctx, server.addrs[forSQL], limit)
			if err != nil {
				return nil, nil, errors.Join(err, closeAll())
			}
			clients = append(clients, c)
			command, err := q.command(c)
			if err != nil {
				return nil, nil, errors.Join(err, closeAll())
			}
			operations = append(operations, func() error { return q.ask(c, command) })
		}
		return operations, closeAll, nil
	}
	return &cell{name: name, workers: workers, server: server, open: open}
}

// sqlGrid is every cell of a question at one number of connections. The ceilings
// speak the text protocol only.
type sqlGrid struct{ served, shipped, coalesced *cell }

func (g sqlGrid) ceilings() []*cell {
	if g.shipped == nil {
		return nil
	}
	return []*cell{g.shipped, g.coalesced}
}

func newSQLGrid(q *question, workers int, server, shipped, coalesced *process) sqlGrid {
	g := sqlGrid{served: overSQL(q.name, workers, server, q)}
	if q.values == nil {
		g.shipped = overSQL("go-mysql, constant answer to "+q.name, workers, shipped, q)
		g.coalesced = overSQL("go-mysql, constant answer to "+q.name+", coalesced", workers, coalesced, q)
	}
	return g
}

// leastShowClusters is what the project wants of SHOW CLUSTERS at many connections.
const leastShowClusters = 0.5

// compareSQL relates each question to its ceilings.
func compareSQL(all []sqlGrid) []comparison {
	var found []comparison
	for _, g := range all {
		if g.shipped == nil {
			continue
		}
		shipped := comparison{
			text:  fmt.Sprintf("%s: to go-mysql with a constant answer, at %d", g.served.name, g.served.workers),
			ratio: ratio(g.served, g.shipped),
		}
		if g.served.name == showClusters && g.served.workers == manyConnections {
			shipped.atLeast = leastShowClusters
		}
		found = append(found, shipped, comparison{
			text:  fmt.Sprintf("%s: to the same with coalesced writes, at %d", g.served.name, g.served.workers),
			ratio: ratio(g.served, g.coalesced),
		})
	}
	return found
}
