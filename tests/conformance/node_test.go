package conformance

import (
	"strings"
	"testing"

	"roster/core"
	pb "roster/core/metapb"
)

// oneCluster sets up the compute cluster c1 with be1; frontends, the SQL
// cluster c1 with a master and an observer.
var (
	oneCluster = []step{{op: "add_cluster", body: addCompute}}
	frontends  = []step{{op: "add_cluster", body: withNodes("SQL", master, observer)}}
)

const noNodes = "to_add and to_del both empty or both not empty…"

func nodeCases(t *testing.T, s *suite) {
	incompleteNodeCases(t, s)
	addNodeCases(t, s)
	dropNodeCases(t, s)

	for _, op := range []string{"add_node", "drop_node"} {
		node := map[string]string{"add_node": be2, "drop_node": be1}[op]
		selected := func(selector string) string {
			return `{"instance_id":"$I","cluster":{` + selector + `"type":"COMPUTE","nodes":[` + node + `]}}`
		}
		for name, selector := range map[string]string{
			"finds the cluster by id":       `"cluster_id":"c1",`,
			"finds the cluster by name":     `"cluster_name":"compute_1",`,
			"finds the cluster by both":     `"cluster_id":"c1","cluster_name":"compute_1",`,
			"finds the cluster by only id":  `"cluster_id":"c1","cluster_name":"",`,
			"finds the instance by node id": `"cluster_id":"c1",`,
		} {
			body := selected(selector)
			if name == "finds the instance by node id" {
				body = strings.Replace(body, `"instance_id":"$I"`, `"cloud_unique_id":"1:$I:be1"`, 1)
			}
			s.play(t, scenario{name: op + " " + name, setup: oneCluster, steps: []step{{op: op, body: body}}})
		}
		for name, selector := range map[string]string{
			"no such id":               `"cluster_id":"c9",`,
			"no such name":             `"cluster_name":"n9",`,
			"the id of one, no name":   `"cluster_id":"c1","cluster_name":"n9",`,
			"the name of one, no id":   `"cluster_id":"c9","cluster_name":"compute_1",`,
			"the id and name of two":   `"cluster_id":"c1","cluster_name":"compute_2",`,
			"the name and id of two":   `"cluster_id":"c2","cluster_name":"compute_1",`,
			"neither of both selected": ``,
		} {
			want, text := core.NotFound, "failed to find cluster …"
			if selector == "" {
				want, text = core.InvalidArgument, ""
			}
			s.play(t, scenario{
				name: op + " finds no cluster: " + name, setup: append(oneCluster[:1:1], step{op: "add_cluster", body: addSecond}),
				steps: []step{{op, op, selected(selector), want, text}},
			})
		}
		s.play(t, scenario{name: op + " refuses", setup: oneCluster, steps: []step{
			{"no cluster", op, `{"instance_id":"$I"}`, core.InvalidArgument, "invalid request instance_id or cluster not given"},
			{"no instance", op, `{"cluster":{"cluster_id":"c1","type":"COMPUTE","nodes":[` + node + `]}}`, core.InvalidArgument,
				"invalid request instance_id or cluster not given"},
			{"no nodes", op, withNodes("COMPUTE"), core.InvalidArgument, noNodes},
		}})
	}
}

// incompleteNodeCases: what a node needs in compat reference.
func incompleteNodeCases(t *testing.T, s *suite) {
	anonymous := `{"ip":"10.0.0.9","heartbeat_port":9050}`
	for op, body := range map[string]func(kind, node string) string{
		"add_cluster": func(kind, node string) string {
			return strings.NewReplacer(`"c1"`, `"c9"`, "compute_1", "compute_9").Replace(withNodes(kind, node))
		},
		"add_node": func(kind, node string) string { return withNodes(kind, node) },
	} {
		if s.level == doris {
			s.play(t, scenario{name: op + " takes a node without cloud_unique_id", setup: oneCluster, steps: []step{{op: op, body: body("COMPUTE", anonymous)}}})
			continue
		}
		for field, node := range map[string]string{
			"cloud_unique_id": anonymous,
			"ip":              `{"cloud_unique_id":"1:$I:be9","heartbeat_port":9050}`,
			"heartbeat_port":  `{"cloud_unique_id":"1:$I:be9","ip":"10.0.0.9"}`,
			"edit_log_port":   `{"cloud_unique_id":"1:$I:fe9","ip":"10.1.0.9","node_type":"FE_MASTER"}`,
		} {
			kind, setup := "COMPUTE", oneCluster
			if field == "edit_log_port" {
				kind = "SQL"
				if op == "add_node" {
					setup = frontends
				}
			}
			check(t, op+" names the missing "+field, func(t *testing.T) {
				id := s.instance(t)
				for _, st := range setup {
					s.must(t, st.op, fill(id, st.body))
				}
				before := s.read(t, id)
				err := s.do(t, op, fill(id, body(kind, node)))
				wantRefusal(t, err, core.InvalidArgument, "")
				if !strings.Contains(err.Error(), field) {
					t.Errorf("%q does not name %s", err, field)
				}
				if after := s.read(t, id); before.String() != after.String() {
					t.Error("the refused request changed the instance")
				}
			})
		}
	}
}

func addNodeCases(t *testing.T, s *suite) {
	s.play(t, scenario{name: "add_node", setup: append(oneCluster[:1:1], step{op: "add_cluster", body: addSecond}), steps: []step{
		{"refuses a registered endpoint", "add_node", withNodes("COMPUTE", strings.Replace(be1, "be1", "be9", 1)), core.InvalidArgument,
			"compute node endpoint has been added, registered be node=10.0.0.1:9050"},
		{"refuses an endpoint of another cluster", "add_node", withNodes("COMPUTE", strings.Replace(be2, "be2", "be9", 1)), core.InvalidArgument,
			"compute node endpoint has been added, registered be node=10.0.0.2:9050"},
		{"refuses one endpoint twice", "add_node", withNodes("COMPUTE", `{"cloud_unique_id":"1:$I:be8","ip":"10.0.0.8","heartbeat_port":9050}`,
			`{"cloud_unique_id":"1:$I:be9","ip":"10.0.0.8","heartbeat_port":9050}`), core.InvalidArgument, ""},
		{"adds none when one is refused", "add_node", withNodes("COMPUTE", `{"cloud_unique_id":"1:$I:be8","ip":"10.0.0.8","heartbeat_port":9050}`, be1),
			core.InvalidArgument, "compute node endpoint has been added, registered be node=10.0.0.1:9050"},
		{"refuses a cloud_unique_id over 256 bytes", "add_node",
			withNodes("COMPUTE", `{"cloud_unique_id":"1:$I:`+strings.Repeat("x", longName)+`","ip":"10.0.0.9","heartbeat_port":9050}`), core.InvalidArgument, ""},
		{"refuses a host over 256 bytes", "add_node",
			withNodes("COMPUTE", `{"cloud_unique_id":"1:$I:be9","host":"`+strings.Repeat("x", longName)+`","heartbeat_port":9050}`), core.InvalidArgument, ""},
		{"adds two", "add_node", withNodes("COMPUTE", `{"cloud_unique_id":"1:$I:be3","ip":"10.0.0.3","heartbeat_port":9050}`,
			`{"cloud_unique_id":"1:$I:be4","ip":"10.0.0.3","heartbeat_port":9051}`), core.OK, ""},
		{"adds none twice", "add_node", withNodes("COMPUTE", `{"cloud_unique_id":"1:$I:be3","ip":"10.0.0.3","heartbeat_port":9050}`), core.InvalidArgument,
			"compute node endpoint has been added, registered be node=10.0.0.3:9050"},
	}})
	check(t, "an added node runs and has times", func(t *testing.T) {
		id := s.instance(t)
		s.must(t, "add_cluster", fill(id, addCompute))
		s.must(t, "add_node", fill(id, withNodes("COMPUTE", be2)))
		nodes := clusterC1(t, s.read(t, id)).GetNodes()
		if len(nodes) != 2 {
			t.Fatalf("got %d nodes", len(nodes))
		}
		n := nodes[1]
		if n.GetStatus() != pb.NodeStatusPB_NODE_STATUS_RUNNING || n.GetCtime() <= 0 || n.GetMtime() <= 0 || n.GetIp() != "10.0.0.2" {
			t.Errorf("got %v", n)
		}
	})
	check(t, "add_node refuses a cloud_unique_id another instance holds", func(t *testing.T) {
		holder, other := s.instance(t), s.instance(t)
		s.must(t, "add_cluster", fill(holder, addCompute))
		s.must(t, "add_cluster", fill(other, withNodes("COMPUTE")))
		body := fill(other, withNodes("COMPUTE", strings.ReplaceAll(be2, "1:$I:be2", "1:"+holder+":be1")))
		wantRefusal(t, s.do(t, "add_node", body), core.AlreadyExisted, "cloud_unique_id is already occupied by an instance, instance_id="+holder+
			" cluster_name=compute_1 cluster_id=c1 cloud_unique_id=1:"+holder+":be1")
		if got := len(clusterC1(t, s.read(t, other)).GetNodes()); got != 0 {
			t.Errorf("the refused node was added: %d nodes", got)
		}
	})
	s.play(t, scenario{name: "a dropped node may come back", setup: oneCluster, steps: []step{
		{op: "drop_node", body: withNodes("COMPUTE", be1)},
		{op: "add_node", body: withNodes("COMPUTE", be1)},
	}})
}

func dropNodeCases(t *testing.T, s *suite) {
	const unknown = "cloud_unique_id can not find to drop node, instance_id=$I cluster_name=compute_1 cluster_id=c1 cloud_unique_id="
	s.play(t, scenario{name: "drop_node", setup: []step{{op: "add_cluster", body: withNodes("COMPUTE", be1, be2)}}, steps: []step{
		{"finds no other cloud_unique_id", "drop_node", withNodes("COMPUTE", `{"cloud_unique_id":"1:$I:be9","ip":"10.0.0.1","heartbeat_port":9050}`),
			core.NotFound, unknown + "1:$I:be9…"},
		{"finds no other port", "drop_node", withNodes("COMPUTE", strings.Replace(be1, "9050", "9051", 1)), core.NotFound, unknown + "1:$I:be1…"},
		{"finds no other ip", "drop_node", withNodes("COMPUTE", strings.Replace(be1, "10.0.0.1", "10.0.0.7", 1)), core.NotFound, unknown + "1:$I:be1…"},
		{"drops none when one is not found", "drop_node", withNodes("COMPUTE", be1, `{"cloud_unique_id":"1:$I:be9","ip":"10.0.0.9","heartbeat_port":9050}`),
			core.NotFound, unknown + "1:$I:be9…"},
		{"drops one", "drop_node", withNodes("COMPUTE", be1), core.OK, ""},
		{"finds it no more", "drop_node", withNodes("COMPUTE", be1), core.NotFound, unknown + "1:$I:be1…"},
		{"drops the last backend", "drop_node", withNodes("COMPUTE", be2), core.OK, ""},
	}})
	check(t, "drop_node drops one of two with one cloud_unique_id", func(t *testing.T) {
		id := s.instance(t)
		twin := strings.Replace(be2, "be2", "be1", 1)
		s.must(t, "add_cluster", fill(id, withNodes("COMPUTE", be1, twin)))
		s.must(t, "drop_node", fill(id, withNodes("COMPUTE", twin)))
		nodes := clusterC1(t, s.read(t, id)).GetNodes()
		if len(nodes) != 1 || nodes[0].GetIp() != "10.0.0.1" {
			t.Errorf("got %v", nodes)
		}
	})
}

func frontendCases(t *testing.T, s *suite) {
	const invalid = "instance invalid, cant modify, plz check…"
	s.play(t, scenario{name: "frontends", setup: frontends, steps: []step{
		{"refuse a second master", "add_node", withNodes("SQL", master2), core.InvalidArgument, invalid},
		{"refuse a registered endpoint", "add_node", withNodes("SQL", strings.Replace(master, "FE_MASTER", "FE_OBSERVER", 1)), core.InvalidArgument,
			"sql node endpoint has been added, registered fe node=10.1.0.1:9010"},
		{"take a follower beside the master", "add_node", withNodes("SQL", follower), core.OK, ""},
	}})
	s.play(t, scenario{name: "add_cluster refuses a registered frontend", setup: frontends, steps: []step{{"add_cluster", "add_cluster",
		`{"instance_id":"$I","cluster":{"cluster_id":"c2","cluster_name":"sql_2","type":"SQL","nodes":[` + master + `]}}`,
		core.AlreadyExisted, "sql node endpoint has been added, registered fe node=10.1.0.1:9010"}}})

	if s.level == reference {
		s.play(t, scenario{name: "a young frontend may go", setup: frontends, steps: []step{
			{op: "drop_node", body: withNodes("SQL", observer)},
			{op: "drop_cluster", body: dropCompute},
		}})
		s.play(t, scenario{name: "the last master may not go", setup: frontends, steps: []step{
			{"drop_node", "drop_node", withNodes("SQL", master), core.InvalidArgument, invalid},
			{"drop_node of all", "drop_node", withNodes("SQL", master, observer), core.InvalidArgument, invalid},
		}})
		return
	}
	s.play(t, scenario{name: "a young frontend may not go", setup: frontends, steps: []step{
		{"drop_node", "drop_node", withNodes("SQL", observer), core.InvalidArgument, "drop fe node not in safe time, try later, node=…"},
		{"drop_cluster", "drop_cluster", dropCompute, core.NotFound, "drop fe cluster not in safe time, try later, cluster=…"},
	}})
	age := func(doc *pb.InstanceInfoPB) {
		for _, n := range doc.Clusters[0].Nodes {
			n.Ctime = new(n.GetCtime() - 301)
		}
	}
	check(t, "a frontend of five minutes may go", func(t *testing.T) {
		id := s.instance(t)
		s.must(t, "add_cluster", fill(id, withNodes("SQL", master, observer)))
		s.rewrite(t, id, age)
		wantRefusal(t, s.do(t, "drop_node", fill(id, withNodes("SQL", master))), core.InvalidArgument, invalid)
		s.must(t, "drop_node", fill(id, withNodes("SQL", observer)))
		s.must(t, "drop_cluster", fill(id, dropCompute))
	})
	check(t, "a young backend may go", func(t *testing.T) {
		id := s.instance(t)
		s.must(t, "add_cluster", fill(id, withNodes("COMPUTE", be1, be2)))
		s.must(t, "drop_node", fill(id, withNodes("COMPUTE", be1)))
		s.must(t, "drop_cluster", fill(id, dropCompute))
	})
	check(t, "force drops a young frontend", func(t *testing.T) {
		id := s.instance(t)
		s.must(t, "add_cluster", fill(id, withNodes("SQL", master, observer)))
		ctx := core.WithCall(t.Context(), core.Call{Force: true})
		for _, st := range []step{{op: "drop_node", body: withNodes("SQL", observer)}, {op: "drop_cluster", body: dropCompute}} {
			if err := operations[st.op](ctx, s.api, fill(id, st.body)); err != nil {
				t.Errorf("%s: %v", st.op, err)
			}
		}
		if got := len(s.read(t, id).GetClusters()); got != 0 {
			t.Errorf("%d clusters are left", got)
		}
	})
}
