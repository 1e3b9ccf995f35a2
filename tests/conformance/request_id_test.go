package conformance

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"roster/core"
	pb "roster/core/metapb"
)

// requestIDCases: a caller's own request id makes a mutation safe to repeat.
func requestIDCases(t *testing.T, s *suite) {
	as := func(t *testing.T, requestID string) context.Context {
		return core.WithCall(t.Context(), core.Call{RequestID: requestID, Reveal: true})
	}
	for _, c := range []struct{ op, body, other string }{
		{"add_cluster", addSecond, strings.Replace(addSecond, "compute_2", "compute_3", 1)},
		{"drop_cluster", dropCompute, `{"instance_id":"$I","cluster":{"cluster_id":"c9"}}`},
		{"rename_cluster", `{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_name":"renamed"}}`,
			`{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_name":"other"}}`},
		{"update_cluster_mysql_user_name", `{"instance_id":"$I","cluster":{"cluster_id":"c1","mysql_user_name":["a"]}}`,
			`{"instance_id":"$I","cluster":{"cluster_id":"c1","mysql_user_name":["b"]}}`},
		{"set_cluster_status", `{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_status":"SUSPENDED"}}`,
			`{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_status":"TO_RESUME"}}`},
		{"add_node", withNodes("COMPUTE", be2), withNodes("COMPUTE", strings.Replace(be2, "9050", "9051", 1))},
		{"drop_node", withNodes("COMPUTE", be1), withNodes("COMPUTE", be2)},
		{"set_instance_status", `{"instance_id":"$I","op":"SET_OVERDUE"}`, `{"instance_id":"$I","op":"SET_NORMAL"}`},
		{"add_obj_info", addStore, strings.Replace(addStore, "p2", "p3", 1)},
		{"legacy_update_ak_sk", store(`"id":"1","ak":"new","sk":"new"`), store(`"id":"1","ak":"new","sk":"newer"`)},
		{"update_ak_sk", `{"instance_id":"$I","internal_bucket_user":[{"user_id":"bucket_user","ak":"new","sk":"new"}]}`,
			`{"instance_id":"$I","internal_bucket_user":[{"user_id":"bucket_user","ak":"new","sk":"newer"}]}`},
	} {
		check(t, "a repeated "+c.op+" changes nothing and succeeds", func(t *testing.T) {
			id := s.instance(t)
			s.must(t, "add_cluster", fill(id, addCompute))
			ctx := as(t, newID("request"))
			if err := operations[c.op](ctx, s.api, fill(id, c.body)); err != nil {
				t.Fatal(err)
			}
			first := s.read(t, id)
			if err := operations[c.op](ctx, s.api, fill(id, c.body)); err != nil {
				t.Errorf("the repeat: %v", err)
			}
			wantRefusal(t, operations[c.op](ctx, s.api, fill(id, c.other)), core.AlreadyExisted, "")
			if got := s.read(t, id); !proto.Equal(first, got) {
				t.Errorf("the repeat changed the instance\nfrom %v\n  to %v", first, got)
			}
		})
	}
	check(t, "a repeated create_instance succeeds", func(t *testing.T) {
		id, ctx := newID("created"), as(t, newID("request"))
		for range 3 {
			if err := operations["create_instance"](ctx, s.api, fill(id, newInstance)); err != nil {
				t.Fatal(err)
			}
		}
		wantRefusal(t, s.do(t, "create_instance", fill(id, newInstance)), core.AlreadyExisted, "instance already existed, instance_id="+id)
	})
	check(t, "a request id is used up by one operation", func(t *testing.T) {
		id, ctx := s.instance(t), as(t, newID("request"))
		if err := operations["enable_instance_sse"](ctx, s.api, fill(id, `{"instance_id":"$I"}`)); err != nil {
			t.Fatal(err)
		}
		wantRefusal(t, operations["disable_instance_sse"](ctx, s.api, fill(id, `{"instance_id":"$I"}`)), core.AlreadyExisted, "")
		if !s.read(t, id).GetSseEnabled() {
			t.Error("the refused request changed the instance")
		}
	})
	check(t, "the id of a refused request may be used again", func(t *testing.T) {
		id, ctx := s.instance(t), as(t, newID("request"))
		suspend := fill(id, `{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_status":"SUSPENDED"}}`)
		wantRefusal(t, operations["set_cluster_status"](ctx, s.api, suspend), core.InvalidArgument, "")
		s.must(t, "add_cluster", fill(id, addCompute))
		if err := operations["set_cluster_status"](ctx, s.api, suspend); err != nil {
			t.Fatal(err)
		}
		if got := clusterC1(t, s.read(t, id)).GetClusterStatus(); got != pb.ClusterStatus_SUSPENDED {
			t.Errorf("the cluster is %v", got)
		}
	})
	check(t, "a request id over 256 bytes is refused", func(t *testing.T) {
		id := s.instance(t)
		before := s.read(t, id)
		ctx := as(t, strings.Repeat("r", longName))
		wantRefusal(t, operations["add_cluster"](ctx, s.api, fill(id, addCompute)), core.InvalidArgument, "")
		if !proto.Equal(before, s.read(t, id)) {
			t.Error("the refused request changed the instance")
		}
	})
}
