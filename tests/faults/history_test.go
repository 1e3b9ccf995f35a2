package faults

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"roster/core"
	"roster/core/metakey"
	pb "roster/core/metapb"
	"roster/tikvstore/embedded"
)

// key tells requests apart. Secrets are not in it, since history does not keep
// them.
func (op operation) key() string {
	if req, ok := op.request.(*pb.AlterClusterRequest); ok {
		raw, _ := proto.MarshalOptions{Deterministic: true}.Marshal(req)
		return op.route + string(raw)
	}
	return op.route
}

// readHistory is all that was done to an instance, in order, from the directory
// of a stopped server.
func readHistory(t *testing.T, dir, instance string) (history []operation) {
	t.Helper()
	start, end := metakey.HistoryRange(instance)
	inStore(t, dir, func(store *embedded.Store) error {
		return store.View(t.Context(), core.ViewOptions{}, func(r core.Reader) error {
			for rest := (&core.Range{Start: start, End: end}); rest != nil; {
				page, err := r.Scan(*rest)
				if err != nil {
					return err
				}
				for _, item := range page.Items {
					op, err := recorded(item)
					if err != nil {
						return err
					}
					history = append(history, op)
				}
				rest = page.Rest
			}
			return nil
		})
	})
	return history
}

// recorded is the operation that a history record is the trace of.
func recorded(item core.Item) (operation, error) {
	record := new(pb.HistoryPB)
	if err := proto.Unmarshal(item.Value, record); err != nil {
		return operation{}, fmt.Errorf("history record %x: %w", item.Key, err)
	}
	id := record.GetInstanceId()
	if record.GetOperation() == "create_instance" {
		return createInstance(id), nil
	}
	req := new(pb.AlterClusterRequest)
	if err := protojson.Unmarshal([]byte(record.GetRequest()), req); err != nil {
		return operation{}, fmt.Errorf("the request of history record %x: %w", item.Key, err)
	}
	c := req.GetCluster()
	switch record.GetOperation() {
	case "add_cluster":
		return addCluster(id, c.GetClusterId(), c.GetClusterName(), c.Nodes...), nil
	case "add_node":
		return addNodes(id, c.GetClusterId(), c.Nodes...), nil
	case "rename_cluster":
		return renameCluster(id, c.GetClusterId(), c.GetClusterName()), nil
	case "set_cluster_status":
		return setStatus(id, c.GetClusterId(), c.GetClusterStatus()), nil
	case "update_cluster_mysql_user_name":
		return setUsers(id, c.GetClusterId(), c.MysqlUserName...), nil
	}
	return operation{}, fmt.Errorf("history record %x is of operation %q, which nobody asked for", item.Key, record.GetOperation())
}

// replay is the document that a history leads to. An operation that was not
// possible when its turn came is an error.
func replay(history []operation) (doc *pb.InstanceInfoPB, err error) {
	for i, op := range history {
		if !possible(op, doc) {
			return nil, fmt.Errorf("record %d of the history of %s is not possible on what the ones before it leave: %v", i, op.instance, op.request)
		}
		doc = op.after(doc)
	}
	return doc, nil
}

func possible(op operation, doc *pb.InstanceInfoPB) bool {
	if op.route == "create_instance" {
		return doc == nil
	}
	req, ok := op.request.(*pb.AlterClusterRequest)
	if !ok || doc == nil {
		return false
	}
	cluster := findCluster(doc, req.GetCluster().GetClusterId())
	switch op.route {
	case "add_cluster":
		return cluster == nil
	case "set_cluster_status":
		return cluster != nil && following[cluster.GetClusterStatus()] == req.GetCluster().GetClusterStatus()
	}
	return cluster != nil
}

// inStore opens the store of a stopped server.
func inStore(t *testing.T, dir string, use func(*embedded.Store) error) {
	t.Helper()
	store, err := embedded.Open(embedded.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := use(store); err != nil {
		t.Error(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}
