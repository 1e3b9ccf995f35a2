package conformance

import (
	"strings"
	"testing"

	"roster/core"
	pb "roster/core/metapb"
)

const (
	addCompute  = `{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_name":"compute_1","type":"COMPUTE","nodes":[` + be1 + `]}}`
	dropCompute = `{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_name":"compute_1"}}`
	addSecond   = `{"instance_id":"$I","cluster":{"cluster_id":"c2","cluster_name":"compute_2","type":"COMPUTE","nodes":[` + be2 + `]}}`
	be1         = `{"cloud_unique_id":"1:$I:be1","ip":"10.0.0.1","heartbeat_port":9050}`
	be2         = `{"cloud_unique_id":"1:$I:be2","ip":"10.0.0.2","heartbeat_port":9050}`
	master      = `{"cloud_unique_id":"1:$I:fe1","ip":"10.1.0.1","edit_log_port":9010,"node_type":"FE_MASTER"}`
	master2     = `{"cloud_unique_id":"1:$I:fe2","ip":"10.1.0.2","edit_log_port":9010,"node_type":"FE_MASTER"}`
	observer    = `{"cloud_unique_id":"1:$I:fe3","ip":"10.1.0.3","edit_log_port":9010,"node_type":"FE_OBSERVER"}`
	follower    = `{"cloud_unique_id":"1:$I:fe4","ip":"10.1.0.4","edit_log_port":9010,"node_type":"FE_FOLLOWER"}`
)

// withNodes is an add_cluster, add_node or drop_node body for the cluster c1.
func withNodes(kind string, nodes ...string) string {
	return `{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_name":"compute_1","type":"` + kind + `","nodes":[` +
		strings.Join(nodes, ",") + `]}}`
}

func clusterCases(t *testing.T, s *suite) {
	addClusterCases(t, s)
	addedClusterCases(t, s)
	renameCases(t, s)

	s.play(t, scenario{name: "drop_cluster", setup: []step{{op: "add_cluster", body: addCompute}}, steps: []step{
		{"needs an id", "drop_cluster", `{"instance_id":"$I","cluster":{"cluster_name":"compute_1"}}`, core.InvalidArgument, "missing cluster_id="},
		{"needs a cluster", "drop_cluster", `{"instance_id":"$I"}`, core.InvalidArgument, "invalid request instance_id or cluster not given"},
		{"finds no other id", "drop_cluster", `{"instance_id":"$I","cluster":{"cluster_id":"11111","cluster_name":"2222"}}`, core.NotFound,
			"failed to find cluster to drop, instance_id=$I cluster_id=11111 cluster_name=2222"},
		{"drops a cluster with nodes", "drop_cluster", dropCompute, core.OK, ""},
		{"finds it no more", "drop_cluster", dropCompute, core.NotFound,
			"failed to find cluster to drop, instance_id=$I cluster_id=c1 cluster_name=compute_1"},
		{"leaves its id free", "add_cluster", addCompute, core.OK, ""},
	}})

	s.play(t, scenario{name: "update_cluster_mysql_user_name", setup: []step{{op: "add_cluster", body: addCompute}}, steps: []step{
		{"needs an id", "update_cluster_mysql_user_name", `{"instance_id":"$I","cluster":{"mysql_user_name":["a"]}}`, core.InvalidArgument, "missing cluster_id="},
		{"finds no other id", "update_cluster_mysql_user_name", `{"instance_id":"$I","cluster":{"cluster_id":"c9","cluster_name":"x","mysql_user_name":["a"]}}`,
			core.InvalidArgument, "failed to find cluster to update, instance_id=$I cluster_id=c9 cluster_name=x"},
		{"needs a list", "update_cluster_mysql_user_name", `{"instance_id":"$I","cluster":{"cluster_id":"c1"}}`, core.InvalidArgument, "no mysql user name to change"},
		{"sets", "update_cluster_mysql_user_name", `{"instance_id":"$I","cluster":{"cluster_id":"c1","mysql_user_name":["jack","root"]}}`, core.OK, ""},
		{"refuses the same list", "update_cluster_mysql_user_name", `{"instance_id":"$I","cluster":{"cluster_id":"c1","mysql_user_name":["jack","root"]}}`,
			core.InvalidArgument, "no mysql user name to change"},
		{"replaces", "update_cluster_mysql_user_name", `{"instance_id":"$I","cluster":{"cluster_id":"c1","mysql_user_name":["jill"]}}`, core.OK, ""},
		{"has dropped the old ones", "get_cluster", `{"cloud_unique_id":"1:$I:x","mysql_user_name":"jack"}`, core.NotFound,
			`fail to get cluster with cloud_unique_id: "1:$I:x" mysql_user_name: "jack" `},
		{"has the new one", "get_cluster", `{"cloud_unique_id":"1:$I:x","mysql_user_name":"jill"}`, core.OK, ""},
	}})
}

// addClusterCases are the refusals of add_cluster on an instance that has the
// compute cluster c1.
func addClusterCases(t *testing.T, s *suite) {
	sql := func(nodes ...string) string {
		return `{"instance_id":"$I","cluster":{"cluster_id":"c2","cluster_name":"sql_2","type":"SQL","nodes":[` + strings.Join(nodes, ",") + `]}}`
	}
	named := func(name string) string {
		return `{"instance_id":"$I","cluster":{"cluster_id":"c2","cluster_name":"` + name + `","type":"COMPUTE"}}`
	}
	compute := func(nodes ...string) string {
		return `{"instance_id":"$I","cluster":{"cluster_id":"c2","cluster_name":"compute_2","type":"COMPUTE","nodes":[` + strings.Join(nodes, ",") + `]}}`
	}
	const (
		badName = "cluster name not regex with…"
		masters = "cluster is SQL type, must have only one master node, now master count: "
	)
	cases := []step{
		{"no cluster", "add_cluster", `{"instance_id":"$I"}`, core.InvalidArgument, "invalid request instance_id or cluster not given"},
		{"no instance", "add_cluster", `{"cluster":{"cluster_id":"c2","cluster_name":"compute_2","type":"COMPUTE"}}`, core.InvalidArgument,
			"invalid request instance_id or cluster not given"},
		{"no type", "add_cluster", `{"instance_id":"$I","cluster":{"cluster_id":"c2","cluster_name":"compute_2"}}`, core.InvalidArgument, "cluster must have type arg"},
		{"no name", "add_cluster", `{"instance_id":"$I","cluster":{"cluster_id":"c2","type":"COMPUTE"}}`, core.InvalidArgument, "not have cluster name"},
		{"a name that begins with a digit", "add_cluster", named("1abc"), core.InvalidArgument, badName},
		{"a name that begins with a line", "add_cluster", named("_abc"), core.InvalidArgument, badName},
		{"a name of one letter", "add_cluster", named("a"), core.InvalidArgument, badName},
		{"a name with a hyphen", "add_cluster", named("a-b"), core.InvalidArgument, badName},
		{"a name with a blank", "add_cluster", named("a b"), core.InvalidArgument, badName},
		{"a name with a line feed at its end", "add_cluster", named(`ab\n`), core.InvalidArgument, "cluster.cluster_name holds a control character, which names may not"},
		{"a name in Chinese", "add_cluster", named("计算集群"), core.InvalidArgument, badName},
		{"a name over 256 bytes", "add_cluster", named(strings.Repeat("n", longName)), core.InvalidArgument, ""},
		{"an id over 256 bytes", "add_cluster",
			`{"instance_id":"$I","cluster":{"cluster_id":"` + strings.Repeat("c", longName) + `","cluster_name":"compute_2","type":"COMPUTE"}}`, core.InvalidArgument, ""},
		{"an id the instance has", "add_cluster", `{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_name":"compute_2","type":"COMPUTE"}}`,
			core.AlreadyExisted, "try to add a existing cluster id, existing_cluster_id=c1"},
		{"a name the instance has", "add_cluster", named("compute_1"), core.AlreadyExisted, "try to add a existing cluster name, existing_cluster_name=compute_1"},
		{"an endpoint the instance has", "add_cluster", compute(strings.Replace(be1, "be1", "be9", 1)), core.AlreadyExisted,
			"compute node endpoint has been added, registered be node=10.0.0.1:9050"},
		{"an endpoint the instance has, as a host", "add_cluster", compute(`{"cloud_unique_id":"1:$I:be9","host":"10.0.0.1","heartbeat_port":9050}`),
			core.AlreadyExisted, "compute node endpoint has been added, registered be node=10.0.0.1:9050"},
		{"one endpoint twice", "add_cluster", compute(be2, strings.Replace(be2, "be2", "be3", 1)), core.InvalidArgument, ""},
		{"a SQL cluster without nodes", "add_cluster", sql(), core.InvalidArgument, masters + "0"},
		{"a SQL cluster of observers", "add_cluster", sql(observer), core.InvalidArgument, masters + "0"},
		{"a SQL cluster with two masters", "add_cluster", sql(master, master2), core.InvalidArgument, masters + "2"},
		{"a SQL cluster with a master and a follower", "add_cluster", sql(master, follower), core.InvalidArgument,
			"cluster is SQL type, and use multi follower mode, cant set master node, master count: 1 follower count: 1"},
		{"a node without an address", "add_cluster", compute(`{"cloud_unique_id":"1:$I:be9","heartbeat_port":9050}`), core.InvalidArgument, ""},
	}
	for _, c := range cases {
		s.play(t, scenario{name: "add_cluster refuses " + c.name, setup: []step{{op: "add_cluster", body: addCompute}}, steps: []step{c}})
	}
}

// addedClusterCases are what add_cluster takes and stores.
func addedClusterCases(t *testing.T, s *suite) {
	for name, body := range map[string]string{
		"a compute cluster without nodes":      withNodes("COMPUTE"),
		"a SQL cluster with one master":        withNodes("SQL", master),
		"a SQL cluster with master, observers": withNodes("SQL", master, observer),
		"a SQL cluster of followers":           withNodes("SQL", follower),
		"a SQL cluster of followers, observer": withNodes("SQL", follower, observer),
		"a node with a host for an ip":         withNodes("COMPUTE", `{"cloud_unique_id":"1:$I:be1","host":"be1.example.com","heartbeat_port":9050}`),
		"a node of an instance unknown here":   withNodes("COMPUTE", `{"cloud_unique_id":"1:$I-other:be1","ip":"10.0.0.1","heartbeat_port":9050}`),
		"one cloud_unique_id for two nodes":    withNodes("COMPUTE", be1, strings.Replace(be2, "be2", "be1", 1)),
		"an instance by its cloud_unique_id": `{"cloud_unique_id":"1:$I:x","cluster":{"cluster_id":"c1","cluster_name":"compute_1","type":"COMPUTE","nodes":[` +
			be1 + `]}}`,
	} {
		s.play(t, scenario{name: "add_cluster takes " + name, steps: []step{{op: "add_cluster", body: body}}})
	}
	s.play(t, scenario{name: "frontends and backends may share an endpoint", steps: []step{
		{op: "add_cluster", body: addCompute},
		{op: "add_cluster", body: `{"instance_id":"$I","cluster":{"cluster_id":"s1","cluster_name":"sql_1","type":"SQL","nodes":[
			{"cloud_unique_id":"1:$I:fe1","ip":"10.0.0.1","edit_log_port":9050,"node_type":"FE_MASTER"}]}}`},
	}})
	check(t, "two instances may have the same cluster id", func(t *testing.T) {
		for range 2 {
			s.must(t, "add_cluster", fill(s.instance(t), addCompute))
		}
	})
	check(t, "add_cluster sets times and the status NORMAL", func(t *testing.T) {
		id := s.instance(t)
		s.must(t, "add_cluster", fill(id, `{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_name":"compute_1","type":"COMPUTE","cluster_status":"SUSPENDED",
			"desc":"d","public_endpoint":"pub","private_endpoint":"priv","mysql_user_name":["root"],"nodes":[`+be1+`]}}`))
		c := clusterC1(t, s.read(t, id))
		if c.GetClusterStatus() != pb.ClusterStatus_NORMAL || c.GetCtime() <= 0 || c.GetMtime() <= 0 {
			t.Errorf("got %v, ctime %d, mtime %d", c.GetClusterStatus(), c.GetCtime(), c.GetMtime())
		}
		if n := c.GetNodes()[0]; n.GetCtime() <= 0 || n.GetMtime() != n.GetCtime() {
			t.Errorf("got the node's ctime %d, mtime %d", n.GetCtime(), n.GetMtime())
		}
		if c.GetDesc() != "d" || c.GetPublicEndpoint() != "pub" || c.GetPrivateEndpoint() != "priv" || strings.Join(c.GetMysqlUserName(), ",") != "root" {
			t.Errorf("got %v", c)
		}
	})
	check(t, "a SQL cluster has no status", func(t *testing.T) {
		id := s.instance(t)
		s.must(t, "add_cluster", fill(id, withNodes("SQL", master)))
		if c := clusterC1(t, s.read(t, id)); c.ClusterStatus != nil {
			t.Errorf("got %v", c.GetClusterStatus())
		}
	})
	check(t, "add_cluster refuses a cloud_unique_id another instance holds", func(t *testing.T) {
		holder, other := s.instance(t), s.instance(t)
		s.must(t, "add_cluster", fill(holder, addCompute))
		body := strings.ReplaceAll(addSecond, "1:$I:be2", "1:"+holder+":be1")
		before := s.read(t, other)
		wantRefusal(t, s.do(t, "add_cluster", fill(other, body)), core.AlreadyExisted,
			"cloud_unique_id is already occupied by an instance, instance_id="+holder+" cluster_name=compute_1 cluster_id=c1 cloud_unique_id=1:"+holder+":be1")
		if after := s.read(t, other); len(after.GetClusters()) != len(before.GetClusters()) {
			t.Error("the refused cluster was added")
		}
	})
	check(t, "a dropped cluster frees its cloud_unique_ids", func(t *testing.T) {
		holder, other := s.instance(t), s.instance(t)
		s.must(t, "add_cluster", fill(holder, addCompute))
		s.must(t, "drop_cluster", fill(holder, dropCompute))
		s.must(t, "add_cluster", fill(other, strings.ReplaceAll(addSecond, "1:$I:be2", "1:"+holder+":be1")))
	})
}

func renameCases(t *testing.T, s *suite) {
	const op = "rename_cluster"
	rename := func(id, name string) string {
		return `{"instance_id":"$I","cluster":{"cluster_id":"` + id + `","cluster_name":"` + name + `"}}`
	}
	s.play(t, scenario{name: op, setup: []step{{op: "add_cluster", body: addCompute}, {op: "add_cluster", body: addSecond}}, steps: []step{
		{"needs an id", op, `{"instance_id":"$I","cluster":{"cluster_name":"new"}}`, core.InvalidArgument, "missing cluster_id="},
		{"needs a cluster", op, `{"instance_id":"$I"}`, core.InvalidArgument, "invalid request instance_id or cluster not given"},
		{"finds no other id", op, rename("c9", "new"), core.InvalidArgument,
			"failed to find cluster to update, instance_id=$I cluster_id=c9 cluster_name=new"},
		{"refuses its own name", op, rename("c1", "compute_1"), core.InvalidArgument,
			`failed to rename cluster, name eq original name, original cluster is {"cluster_id":"c1","cluster_name":"compute_1","type":"COMPUTE"…`},
		{"refuses the name of another cluster", op, rename("c1", "compute_2"), core.InvalidArgument,
			`failed to rename cluster, a cluster with the same name already exists in this instance {"cluster_id":"c1","cluster_name":"compute_1"…`},
		{"refuses a name over 256 bytes", op, rename("c1", strings.Repeat("n", longName)), core.InvalidArgument, ""},
		{"renames", op, rename("c1", "renamed"), core.OK, ""},
		{"is found by the new name", "get_cluster", `{"cloud_unique_id":"1:$I:x","cluster_name":"renamed"}`, core.OK, ""},
		{"is not found by the old name", "get_cluster", `{"cloud_unique_id":"1:$I:x","cluster_name":"compute_1"}`, core.NotFound,
			`fail to get cluster with cloud_unique_id: "1:$I:x" cluster_name: "compute_1" `},
		{"takes hyphens", op, rename("c1", "compute-1-changed-again"), core.OK, ""},
		{"leaves the old name free", op, rename("c2", "compute_1"), core.OK, ""},
	}})
}
