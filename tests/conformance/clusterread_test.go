package conformance

import (
	"fmt"
	"strings"
	"testing"

	"roster/core"
	pb "roster/core/metapb"
)

func clusterReadingCases(t *testing.T, s *suite) {
	const op = "get_cluster"
	setup := []step{
		{op: "add_cluster", body: addCompute},
		{op: "add_cluster", body: addSecond},
		{op: "update_cluster_mysql_user_name", body: `{"instance_id":"$I","cluster":{"cluster_id":"c2","mysql_user_name":["jack"]}}`},
	}
	s.play(t, scenario{name: op, setup: setup, steps: []step{
		{"needs a cloud_unique_id", op, `{"instance_id":"$I","cluster_id":"c1"}`, core.InvalidArgument, "cloud_unique_id must be given"},
		{"refuses a cloud_unique_id nobody holds", op, `{"cloud_unique_id":"$I-none","cluster_id":"c1"}`, core.InvalidArgument, ""},
		{"finds no other id", op, `{"cloud_unique_id":"1:$I:x","cluster_id":"c9"}`, core.NotFound,
			`fail to get cluster with cloud_unique_id: "1:$I:x" cluster_id: "c9" `},
		{"finds no other name", op, `{"instance_id":"$I","cloud_unique_id":"1:$I:x","cluster_name":"n9"}`, core.NotFound,
			`fail to get cluster with instance_id: "$I" cloud_unique_id: "1:$I:x" cluster_name: "n9" `},
		{"lists in its text what it did not use", op, `{"cloud_unique_id":"1:$I:x","cluster_id":"c9","cluster_name":"compute_1"}`, core.NotFound,
			`fail to get cluster with cloud_unique_id: "1:$I:x" cluster_id: "c9" cluster_name: "compute_1" `},
	}})
	s.play(t, scenario{name: op + " of all clusters when there is none", steps: []step{
		{op, op, `{"cloud_unique_id":"1:$I:x"}`, core.NotFound, `fail to get cluster with cloud_unique_id: "1:$I:x" `},
	}})

	check(t, "what get_cluster selects", func(t *testing.T) {
		id := s.instance(t)
		for _, st := range setup {
			s.must(t, st.op, fill(id, st.body))
		}
		other := s.instance(t)
		for _, c := range []struct {
			name string
			req  *pb.GetClusterRequest
			want string
		}{
			{"by id", &pb.GetClusterRequest{ClusterId: new("c2")}, "c2"},
			{"by name", &pb.GetClusterRequest{ClusterName: new("compute_2")}, "c2"},
			{"by user", &pb.GetClusterRequest{MysqlUserName: new("jack")}, "c2"},
			{"all", &pb.GetClusterRequest{}, "c1 c2"},
			{"by id before name and user", &pb.GetClusterRequest{ClusterId: new("c1"), ClusterName: new("compute_2"), MysqlUserName: new("jack")}, "c1"},
			{"by name before user", &pb.GetClusterRequest{ClusterName: new("compute_1"), MysqlUserName: new("jack")}, "c1"},
			{"of the instance the cloud_unique_id names", &pb.GetClusterRequest{InstanceId: &other, ClusterId: new("c1")}, "c1"},
			{"of the instance given for an id nobody holds", &pb.GetClusterRequest{InstanceId: &id, CloudUniqueId: new("none"), ClusterId: new("c1")}, "c1"},
		} {
			checkInTurn(t, c.name, func(t *testing.T) {
				if c.req.CloudUniqueId == nil {
					c.req.CloudUniqueId = new("1:" + id + ":any")
				}
				resp, err := s.api.GetCluster(t.Context(), c.req)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, found := range resp.GetCluster() {
					got = append(got, found.GetClusterId())
				}
				if strings.Join(got, " ") != c.want {
					t.Errorf("got %v, want %s", got, c.want)
				}
			})
		}
	})

	check(t, "a cloud_unique_id of another form is looked up in the nodes", func(t *testing.T) {
		id := s.instance(t)
		name := newID("compute_node")
		s.must(t, "add_cluster", fill(id, withNodes("COMPUTE", strings.Replace(be1, "1:$I:be1", name, 1))))
		resp, err := s.api.GetCluster(t.Context(), &pb.GetClusterRequest{CloudUniqueId: &name, ClusterName: new("compute_1")})
		if err != nil || len(resp.GetCluster()) != 1 {
			t.Fatalf("got %v, %v", resp, err)
		}
		s.must(t, "drop_cluster", fill(id, dropCompute))
		_, err = s.api.GetCluster(t.Context(), &pb.GetClusterRequest{CloudUniqueId: &name, ClusterName: new("compute_1")})
		wantRefusal(t, err, core.InvalidArgument, "")
	})

	clusterStatusReading(t, s)
}

func clusterStatusReading(t *testing.T, s *suite) {
	check(t, "get_cluster_status needs an id", func(t *testing.T) {
		_, err := s.api.GetClusterStatus(t.Context(), &pb.GetClusterStatusRequest{})
		wantRefusal(t, err, core.InvalidArgument,
			"cloud_unique_ids or instance_ids must be given, instance_ids.size: 0 cloud_unique_ids.size: 0")
	})
	check(t, "what get_cluster_status lists", func(t *testing.T) {
		id, other := s.instance(t), s.instance(t)
		s.must(t, "add_cluster", fill(id, addCompute))
		s.must(t, "add_cluster", fill(id, addSecond))
		s.must(t, "add_cluster", fill(id, `{"instance_id":"$I","cluster":{"cluster_id":"s1","cluster_name":"sql_1","type":"SQL","nodes":[`+master+`]}}`))
		s.must(t, "add_cluster", fill(other, addCompute))
		s.must(t, "set_cluster_status", fill(id, `{"instance_id":"$I","cluster":{"cluster_id":"c2","cluster_status":"SUSPENDED"}}`))
		one, two := id+"[c1:NORMAL c2:SUSPENDED]", other+"[c1:NORMAL]"
		for _, c := range []struct {
			name string
			req  *pb.GetClusterStatusRequest
			want string
		}{
			{"compute clusters only", &pb.GetClusterStatusRequest{InstanceIds: []string{id}}, one},
			{"many instances in the order asked for", &pb.GetClusterStatusRequest{InstanceIds: []string{other, id}}, two + " " + one},
			{"those of a status", &pb.GetClusterStatusRequest{InstanceIds: []string{id, other}, Status: new(pb.ClusterStatus_SUSPENDED)}, id + "[c2:SUSPENDED]"},
			{"no instance without one", &pb.GetClusterStatusRequest{InstanceIds: []string{other}, Status: new(pb.ClusterStatus_TO_RESUME)}, ""},
			{"not an instance that is unknown", &pb.GetClusterStatusRequest{InstanceIds: []string{"none", other}}, two},
			{"by cloud_unique_id", &pb.GetClusterStatusRequest{CloudUniqueIds: []string{"1:" + id + ":x"}}, one},
			{"not a cloud_unique_id nobody holds", &pb.GetClusterStatusRequest{CloudUniqueIds: []string{"none", "1:" + other + ":be1"}}, two},
			{"instance ids before cloud_unique_ids", &pb.GetClusterStatusRequest{InstanceIds: []string{other}, CloudUniqueIds: []string{"1:" + id + ":x"}}, two},
		} {
			checkInTurn(t, c.name, func(t *testing.T) {
				resp, err := s.api.GetClusterStatus(t.Context(), c.req)
				if err != nil {
					t.Fatal(err)
				}
				if got := statuses(resp); got != c.want {
					t.Errorf("got %s, want %s", got, c.want)
				}
			})
		}
	})
	check(t, "get_cluster_status shows a cluster without status as NORMAL", func(t *testing.T) {
		id := s.instance(t)
		s.must(t, "add_cluster", fill(id, addCompute))
		s.rewrite(t, id, func(doc *pb.InstanceInfoPB) { doc.Clusters[0].ClusterStatus = nil })
		resp, err := s.api.GetClusterStatus(t.Context(), &pb.GetClusterStatusRequest{InstanceIds: []string{id}})
		if err != nil || statuses(resp) != id+"[c1:NORMAL]" {
			t.Errorf("got %v, %v", resp, err)
		}
		resp, err = s.api.GetClusterStatus(t.Context(), &pb.GetClusterStatusRequest{InstanceIds: []string{id}, Status: new(pb.ClusterStatus_NORMAL)})
		if err != nil || len(resp.GetDetails()) != 0 {
			t.Errorf("got %v, %v under the filter NORMAL, want nothing: the filter is on what is stored", resp, err)
		}
	})
}

func statuses(resp *pb.GetClusterStatusResponse) string {
	var details []string
	for _, d := range resp.GetDetails() {
		var clusters []string
		for _, c := range d.GetClusters() {
			clusters = append(clusters, fmt.Sprintf("%s:%v", c.GetClusterId(), c.GetClusterStatus()))
		}
		details = append(details, d.GetInstanceId()+"["+strings.Join(clusters, " ")+"]")
	}
	return strings.Join(details, " ")
}
