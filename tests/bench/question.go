//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
)

// question is a statement that answers with rows, the same ones each time.
type question struct {
	name, text string
	// values are those of its ?, when it is prepared.
	values []string
	// rows and answer are what the server measured answers with; no answer for one
	// whose length may differ.
	rows   int
	answer []byte
}

const showClusters = "SHOW CLUSTERS"

// newQuestions asks each once.
func newQuestions(ctx context.Context, server *process) (_ []*question, err error) {
	const point = "SELECT cluster_id, cluster_name, type, status, node_count FROM roster.clusters WHERE instance_id = %s AND cluster_id = %s"
	all := []*question{
		{name: showClusters, text: "SHOW CLUSTERS IN INSTANCE " + readInstance, rows: clustersPerInstance},
		{name: "point SELECT", text: fmt.Sprintf(point, "'"+readInstance+"'", "'"+clusterID(2)+"'"), rows: 1},
		{name: "point SELECT, prepared", text: fmt.Sprintf(point, "?", "?"), values: []string{readInstance, clusterID(2)}, rows: 1},
	}
	c, err := server.dialSQL(ctx, setupLimit)
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
	if err == nil && (rows != q.rows || q.answer != nil && size != len(q.answer)) {
		err = fmt.Errorf("%d rows in %d bytes, want %d in %d", rows, size, q.rows, len(q.answer))
	}
	return err
}

// asking has each worker ask a server the question.
func asking(server *process, q *question) opener {
	return connected(server.dialSQL, func(_ int, c *sqlClient) (operation, error) {
		command, err := q.command(c)
		return func() error { return q.ask(c, command) }, err
	})
}
