package matrix

import (
	"context"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"roster/core"
)

// call is one operation with its request; $I in it stands for the instance.
type call func(ctx context.Context, api core.API, instance string) error

// operation is a mutating operation and the calls that make an instance ready.
type operation struct {
	name    string
	prepare []call
	call    call
	// records are those it may change besides the instance.
	records []core.KeyQuery
}

func sending[T any, M interface {
	*T
	proto.Message
}](f func(core.API, context.Context, M) error, body string) call {
	return func(ctx context.Context, api core.API, instance string) error {
		req := M(new(T))
		if err := protojson.Unmarshal([]byte(strings.ReplaceAll(body, "$I", instance)), req); err != nil {
			return err
		}
		return f(api, ctx, req)
	}
}

func discarding[M, R any](f func(core.API, context.Context, M) (R, error)) func(core.API, context.Context, M) error {
	return func(api core.API, ctx context.Context, req M) error {
		_, err := f(api, ctx, req)
		return err
	}
}

func putting(q core.KeyQuery, text string) call {
	return func(ctx context.Context, api core.API, instance string) error {
		_, err := api.SetValue(ctx, of(q, instance), []byte(text))
		return err
	}
}

// record is the query of a record: params are "name=value name=value".
func record(keyType, params string) core.KeyQuery {
	q := core.KeyQuery{Type: keyType, Params: map[string]string{}}
	for _, p := range strings.Fields(params) {
		name, value, _ := strings.Cut(p, "=")
		q.Params[name] = value
	}
	return q
}

// of is a query about the records of an instance.
func of(q core.KeyQuery, instance string) core.KeyQuery {
	params := map[string]string{"instance_id": instance}
	for name, value := range q.Params {
		params[name] = value
	}
	return core.KeyQuery{Type: q.Type, Params: params}
}

const (
	cluster = `"cluster":{"cluster_id":"c1","cluster_name":"c1","type":"COMPUTE"`
	node    = `{"cloud_unique_id":"1:$I:n1","ip":"10.0.0.1","heartbeat_port":9050}`
	store   = `{"ak":"ak","sk":"sk","bucket":"b","prefix":"p","endpoint":"e","region":"r","external_endpoint":"x","provider":"S3","user_id":"bucket_user"}`
	tablet  = `{"db_id":"10","table_id":"11","index_id":"14","partition_id":"12","tablet_id":"13"}`
)

var (
	create     = sending(core.API.CreateInstance, `{"instance_id":"$I","user_id":"u","obj_info":`+store+`}`)
	addCluster = sending(core.API.AddCluster, `{"instance_id":"$I",`+cluster+`,"nodes":[`+node+`]}}`)

	txnIndex   = record("TxnIndexKey", "txn_id=20")
	txnInfo    = record("TxnInfoKey", "db_id=10 txn_id=20")
	txnRunning = record("TxnRunningKey", "db_id=10 txn_id=20")
	txnRecycle = record("RecycleTxnKey", "db_id=10 txn_id=20")
	tabletIdx  = record("MetaTabletIdxKey", "tablet_id=13")
	tabletJob  = record("JobTabletKey", "table_id=11 index_id=14 part_id=12 tablet_id=13")
)

// operations are all of core.API that change something.
var operations = []operation{
	{name: "create_instance", call: create},
	{name: "drop_instance", prepare: []call{create}, call: sending(core.API.DropInstance, `{"instance_id":"$I"}`)},
	{name: "set_instance_status", prepare: []call{create}, call: sending(core.API.SetInstanceStatus, `{"instance_id":"$I","op":"SET_OVERDUE"}`)},
	{name: "enable_instance_sse", prepare: []call{create}, call: sending(core.API.EnableInstanceSSE, `{"instance_id":"$I"}`)},
	{name: "disable_instance_sse", prepare: []call{create, sending(core.API.EnableInstanceSSE, `{"instance_id":"$I"}`)},
		call: sending(core.API.DisableInstanceSSE, `{"instance_id":"$I"}`)},
	{name: "add_cluster", prepare: []call{create}, call: addCluster},
	{name: "drop_cluster", prepare: []call{create, addCluster}, call: sending(core.API.DropCluster, `{"instance_id":"$I","cluster":{"cluster_id":"c1"}}`)},
	{name: "rename_cluster", prepare: []call{create, addCluster},
		call: sending(core.API.RenameCluster, `{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_name":"other"}}`)},
	{name: "update_cluster_mysql_user_name", prepare: []call{create, addCluster},
		call: sending(core.API.UpdateClusterMysqlUserName, `{"instance_id":"$I",`+cluster+`,"mysql_user_name":["ann","bob"]}}`)},
	{name: "set_cluster_status", prepare: []call{create, addCluster},
		call: sending(core.API.SetClusterStatus, `{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_status":"SUSPENDED"}}`)},
	{name: "add_node", prepare: []call{create, addCluster},
		call: sending(core.API.AddNode, `{"instance_id":"$I",`+cluster+`,"nodes":[{"cloud_unique_id":"1:$I:n2","ip":"10.0.0.2","heartbeat_port":9050}]}}`)},
	{name: "drop_node", prepare: []call{create, addCluster}, call: sending(core.API.DropNode, `{"instance_id":"$I",`+cluster+`,"nodes":[`+node+`]}}`)},
	{name: "add_obj_info", prepare: []call{create},
		call: sending(core.API.AddObjInfo, `{"cloud_unique_id":"1:$I:x","obj":{"ak":"ak2","sk":"sk2","bucket":"b2","prefix":"p2","endpoint":"e","region":"r","provider":"S3"}}`)},
	{name: "update_ak_sk", prepare: []call{create},
		call: sending(core.API.UpdateAkSk, `{"instance_id":"$I","internal_bucket_user":[{"user_id":"bucket_user","ak":"ak2","sk":"sk2"}]}`)},
	{name: "legacy_update_ak_sk", prepare: []call{create},
		call: sending(core.API.LegacyUpdateAkSk, `{"cloud_unique_id":"1:$I:x","obj":{"id":"1","ak":"ak2","sk":"sk2"}}`)},
	{name: "abort_txn", records: []core.KeyQuery{txnInfo, txnRunning, txnRecycle},
		prepare: []call{create, putting(txnIndex, `{"tablet_index":{"db_id":"10"}}`),
			putting(txnInfo, `{"db_id":"10","txn_id":"20","label":"l","status":"TXN_STATUS_PREPARED"}`),
			putting(txnRunning, `{"table_ids":["11"],"timeout_time":"99999999999999"}`)},
		call: sending(discarding(core.API.AbortTxn), `{"cloud_unique_id":"1:$I:x","txn_id":20}`)},
	{name: "abort_tablet_job", records: []core.KeyQuery{tabletJob},
		prepare: []call{create, putting(tabletIdx, tablet), putting(tabletJob, `{"idx":`+tablet+`,"compaction":[{"id":"1","type":"BASE"}]}`)},
		call:    sending(discarding(core.API.AbortTabletJob), `{"cloud_unique_id":"1:$I:x","job":{"idx":{"tablet_id":13},"compaction":[{"id":"1"}]}}`)},
	{name: "set_value", records: []core.KeyQuery{txnInfo}, prepare: []call{create, putting(txnInfo, `{"db_id":"10","txn_id":"20","label":"l"}`)},
		call: putting(txnInfo, `{"db_id":"10","txn_id":"20","label":"other"}`)},
}
