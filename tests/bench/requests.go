//go:build linux

package main

import (
	"fmt"
	"strings"
)

// wellKnownToken is the admin token of a server on loopback without a token file.
const wellKnownToken = "greedisgood9999"

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

func addCluster(instance string, number, nodes int) []byte {
	return post("add_cluster", fmt.Sprintf(`{"instance_id":%q,"cluster":{"cluster_name":%q,"cluster_id":%q,"type":"COMPUTE","nodes":[%s]}}`,
		instance, clusterName(number), clusterID(number), nodesJSON(instance, number, 0, nodes)))
}

// addNodes adds the nodes with the numbers [from, to) to a cluster.
func addNodes(instance string, cluster, from, to int) []byte {
	return alterNodes("add_node", instance, cluster, nodesJSON(instance, cluster, from, to))
}

func alterNodes(route, instance string, cluster int, nodes string) []byte {
	return post(route, fmt.Sprintf(`{"instance_id":%q,"cluster":{"cluster_id":%q,"type":"COMPUTE","nodes":[%s]}}`, instance, clusterID(cluster), nodes))
}

func nodesJSON(instance string, cluster, from, to int) string {
	var all []string
	for number := from; number < to; number++ {
		all = append(all, nodeOf(instance, cluster, number).json())
	}
	return strings.Join(all, ",")
}

func (n node) json() string {
	return fmt.Sprintf(`{"cloud_unique_id":%q,"ip":%q,"heartbeat_port":%d}`, n.id, n.ip, n.port)
}

func getInstance(id string) []byte { return get("get_instance", "&instance_id="+id) }

func setStatus(instance string, cluster int, status string) []byte {
	return post("set_cluster_status", fmt.Sprintf(`{"instance_id":%q,"cluster":{"cluster_id":%q,"cluster_status":%q}}`, instance, clusterID(cluster), status))
}

// setStatuses suspends a new cluster and resumes it.
func setStatuses(instance string, cluster int) (requests [][]byte) {
	for _, status := range statuses {
		requests = append(requests, setStatus(instance, cluster, status))
	}
	return requests
}

// moveNode adds a node to a cluster and drops it.
func moveNode(instance string, cluster int, n node) [][]byte {
	return [][]byte{alterNodes("add_node", instance, cluster, n.json()), alterNodes("drop_node", instance, cluster, n.json())}
}

// getStatuses asks for the clusters of a number of instances.
func getStatuses(instances []string) []byte {
	return post("get_cluster_status", `{"instance_ids":["`+strings.Join(instances, `","`)+`"]}`)
}
