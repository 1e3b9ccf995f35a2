//go:build cluster

package replicas

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	"roster/core"
	pb "roster/core/metapb"
)

// operation is a change of an instance.
type operation struct {
	name string
	// prepare makes what it needs besides an instance with a cluster of one node;
	// nil needs nothing.
	prepare func(ctx context.Context, api core.API, instance string) error
	send    func(ctx context.Context, api core.API, instance string) error
	// record is what it changes besides the instance, nil for nothing.
	record func(instance string) core.KeyQuery
	// fresh is one that needs the instance not to be there.
	fresh bool
}

// operations are all that change something.
var operations = []operation{
	{name: "create_instance", fresh: true, send: func(ctx context.Context, api core.API, id string) error {
		return api.CreateInstance(ctx, &pb.CreateInstanceRequest{InstanceId: &id, UserId: new("user"), ObjInfo: objectStore("p1")})
	}},
	{name: "drop_instance", prepare: dropCluster, send: func(ctx context.Context, api core.API, id string) error {
		return api.DropInstance(ctx, &pb.AlterInstanceRequest{InstanceId: &id})
	}},
	{name: "set_instance_status", send: func(ctx context.Context, api core.API, id string) error {
		return api.SetInstanceStatus(ctx, &pb.AlterInstanceRequest{InstanceId: &id, Op: pb.AlterInstanceRequest_SET_OVERDUE.Enum()})
	}},
	{name: "enable_instance_sse", send: enableSSE},
	{name: "disable_instance_sse", prepare: enableSSE, send: func(ctx context.Context, api core.API, id string) error {
		return api.DisableInstanceSSE(ctx, &pb.AlterInstanceRequest{InstanceId: &id})
	}},
	{name: "add_cluster", send: func(ctx context.Context, api core.API, id string) error {
		req := onCluster(id, node(id, 2))
		req.Cluster.ClusterId, req.Cluster.ClusterName = new("second"), new("second")
		return api.AddCluster(ctx, req)
	}},
	{name: "drop_cluster", send: dropCluster},
	{name: "rename_cluster", send: func(ctx context.Context, api core.API, id string) error {
		req := onCluster(id)
		req.Cluster.ClusterName = new("renamed")
		return api.RenameCluster(ctx, req)
	}},
	{name: "update_cluster_mysql_user_name", send: func(ctx context.Context, api core.API, id string) error {
		req := onCluster(id)
		req.Cluster.MysqlUserName = []string{"ann", "bob"}
		return api.UpdateClusterMysqlUserName(ctx, req)
	}},
	{name: "set_cluster_status", send: func(ctx context.Context, api core.API, id string) error {
		req := onCluster(id)
		req.Cluster.ClusterStatus = pb.ClusterStatus_SUSPENDED.Enum()
		return api.SetClusterStatus(ctx, req)
	}},
	{name: "add_node", send: func(ctx context.Context, api core.API, id string) error {
		return api.AddNode(ctx, onCluster(id, node(id, 2)))
	}},
	{name: "drop_node", send: func(ctx context.Context, api core.API, id string) error {
		return api.DropNode(ctx, onCluster(id, node(id, 1)))
	}},
	{name: "add_obj_info", send: func(ctx context.Context, api core.API, id string) error {
		return api.AddObjInfo(ctx, &pb.AlterObjStoreInfoRequest{CloudUniqueId: new("1:" + id + ":any"), Obj: objectStore("p2")})
	}},
	{name: "update_ak_sk", send: func(ctx context.Context, api core.API, id string) error {
		return api.UpdateAkSk(ctx, &pb.UpdateAkSkRequest{InstanceId: &id,
			InternalBucketUser: []*pb.RamUserPB{{UserId: new("bucket_user"), Ak: new("new"), Sk: new("new")}}})
	}},
	{name: "legacy_update_ak_sk", send: func(ctx context.Context, api core.API, id string) error {
		return api.LegacyUpdateAkSk(ctx, &pb.AlterObjStoreInfoRequest{CloudUniqueId: new("1:" + id + ":any"),
			Obj: &pb.ObjectStoreInfoPB{Id: new("1"), Ak: new("new"), Sk: new("new")}})
	}},
	{name: "abort_txn", record: loadTxn, prepare: beginLoad, send: func(ctx context.Context, api core.API, id string) error {
		_, err := api.AbortTxn(ctx, &pb.AbortTxnRequest{CloudUniqueId: new("1:" + id + ":any"), TxnId: new(int64(20))})
		return err
	}},
	{name: "abort_tablet_job", record: tabletJob, prepare: beginJob, send: func(ctx context.Context, api core.API, id string) error {
		req := new(pb.FinishTabletJobRequest)
		if err := protojson.Unmarshal([]byte(`{"cloud_unique_id":"1:`+id+`:any","job":{"idx":`+tablet+`,"compaction":[{"id":"7"}]}}`), req); err != nil {
			return err
		}
		_, err := api.AbortTabletJob(ctx, req)
		return err
	}},
	{name: "set_value", record: loadTxn, send: func(ctx context.Context, api core.API, id string) error {
		_, err := api.SetValue(ctx, loadTxn(id), []byte(`{"db_id":"10","txn_id":"20","label":"set"}`))
		return err
	}},
}

func enableSSE(ctx context.Context, api core.API, id string) error {
	return api.EnableInstanceSSE(ctx, &pb.AlterInstanceRequest{InstanceId: &id})
}

func dropCluster(ctx context.Context, api core.API, id string) error {
	return api.DropCluster(ctx, onCluster(id))
}

const tablet = `{"db_id":"10","table_id":"11","index_id":"14","partition_id":"12","tablet_id":"13"}`

// record names a record of an instance: params are "name=value name=value".
func record(instance, keyType, params string) core.KeyQuery {
	q := core.KeyQuery{Type: keyType, Params: map[string]string{"instance_id": instance}}
	for _, p := range strings.Fields(params) {
		name, value, _ := strings.Cut(p, "=")
		q.Params[name] = value
	}
	return q
}

func loadTxn(instance string) core.KeyQuery {
	return record(instance, "TxnInfoKey", "db_id=10 txn_id=20")
}

func tabletJob(instance string) core.KeyQuery {
	return record(instance, "JobTabletKey", "table_id=11 index_id=14 part_id=12 tablet_id=13")
}

func beginLoad(ctx context.Context, api core.API, id string) error {
	return put(ctx, api, map[*core.KeyQuery]string{
		new(record(id, "TxnIndexKey", "txn_id=20")): `{"tablet_index":{"db_id":"10"}}`,
		new(loadTxn(id)): `{"db_id":"10","txn_id":"20","label":"l","status":"TXN_STATUS_PREPARED"}`,
		new(record(id, "TxnRunningKey", "db_id=10 txn_id=20")): `{"table_ids":["11"],"timeout_time":"99999999999999"}`,
	})
}

func beginJob(ctx context.Context, api core.API, id string) error {
	return put(ctx, api, map[*core.KeyQuery]string{
		new(record(id, "MetaTabletIdxKey", "tablet_id=13")): tablet,
		new(tabletJob(id)): `{"idx":` + tablet + `,"compaction":[{"id":"7"},{"id":"8"}]}`,
	})
}

func put(ctx context.Context, api core.API, records map[*core.KeyQuery]string) error {
	for q, text := range records {
		if _, err := api.SetValue(ctx, *q, []byte(text)); err != nil {
			return fmt.Errorf("set_value %s: %w", q.Type, err)
		}
	}
	return nil
}

// state is all that the operation may change, as text.
func (op operation) state(ctx context.Context, api core.API, instance string) (string, error) {
	queries := []core.KeyQuery{record(instance, "InstanceKey", "")}
	if op.record != nil {
		queries = append(queries, op.record(instance))
	}
	var all strings.Builder
	for _, q := range queries {
		text, err := api.GetValue(ctx, q)
		if err != nil && !strings.Contains(err.Error(), "kv not found") {
			return "", err
		}
		fmt.Fprintln(&all, text)
	}
	return all.String(), nil
}

// ready makes what the operation needs.
func (op operation) ready(t *testing.T, api core.API, instance string) {
	t.Helper()
	if op.fresh {
		return
	}
	create(t, api, instance)
	if op.prepare != nil {
		if err := op.prepare(t.Context(), api, instance); err != nil {
			t.Fatal(err)
		}
	}
}
