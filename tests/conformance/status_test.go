package conformance

import (
	"fmt"
	"testing"

	"roster/core"
	pb "roster/core/metapb"
)

var clusterStatuses = []pb.ClusterStatus{
	pb.ClusterStatus_UNKNOWN, pb.ClusterStatus_NORMAL, pb.ClusterStatus_SUSPENDED, pb.ClusterStatus_TO_RESUME, pb.ClusterStatus_MANUAL_SHUTDOWN,
}

// allowed are the transitions a compat level has.
func allowed(level string, from, to pb.ClusterStatus) bool {
	type transition struct{ from, to pb.ClusterStatus }
	switch (transition{from, to}) {
	case transition{pb.ClusterStatus_UNKNOWN, pb.ClusterStatus_NORMAL},
		transition{pb.ClusterStatus_NORMAL, pb.ClusterStatus_SUSPENDED},
		transition{pb.ClusterStatus_SUSPENDED, pb.ClusterStatus_TO_RESUME},
		transition{pb.ClusterStatus_TO_RESUME, pb.ClusterStatus_NORMAL}:
		return true
	case transition{pb.ClusterStatus_SUSPENDED, pb.ClusterStatus_NORMAL},
		transition{pb.ClusterStatus_NORMAL, pb.ClusterStatus_MANUAL_SHUTDOWN},
		transition{pb.ClusterStatus_MANUAL_SHUTDOWN, pb.ClusterStatus_NORMAL}:
		return level == doris
	}
	return false
}

func statusCases(t *testing.T, s *suite) {
	const op = "set_cluster_status"
	s.play(t, scenario{name: op, setup: []step{
		{op: "add_cluster", body: addCompute},
		{op: "add_cluster", body: `{"instance_id":"$I","cluster":{"cluster_id":"s1","cluster_name":"sql_1","type":"SQL","nodes":[` + master + `]}}`},
	}, steps: []step{
		{"needs a cluster id", op, `{"instance_id":"$I","cluster":{"cluster_status":"SUSPENDED"}}`, core.InvalidArgument, "missing cluster_id="},
		{"needs a cluster", op, `{"instance_id":"$I"}`, core.InvalidArgument, "invalid request instance_id or cluster not given"},
		{"needs an instance", op, `{"cluster":{"cluster_id":"c1","cluster_status":"SUSPENDED"}}`, core.InvalidArgument,
			"invalid request instance_id or cluster not given"},
		{"finds no other cluster", op, `{"instance_id":"$I","cluster":{"cluster_id":"c9","cluster_status":"SUSPENDED"}}`, core.InvalidArgument,
			"failed to find cluster to update, instance_id=$I cluster_id=c9 cluster_name="},
		{"refuses a SQL cluster", op, `{"instance_id":"$I","cluster":{"cluster_id":"s1","cluster_status":"SUSPENDED"}}`, core.InvalidArgument,
			"just support set COMPUTE cluster status"},
		{"takes no status for UNKNOWN", op, `{"instance_id":"$I","cluster":{"cluster_id":"c1"}}`, core.InvalidArgument,
			"failed to set cluster status, original cluster is NORMAL and want set UNKNOWN"},
		{"suspends", op, `{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_status":"SUSPENDED"}}`, core.OK, ""},
		{"resumes, by cloud_unique_id", op, `{"cloud_unique_id":"1:$I:x","cluster":{"cluster_id":"c1","cluster_status":"TO_RESUME"}}`, core.OK, ""},
		{"is up, by the node's cloud_unique_id", op, `{"cloud_unique_id":"1:$I:be1","cluster":{"cluster_id":"c1","cluster_status":"NORMAL"}}`, core.OK, ""},
	}})

	for _, from := range clusterStatuses {
		for _, to := range clusterStatuses {
			check(t, fmt.Sprintf("from %v to %v", from, to), func(t *testing.T) {
				id := s.instance(t)
				s.must(t, "add_cluster", fill(id, addCompute))
				if from != pb.ClusterStatus_NORMAL {
					s.rewrite(t, id, func(doc *pb.InstanceInfoPB) { doc.Clusters[0].ClusterStatus = &from })
				}
				err := s.do(t, op, fill(id, fmt.Sprintf(`{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_status":"%v"}}`, to)))
				want := from
				switch {
				case allowed(s.level, from, to):
					if err != nil {
						t.Errorf("got %v, want success", err)
					}
					want = to
				case from == to:
					wantRefusal(t, err, core.InvalidArgument,
						fmt.Sprintf("failed to set cluster status, status eq original status, original cluster is %v", from))
				default:
					wantRefusal(t, err, core.InvalidArgument,
						fmt.Sprintf("failed to set cluster status, original cluster is %v and want set %v", from, to))
				}
				if got := clusterC1(t, s.read(t, id)).GetClusterStatus(); got != want {
					t.Errorf("the cluster is %v, want %v", got, want)
				}
			})
		}
	}
}

// mtimeCases: every change of a cluster or an instance moves its mtime. The
// records are aged first, so that no test waits for the clock.
func mtimeCases(t *testing.T, s *suite) {
	const old = 1_000_000
	for _, c := range []struct {
		op, body string
		cluster  bool // whether the change is one of the cluster c1
	}{
		{"add_cluster", addSecond, false},
		{"drop_cluster", `{"instance_id":"$I","cluster":{"cluster_id":"c0"}}`, false},
		{"rename_cluster", `{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_name":"other"}}`, true},
		{"update_cluster_mysql_user_name", `{"instance_id":"$I","cluster":{"cluster_id":"c1","mysql_user_name":["a"]}}`, true},
		{"set_cluster_status", `{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_status":"SUSPENDED"}}`, true},
		{"add_node", withNodes("COMPUTE", be2), true},
		{"drop_node", withNodes("COMPUTE", be1), true},
		{"set_instance_status", `{"instance_id":"$I","op":"SET_OVERDUE"}`, false},
		{"enable_instance_sse", `{"instance_id":"$I"}`, false},
		{"add_obj_info", addStore, false},
		{"legacy_update_ak_sk", `{"cloud_unique_id":"1:$I:x","obj":{"id":"1","ak":"new","sk":"new"}}`, false},
		{"update_ak_sk", `{"instance_id":"$I","internal_bucket_user":[{"user_id":"bucket_user","ak":"new","sk":"new"}]}`, false},
	} {
		check(t, c.op, func(t *testing.T) {
			id := s.instance(t)
			s.must(t, "add_cluster", fill(id, addCompute))
			s.must(t, "add_cluster", fill(id, `{"instance_id":"$I","cluster":{"cluster_id":"c0","cluster_name":"empty","type":"COMPUTE"}}`))
			s.rewrite(t, id, func(doc *pb.InstanceInfoPB) {
				doc.Ctime, doc.Mtime = new(int64(old)), new(int64(old))
				for _, k := range doc.Clusters {
					k.Ctime, k.Mtime = new(int64(old)), new(int64(old))
				}
			})
			s.must(t, c.op, fill(id, c.body))
			doc := s.read(t, id)
			if doc.GetMtime() <= old || doc.GetCtime() != old {
				t.Errorf("the instance has ctime %d, mtime %d", doc.GetCtime(), doc.GetMtime())
			}
			k := clusterC1(t, doc)
			if moved := k.GetMtime() > old; moved != c.cluster || k.GetCtime() != old {
				t.Errorf("the cluster has ctime %d, mtime %d; moved %v, want %v", k.GetCtime(), k.GetMtime(), moved, c.cluster)
			}
		})
	}
}
