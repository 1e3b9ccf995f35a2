//go:build linux

package main

import (
	"bytes"
	"fmt"
	"strings"
)

// document is an instance as one JSON text, as a program would keep it in a store of
// keys and values.
type document []byte

// A status has the same width always, so that a change needs no more than a search
// and a copy.
const statusWidth = 9

func padded(status string) string { return fmt.Sprintf("%-*s", statusWidth, status) }

func newDocument(instance string, clusters int) document {
	var all []string
	for number := range clusters {
		all = append(all, fmt.Sprintf(`{"cluster_id":%q,"cluster_name":%q,"type":"COMPUTE","cluster_status":%q,"nodes":[%s]}`,
			clusterID(number), clusterName(number), padded(statuses[1]), nodesJSON(instance, number, 0, nodesPerCluster)))
	}
	return fmt.Appendf(nil, `{"instance_id":%q,"name":"bench","user_id":"bench","status":"NORMAL","clusters":[%s]}`, instance, strings.Join(all, ","))
}

// within finds a mark of a cluster: its end.
func (d document) within(cluster int, mark string) (int, error) {
	from := bytes.Index(d, []byte(`{"cluster_id":"`+clusterID(cluster)+`"`))
	if from >= 0 {
		if at := bytes.Index(d[from:], []byte(mark)); at >= 0 {
			return from + at + len(mark), nil
		}
	}
	return 0, fmt.Errorf("the document has no %s of cluster %d", mark, cluster)
}

// setStatus changes the status of a cluster in place.
func (d document) setStatus(cluster int, status string) error {
	at, err := d.within(cluster, `"cluster_status":"`)
	if err == nil {
		copy(d[at:], padded(status))
	}
	return err
}

// addNode is the document with one node more.
func (d document) addNode(cluster int, n node) (document, error) {
	at, err := d.within(cluster, `"nodes":[`)
	if err != nil {
		return nil, err
	}
	return bytes.Join([][]byte{d[:at], []byte(n.json()), []byte(","), d[at:]}, nil), nil
}

// dropNode is the document without a node that addNode added.
func (d document) dropNode(cluster int, n node) (document, error) {
	text := n.json() + ","
	at, err := d.within(cluster, text)
	if err != nil {
		return nil, err
	}
	return append(bytes.Clone(d[:at-len(text)]), d[at:]...), nil
}
