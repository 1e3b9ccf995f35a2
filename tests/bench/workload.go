//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The shape of the documents the load is about.
const (
	clustersPerInstance = 5
	nodesPerCluster     = 3
	manyConnections     = 64
)

// wellKnownToken is the admin token of a server on loopback without a token file.
const wellKnownToken = "greedisgood9999"

// script is what one connection sends, over and over. It is kept across runs
// since the status a cluster was left in decides which request is next.
type script struct {
	requests [][]byte
	next     int
}

func (s *script) play(c *client) error {
	if _, err := c.do(s.requests[s.next]); err != nil {
		return err
	}
	s.next = (s.next + 1) % len(s.requests)
	return nil
}

// get and post are requests of the REST API, ready to send.
func get(route, query string) []byte {
	return fmt.Appendf(nil, "GET /MetaService/http/v1/%s?token=%s%s HTTP/1.1\r\nHost: localhost\r\n\r\n", route, wellKnownToken, query)
}

func post(route, body string) []byte {
	return fmt.Appendf(nil, "POST /MetaService/http/v1/%s?token=%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s",
		route, wellKnownToken, len(body), body)
}

func createInstance(id string) []byte {
	return post("create_instance", fmt.Sprintf(`{"instance_id":%q,"name":"bench","user_id":"bench","obj_info":{"ak":"test-ak1","sk":"test-sk1",`+
		`"bucket":"test-bucket","prefix":"test-prefix","endpoint":"test-endpoint","region":"test-region","provider":"OBS"}}`, id))
}

func addCluster(instance string, number int) []byte {
	var nodes []string
	for node := range nodesPerCluster {
		nodes = append(nodes, fmt.Sprintf(`{"cloud_unique_id":"1:%s:node-%d-%d","ip":"10.0.%d.%d","heartbeat_port":9050}`,
			instance, number, node, number, node+1))
	}
	return post("add_cluster", fmt.Sprintf(`{"instance_id":%q,"cluster":{"cluster_name":"cluster_%d","cluster_id":%q,"type":"COMPUTE","nodes":[%s]}}`,
		instance, number, clusterID(number), strings.Join(nodes, ",")))
}

func clusterID(number int) string { return fmt.Sprintf("cluster_id_%d", number) }

func getInstance(id string) []byte { return get("get_instance", "&instance_id="+id) }

// toggle suspends a new cluster and resumes it.
func toggle(instance string, cluster int) *script {
	s := &script{}
	for _, status := range []string{"SUSPENDED", "NORMAL"} {
		s.requests = append(s.requests, post("set_cluster_status",
			fmt.Sprintf(`{"instance_id":%q,"cluster":{"cluster_id":%q,"cluster_status":%q}}`, instance, clusterID(cluster), status)))
	}
	return s
}

// workload is what the connections of each REST measurement send.
type workload struct {
	read     []*script
	distinct []*script
	hot      []*script
	// readBytes and hotBytes are the sizes of the replies that show the instance
	// that is read and the one all write to.
	readBytes, hotBytes int
}

const (
	readInstance = "read"
	hotInstance  = "hot"
	setupLimit   = 2 * time.Minute
)

// newWorkload creates the instances on a fresh server.
func newWorkload(ctx context.Context, addr string) (_ *workload, err error) {
	ctx, cancel := context.WithTimeout(ctx, setupLimit)
	defer cancel()
	c, err := dial(ctx, addr, setupLimit)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	w := &workload{}
	if w.readBytes, err = populate(ctx, c, readInstance, clustersPerInstance); err != nil {
		return nil, err
	}
	if w.hotBytes, err = populate(ctx, c, hotInstance, manyConnections); err != nil {
		return nil, err
	}
	for i := range manyConnections {
		own := fmt.Sprintf("distinct-%d", i)
		if _, err := populate(ctx, c, own, clustersPerInstance); err != nil {
			return nil, err
		}
		w.read = append(w.read, &script{requests: [][]byte{getInstance(readInstance)}})
		w.distinct = append(w.distinct, toggle(own, 0))
		w.hot = append(w.hot, toggle(hotInstance, i))
	}
	return w, nil
}

// populate creates an instance and returns the size of the reply that shows it.
func populate(ctx context.Context, c *client, instance string, clusters int) (int, error) {
	requests := [][]byte{createInstance(instance)}
	for i := range clusters {
		requests = append(requests, addCluster(instance, i))
	}
	for _, request := range requests {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if _, err := c.do(request); err != nil {
			return 0, fmt.Errorf("creating instance %s: %w", instance, err)
		}
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
