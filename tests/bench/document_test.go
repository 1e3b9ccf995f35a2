//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// parsed is what of a document changes.
func parsed(t *testing.T, d document) (statuses []string, nodes []int) {
	t.Helper()
	var content struct {
		Clusters []struct {
			Status string `json:"cluster_status"`
			Nodes  []struct {
				ID string `json:"cloud_unique_id"`
			}
		}
	}
	if err := json.Unmarshal(d, &content); err != nil {
		t.Fatalf("%v: %s", err, d)
	}
	for _, c := range content.Clusters {
		statuses = append(statuses, strings.TrimSpace(c.Status))
		nodes = append(nodes, len(c.Nodes))
	}
	return statuses, nodes
}

func TestDocument(t *testing.T) {
	// With as many clusters, the name of one begins that of another.
	const clusters, changed = 12, 1
	d := newDocument("i", clusters)
	if err := d.setStatus(changed, "SUSPENDED"); err != nil {
		t.Fatal(err)
	}
	n := extraNode("i", changed)
	more, err := d.addNode(changed, n)
	if err != nil {
		t.Fatal(err)
	}
	got, nodes := parsed(t, more)
	for number := range clusters {
		status, count := "NORMAL", nodesPerCluster
		if number == changed {
			status, count = "SUSPENDED", nodesPerCluster+1
		}
		if got[number] != status || nodes[number] != count {
			t.Errorf("cluster %d is %s with %d nodes, want %s with %d", number, got[number], nodes[number], status, count)
		}
	}
	if back, err := more.dropNode(changed, n); err != nil || !bytes.Equal(back, d) {
		t.Errorf("dropping the node that was added: %v\n%s", err, back)
	}
	if _, err := d.dropNode(changed, n); err == nil {
		t.Error("dropping a node that is not there is no error")
	}
	if err := d.setStatus(clusters, "NORMAL"); err == nil {
		t.Error("setting the status of no cluster is no error")
	}
}
