//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
)

const setupLimit = 2 * time.Minute

// shown is how large the replies are that show instances.
type shown struct{ read, hot int }

// populate creates the instances the load is about on a fresh server.
func populate(ctx context.Context, server *process) (_ shown, err error) {
	ctx, cancel := context.WithTimeout(ctx, setupLimit)
	defer cancel()
	c, err := server.dialHTTP(ctx, setupLimit)
	if err != nil {
		return shown{}, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	var sizes shown
	if sizes.read, err = createOne(ctx, c, readInstance, clustersPerInstance); err != nil {
		return shown{}, err
	}
	for _, front := range []string{rest, sql} {
		for _, many := range []string{hotInstance(front), crowdedInstance(front)} {
			if sizes.hot, err = createOne(ctx, c, many, manyConnections); err != nil {
				return shown{}, err
			}
		}
		for worker := range manyConnections {
			if _, err := createOne(ctx, c, distinctInstance(front, worker), clustersPerInstance); err != nil {
				return shown{}, err
			}
		}
	}
	return sizes, nil
}

// createOne creates an instance and returns the size of the reply that shows it.
func createOne(ctx context.Context, c *client, instance string, clusters int) (int, error) {
	requests := [][]byte{createInstance(instance)}
	for number := range clusters {
		requests = append(requests, addCluster(instance, number, nodesPerCluster))
	}
	if err := sendAll(ctx, c, requests); err != nil {
		return 0, fmt.Errorf("creating instance %s: %w", instance, err)
	}
	body, err := c.do(getInstance(instance))
	if err != nil {
		return 0, err
	}
	if n := bytes.Count(body, []byte(`"heartbeat_port"`)); n != clusters*nodesPerCluster {
		return 0, fmt.Errorf("instance %s shows %d nodes, want %d", instance, n, clusters*nodesPerCluster)
	}
	return len(body), nil
}

func sendAll(ctx context.Context, c *client, requests [][]byte) error {
	for _, request := range requests {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := c.do(request); err != nil {
			return err
		}
	}
	return nil
}
