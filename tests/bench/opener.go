//go:build linux

package main

import (
	"context"
	"errors"
	"time"
)

// opener prepares one run of a cell for its workers. The time the run will take at
// most bounds whatever the operations wait for.
type opener func(ctx context.Context, workers int, limit time.Duration) ([]operation, func() error, error)

// connected opens a connection for each worker and asks which operation it has.
func connected[C interface{ close() error }](dial func(context.Context, time.Duration) (C, error), use func(worker int, c C) (operation, error)) opener {
	return func(ctx context.Context, workers int, limit time.Duration) ([]operation, func() error, error) {
		var clients []C
		closeAll := func() (err error) {
			for _, c := range clients {
				err = errors.Join(err, c.close())
			}
			return err
		}
		var operations []operation
		for worker := range workers {
			c, err := dial(ctx, limit)
			if err != nil {
				return nil, nil, errors.Join(err, closeAll())
			}
			clients = append(clients, c)
			op, err := use(worker, c)
			if err != nil {
				return nil, nil, errors.Join(err, closeAll())
			}
			operations = append(operations, op)
		}
		return operations, closeAll, nil
	}
}

// overHTTP has each worker play a script of its own to a server.
func overHTTP(server *process, scripts []*script) opener {
	return connected(server.dialHTTP, func(worker int, c *client) (operation, error) {
		return func() error {
			_, err := c.do(scripts[worker].next())
			return err
		}, nil
	})
}

// repeating has each worker send the same request.
func repeating(server *process, request []byte) opener {
	return calling(server, [][]byte{request})
}

// calling has each worker send a number of requests, which together are one operation.
func calling(server *process, requests [][]byte) opener {
	return connected(server.dialHTTP, func(_ int, c *client) (operation, error) {
		return func() error {
			for _, request := range requests {
				if _, err := c.do(request); err != nil {
					return err
				}
			}
			return nil
		}, nil
	})
}

// overSQL has each worker play a script of statements that change one row at most.
func overSQL(server *process, scripts []*script) opener {
	return connected(server.dialSQL, func(worker int, c *sqlClient) (operation, error) {
		return func() error { return c.exec(scripts[worker].next()) }, nil
	})
}

// toDisk has the workers append to one file below dir.
func toDisk(dir string) opener {
	return func(_ context.Context, workers int, _ time.Duration) ([]operation, func() error, error) {
		a, err := newAppender(dir, workers)
		if err != nil {
			return nil, nil, err
		}
		var operations []operation
		for range workers {
			operations = append(operations, a.writer())
		}
		return operations, a.close, nil
	}
}

func (p *process) dialHTTP(ctx context.Context, limit time.Duration) (*client, error) {
	return dial(ctx, p.addrs[forHTTP], limit)
}

func (p *process) dialSQL(ctx context.Context, limit time.Duration) (*sqlClient, error) {
	return dialSQL(ctx, p.addrs[forSQL], limit)
}
