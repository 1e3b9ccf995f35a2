package conformance

import (
	"testing"

	"roster/core"
	pb "roster/core/metapb"
)

// unknownInstanceCases: an instance that does not exist is NotFound whatever
// is asked of it, with the text the existing service has for the operation.
func unknownInstanceCases(t *testing.T, s *suite) {
	const (
		notExisted = "instance not existed, instance_id=$I, err=KeyNotFound"
		failed     = "failed to get instance, instance_id=$I err=KeyNotFound"
		node       = `"nodes":[{"cloud_unique_id":"1:$I:be1","ip":"10.0.0.1","heartbeat_port":9050}]`
		named      = `{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_name":"c1","type":"COMPUTE"`
	)
	cases := []step{
		{op: "drop_instance", body: `{"instance_id":"$I"}`, text: notExisted},
		{op: "set_instance_status", body: `{"instance_id":"$I","op":"SET_OVERDUE"}`, text: notExisted},
		{op: "enable_instance_sse", body: `{"instance_id":"$I"}`, text: notExisted},
		{op: "disable_instance_sse", body: `{"instance_id":"$I"}`, text: notExisted},
		{op: "get_instance", body: `{"instance_id":"$I"}`, text: "failed to get instance, info=" + failed},
		{name: "get_instance by cloud_unique_id", op: "get_instance", body: `{"cloud_unique_id":"1:$I:be1"}`, text: "failed to get instance, info=" + failed},
		{op: "add_cluster", body: named + `,` + node + `}}`, text: "failed to get instance, info " + failed},
		{op: "drop_cluster", body: named + `}}`, text: failed},
		{op: "rename_cluster", body: named + `}}`, text: failed},
		{op: "update_cluster_mysql_user_name", body: named + `,"mysql_user_name":["a"]}}`, text: failed},
		{op: "set_cluster_status", body: named + `,"cluster_status":"SUSPENDED"}}`, text: failed},
		{name: "set_cluster_status by cloud_unique_id", op: "set_cluster_status",
			body: `{"cloud_unique_id":"1:$I:be1","cluster":{"cluster_id":"c1","cluster_status":"SUSPENDED"}}`},
		{op: "add_node", body: named + `,` + node + `}}`, text: failed},
		{op: "drop_node", body: named + `,` + node + `}}`, text: failed},
		{op: "get_cluster", body: `{"instance_id":"$I","cloud_unique_id":"1:$I:be1","cluster_id":"c1"}`, text: failed},
		{name: "get_cluster of all", op: "get_cluster", body: `{"cloud_unique_id":"1:$I:be1"}`, text: failed},
		{op: "get_obj_store_info", body: `{"cloud_unique_id":"1:$I:be1"}`, text: failed},
		{op: "add_obj_info", body: addStore, text: failed},
		{op: "legacy_update_ak_sk", body: `{"cloud_unique_id":"1:$I:be1","obj":{"id":"1","ak":"a","sk":"s"}}`, text: failed},
		{op: "update_ak_sk", body: `{"instance_id":"$I","ram_user":{"user_id":"u","ak":"a","sk":"s"}}`, text: failed},
		{op: "get_tablet_stats", body: `{"cloud_unique_id":"1:$I:be1","tablet_idx":[{"table_id":1,"index_id":2,"partition_id":3,"tablet_id":4}]}`},
		{op: "abort_txn", body: `{"cloud_unique_id":"1:$I:be1","txn_id":1}`},
		{name: "abort_txn by label", op: "abort_txn", body: `{"cloud_unique_id":"1:$I:be1","db_id":1,"label":"l"}`},
		{op: "abort_tablet_job", body: `{"cloud_unique_id":"1:$I:be1","job":{"idx":{"tablet_id":1},"compaction":[{"id":"1"}]}}`},
	}
	for _, c := range cases {
		name := c.name
		if name == "" {
			name = c.op
		}
		check(t, name, func(t *testing.T) {
			id := newID("unknown")
			wantRefusal(t, s.do(t, c.op, fill(id, c.body)), core.NotFound, fill(id, c.text))
		})
	}
	check(t, "get_cluster_status leaves it out", func(t *testing.T) {
		resp, err := s.api.GetClusterStatus(t.Context(), &pb.GetClusterStatusRequest{InstanceIds: []string{newID("unknown")}})
		if err != nil || len(resp.GetDetails()) != 0 {
			t.Errorf("got %v, %v", resp, err)
		}
	})
}

// deletedCases: what each operation answers for a dropped instance.
func deletedCases(t *testing.T, s *suite) {
	const (
		deleted = "instance status has been set delete, plz check it"
		node    = `"nodes":[{"cloud_unique_id":"1:$I:be1","ip":"10.0.0.1","heartbeat_port":9050}]`
		named   = `{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_name":"c1","type":"COMPUTE"`
	)
	s.play(t, scenario{name: "a deleted instance", setup: []step{{op: "drop_instance", body: `{"instance_id":"$I"}`}}, steps: []step{
		{"", "get_instance", `{"instance_id":"$I"}`, core.OK, ""},
		{"", "get_obj_store_info", `{"cloud_unique_id":"1:$I:be1"}`, core.OK, ""},
		{"", "get_cluster", `{"cloud_unique_id":"1:$I:be1"}`, core.NotFound, `fail to get cluster with cloud_unique_id: "1:$I:be1" `},
		{"", "get_cluster_status", `{"instance_ids":["$I"]}`, core.OK, ""},
		{"", "create_instance", newInstance, core.AlreadyExisted, "instance already existed, instance_id=$I"},
		{"", "drop_instance", `{"instance_id":"$I"}`, core.OK, ""},
		{"", "enable_instance_sse", `{"instance_id":"$I"}`, core.OK, ""},
		{"", "disable_instance_sse", `{"instance_id":"$I"}`, core.OK, ""},
		{"", "set_instance_status", `{"instance_id":"$I","op":"SET_NORMAL"}`, core.InvalidArgument,
			"can't set deleted instance to normal, instance_id = $I"},
		{"", "add_cluster", named + `,` + node + `}}`, core.NotFound, deleted},
		{"", "drop_cluster", named + `}}`, core.NotFound, deleted},
		{"", "rename_cluster", named + `}}`, core.InvalidArgument, deleted},
		{"", "update_cluster_mysql_user_name", named + `,"mysql_user_name":["a"]}}`, core.InvalidArgument, deleted},
		{"", "set_cluster_status", named + `,"cluster_status":"SUSPENDED"}}`, core.InvalidArgument, deleted},
		{"", "add_node", named + `,` + node + `}}`, core.InvalidArgument, deleted},
		{"", "drop_node", named + `,` + node + `}}`, core.InvalidArgument, deleted},
		{"", "add_obj_info", addStore, core.NotFound, deleted},
		{"", "legacy_update_ak_sk", `{"cloud_unique_id":"1:$I:be1","obj":{"id":"1","ak":"a","sk":"s"}}`, core.NotFound, deleted},
		{"", "update_ak_sk", `{"instance_id":"$I","internal_bucket_user":[{"user_id":"bucket_user","ak":"a","sk":"s"}]}`, core.NotFound, deleted},
	}})
	check(t, "a deleted instance says so and keeps its object stores", func(t *testing.T) {
		id := s.instance(t)
		s.must(t, "drop_instance", fill(id, `{"instance_id":"$I"}`))
		doc := s.read(t, id)
		if doc.GetStatus() != pb.InstanceInfoPB_DELETED || len(doc.GetObjInfo()) != 1 {
			t.Errorf("got status %v, %d object stores", doc.GetStatus(), len(doc.GetObjInfo()))
		}
	})
	check(t, "get_cluster_status leaves a deleted instance out", func(t *testing.T) {
		id := s.instance(t)
		s.must(t, "drop_instance", fill(id, `{"instance_id":"$I"}`))
		resp, err := s.api.GetClusterStatus(t.Context(), &pb.GetClusterStatusRequest{InstanceIds: []string{id}})
		if err != nil || len(resp.GetDetails()) != 0 {
			t.Errorf("got %v, %v", resp, err)
		}
	})
}
