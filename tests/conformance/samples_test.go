package conformance

import (
	"bytes"
	"embed"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	pb "roster/core/metapb"
	"roster/tests/harness"
)

// testdata holds the request and reply samples of the API reference as they are
// printed there, but for the ids: $I is the instance of the test.
//
//go:embed testdata
var testdata embed.FS

// text is a sample of the reference for an instance.
func text(t *testing.T, name, id string) string {
	t.Helper()
	raw, err := testdata.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return fill(id, string(raw))
}

const okReply = "{\n    \"code\": \"OK\",\n    \"msg\": \"\"\n}\n"

// refused is the reply that carries a failure.
func refused(t *testing.T, code, msg string) string {
	t.Helper()
	var quoted bytes.Buffer
	encoder := json.NewEncoder(&quoted)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(msg); err != nil {
		t.Fatal(err)
	}
	return "{\n    \"code\": \"" + code + "\",\n    \"msg\": " + strings.TrimSpace(quoted.String()) + "\n}\n"
}

// sample is one request of the reference, the state it is sent in, and what is
// printed as its reply.
type sample struct {
	route string
	setup func(t *testing.T, s *suite, id string)
	query url.Values
	// reply is the reply's text; "" is the envelope of a success.
	reply func(t *testing.T, id string) string
}

func created(t *testing.T, s *suite, id string) {
	t.Helper()
	s.must(t, "create_instance", fill(id, newInstance))
}

// setUp is a created instance and more steps.
func setUp(steps ...step) func(*testing.T, *suite, string) {
	return func(t *testing.T, s *suite, id string) {
		t.Helper()
		created(t, s, id)
		for _, st := range steps {
			s.must(t, st.op, fill(id, st.body))
		}
	}
}

// documented is an instance whose record is a sample of the reference.
func documented(name string) func(*testing.T, *suite, string) {
	return func(t *testing.T, s *suite, id string) {
		t.Helper()
		created(t, s, id)
		s.put(t, record(id, "InstanceKey", ""), text(t, name, id))
	}
}

const (
	cluster1    = `{"instance_id":"$I","cluster":{"cluster_name":"cluster_name1","cluster_id":"cluster_id1","type":"COMPUTE"}}`
	nodes2And3  = `{"instance_id":"$I","cluster":{"cluster_name":"cluster_name1","cluster_id":"cluster_id1","type":"COMPUTE","nodes":[` + node2 + `,` + node3 + `]}}`
	node2       = `{"cloud_unique_id":"1:$I:cloud_unique_id_compute_node2","ip":"172.21.0.50","heartbeat_port":9051}`
	node3       = `{"cloud_unique_id":"1:$I:cloud_unique_id_compute_node3","ip":"172.21.0.52","heartbeat_port":9052}`
	statsParams = "table_id=113973 index_id=113974 part_id=113966 tablet_id=114739"
	statsRecord = `{"idx":{"table_id":"113973","index_id":"113974","partition_id":"113966","tablet_id":"114739"},"data_size":"0","num_rows":"0",
		"num_rowsets":"2","num_segments":"0","base_compaction_cnt":"0","cumulative_compaction_cnt":"0","cumulative_point":"2"}`
)

var samples = []sample{
	{route: "create_instance", setup: func(*testing.T, *suite, string) {}},
	{route: "drop_instance", setup: created},
	{route: "add_cluster", setup: created},
	{route: "drop_cluster", setup: setUp(step{op: "add_cluster", body: cluster1})},
	{route: "rename_cluster", setup: setUp(step{op: "add_cluster", body: cluster1})},
	{route: "add_node", setup: setUp(step{op: "add_cluster", body: cluster1})},
	{route: "drop_node", setup: setUp(step{op: "add_cluster", body: nodes2And3})},
	{route: "update_cluster_mysql_user_name", setup: setUp(step{op: "add_cluster", body: cluster1})},
	{route: "update_ak_sk", setup: func(t *testing.T, s *suite, id string) {
		s.must(t, "create_instance", fill(id, strings.Replace(newInstance, `"bucket_user"}`,
			`"bucket_user_id_1"},"ram_user":{"user_id":"ram_user_id","ak":"a","sk":"s"}`, 1)))
		s.must(t, "add_obj_info", fill(id, strings.Replace(addStore, `"region"`, `"user_id":"bucket_user_id_2","region"`, 1)))
	}},
	{route: "legacy_update_ak_sk", setup: created},
	{route: "add_obj_info", setup: created},
	{route: "enable_instance_sse", setup: created},
	{route: "set_cluster_status", setup: setUp(step{op: "add_cluster",
		body: `{"instance_id":"$I","cluster":{"cluster_name":"name1","cluster_id":"test_cluster_1_id1","type":"COMPUTE"}}`})},
	{route: "set_instance_status", setup: created},
	{route: "get_cluster", setup: documented("get_cluster.record"),
		reply: func(t *testing.T, id string) string { return text(t, "get_cluster.reply", id) }},
	{route: "get_obj_store_info", setup: documented("get_obj_store_info.record"),
		reply: func(t *testing.T, id string) string { return text(t, "get_obj_store_info.reply", id) }},
	{route: "get_cluster_status", setup: documented("get_cluster_status.record"),
		reply: func(t *testing.T, id string) string { return text(t, "get_cluster_status.reply", id) }},
	{route: "get_tablet_stats",
		setup: func(t *testing.T, s *suite, id string) {
			created(t, s, id)
			s.put(t, record(id, "StatsTabletKey", statsParams), statsRecord)
		},
		// The protobuf text is followed by the line feed of every reply.
		reply: func(t *testing.T, id string) string { return text(t, "get_tablet_stats.reply", id) + "\n" }},
}

// TestSamples sends every request of the reference as it is printed there.
func TestSamples(t *testing.T) {
	for _, level := range levels {
		for _, c := range samples {
			for _, version := range []string{"", "v1/"} {
				check(t, "compat "+level+" "+version+c.route, func(t *testing.T) {
					rest := restAt(t, level)
					id := newID("sample")
					c.setup(t, &suite{api: rest, level: level}, id)
					reply, err := rest.Send(t.Context(), harness.Request{
						Method: http.MethodPut, Path: "/MetaService/http/" + version + c.route, Query: c.query,
						Header: http.Header{"Content-Type": {"text/plain"}}, Body: text(t, c.route+".request", id),
					})
					if err != nil {
						t.Fatal(err)
					}
					want := okReply
					if c.reply != nil {
						want = c.reply(t, id)
					}
					wantReply(t, reply, http.StatusOK, want)
				})
			}
		}
	}
}

// sealing is how a secret is kept, which the reference's replies leave out.
var sealing = regexp.MustCompile(`,\n *"encryption_info": \{[^}]*\}`)

// wantReply fails t unless the reply is, byte for byte, the one wanted.
func wantReply(t *testing.T, got harness.Reply, status int, body string) {
	t.Helper()
	got.Body = sealing.ReplaceAllString(got.Body, "")
	if got.Status != status || got.Body != body {
		t.Errorf("got status %d\n%s\nwant status %d\n%s", got.Status, got.Body, status, body)
	}
}

// TestInstanceSample reads the instance the reference prints.
func TestInstanceSample(t *testing.T) {
	for _, version := range []string{"", "v1/"} {
		check(t, version+"get_instance", func(t *testing.T) {
			rest, id := restAt(t, reference), newID("sample")
			documented("get_instance.record")(t, &suite{api: rest, level: reference}, id)
			reply, err := rest.Send(t.Context(), harness.Request{
				Method: http.MethodGet, Path: "/MetaService/http/" + version + "get_instance", Query: url.Values{"instance_id": {id}},
			})
			if err != nil {
				t.Fatal(err)
			}
			wantReply(t, reply, http.StatusOK, text(t, "get_instance.reply", id))
		})
	}
}

// TestAbortSamples sends the two abort requests of the reference, whose reply
// is protobuf text in compat reference and the envelope in compat doris.
func TestAbortSamples(t *testing.T) {
	const textReply = "status {\n  code: OK\n  msg: \"\"\n}\n\n"
	setups := map[string]func(*testing.T, *suite, string){
		"abort_txn": func(t *testing.T, s *suite, id string) {
			created(t, s, id)
			s.loaded(t, id, 869414052004864, "lab", "TXN_STATUS_PREPARED")
		},
		"abort_tablet_job": func(t *testing.T, s *suite, id string) {
			created(t, s, id)
			idx := `{"db_id":"10","table_id":"11","index_id":"14","partition_id":"12","tablet_id":"113973"}`
			s.put(t, record(id, "MetaTabletIdxKey", "tablet_id=113973"), idx)
			s.put(t, record(id, "JobTabletKey", "table_id=11 index_id=14 part_id=12 tablet_id=113973"), `{"idx":`+idx+`,"compaction":[{"id":"113974"}]}`)
		},
	}
	for _, level := range levels {
		for route, setup := range setups {
			for _, c := range []struct {
				name   string
				query  url.Values
				header http.Header
				json   bool
			}{
				{"as it is", nil, nil, level == doris},
				{"with Accept: application/json", nil, http.Header{"Accept": {"application/json"}}, true},
				{"with Accept: */*", nil, http.Header{"Accept": {"*/*"}}, level == doris},
				{"with format=json", url.Values{"format": {"json"}}, nil, true},
			} {
				check(t, "compat "+level+" "+route+" "+c.name, func(t *testing.T) {
					rest, id := restAt(t, level), newID("sample")
					setup(t, &suite{api: rest, level: level}, id)
					body := text(t, route+".request", id)
					send := func() harness.Reply {
						reply, err := rest.Send(t.Context(), harness.Request{Path: "/MetaService/http/" + route, Query: c.query, Header: c.header, Body: body})
						if err != nil {
							t.Fatal(err)
						}
						return reply
					}
					reply := send()
					if !c.json {
						wantReply(t, reply, http.StatusOK, textReply)
					} else if e, err := reply.Envelope(); err != nil || reply.Status != http.StatusOK || e.Code != "OK" || e.Msg != "" {
						t.Errorf("got status %d, %v\n%s", reply.Status, err, reply.Body)
					}
					again := send()
					if e, err := again.Envelope(); err != nil || again.Status == http.StatusOK || e.Code == "OK" {
						t.Errorf("once more: status %d, %v\n%s\nwant a failure as JSON", again.Status, err, again.Body)
					}
				})
			}
		}
	}
}

// failure is a failure the reference prints. Codes are those of the ruling on
// its misspelt INTERANAL_ERROR.
type failure struct {
	route, body string
	setup       func(t *testing.T, s *suite, id string)
	status      int
	code, msg   string
}

var failures = []failure{
	{"create_instance", newInstance, created, http.StatusConflict, "ALREADY_EXISTED", "instance already existed, instance_id=$I"},
	{"drop_instance", `{"instance_id":"$I"}`, setUp(step{op: "add_cluster", body: cluster1}), http.StatusBadRequest, "INVALID_ARGUMENT",
		"failed to drop instance, instance has clusters"},
	{"add_cluster", `{"instance_id":"$I","cluster":{"cluster_name":"sql1","cluster_id":"sql1","type":"SQL","nodes":[]}}`, created, http.StatusBadRequest,
		"INVALID_ARGUMENT", "cluster is SQL type, must have only one master node, now master count: 0"},
	{"get_cluster", `{"instance_id":"$I","cloud_unique_id":"1:$I:xxx_cloud_unique_id_compute_node0","cluster_name":"cluster_name"}`, created, http.StatusNotFound,
		"NOT_FOUND", `fail to get cluster with instance_id: "$I" cloud_unique_id: "1:$I:xxx_cloud_unique_id_compute_node0" cluster_name: "cluster_name" `},
	{"drop_cluster", `{"instance_id":"$I","cluster":{"cluster_id":"11111","cluster_name":"2222"}}`, created, http.StatusNotFound, "NOT_FOUND",
		"failed to find cluster to drop, instance_id=$I cluster_id=11111 cluster_name=2222"},
	{"rename_cluster", `{"instance_id":"$I","cluster":{"cluster_id":"3333333","cluster_name":"444444"}}`, func(t *testing.T, s *suite, id string) {
		created(t, s, id)
		s.rewrite(t, id, func(doc *pb.InstanceInfoPB) {
			doc.Clusters = []*pb.ClusterPB{{ClusterId: new("3333333"), ClusterName: new("444444"), Type: new(pb.ClusterPB_COMPUTE)}}
		})
	}, http.StatusBadRequest, "INVALID_ARGUMENT",
		`failed to rename cluster, name eq original name, original cluster is {"cluster_id":"3333333","cluster_name":"444444","type":"COMPUTE"}`},
	{"update_cluster_mysql_user_name", `{"instance_id":"$I","cluster":{"cluster_id":"cluster_id1"}}`, setUp(step{op: "add_cluster", body: cluster1}),
		http.StatusBadRequest, "INVALID_ARGUMENT", "no mysql user name to change"},
	{"get_obj_store_info", `{"cloud_unique_id":"$I-nobody"}`, created, http.StatusBadRequest, "INVALID_ARGUMENT", "empty instance_id"},
	{"update_ak_sk", `{"instance_id":"$I","internal_bucket_user":[{"user_id":"bucket_user","ak":"ak1","sk":"sk1"}]}`, created, http.StatusBadRequest,
		"INVALID_ARGUMENT", "ak sk eq original, please check it"},
	{"legacy_update_ak_sk", `{"cloud_unique_id":"1:$I:x","obj":{"id":"1","ak":"ak1","sk":"sk1"}}`, created, http.StatusBadRequest, "INVALID_ARGUMENT",
		"ak sk eq original, please check it"},
	{"add_obj_info", `{"cloud_unique_id":"1:$I:x","obj":{"ak":"a","sk":"s","bucket":"","endpoint":"e","region":"r"}}`, created, http.StatusBadRequest,
		"INVALID_ARGUMENT", "s3 conf info err, please check it"},
	{"enable_instance_sse", `{"instance_id":"$I"}`, setUp(step{op: "enable_instance_sse", body: `{"instance_id":"$I"}`}), http.StatusBadRequest,
		"INVALID_ARGUMENT", "failed to enable sse, instance has enabled sse"},
	{"set_cluster_status", `{"instance_id":"$I","cluster":{"cluster_id":"cluster_id1","cluster_status":"TO_RESUME"}}`, setUp(step{op: "add_cluster", body: cluster1}),
		http.StatusBadRequest, "INVALID_ARGUMENT", "failed to set cluster status, original cluster is NORMAL and want set TO_RESUME"},
}

// TestFailureSamples: the failures of the reference, byte for byte.
func TestFailureSamples(t *testing.T) {
	for _, c := range failures {
		check(t, c.route, func(t *testing.T) {
			rest, id := restAt(t, reference), newID("failure")
			c.setup(t, &suite{api: rest, level: reference}, id)
			reply, err := rest.Send(t.Context(), harness.Request{Method: http.MethodPut, Path: "/MetaService/http/" + c.route, Body: fill(id, c.body)})
			if err != nil {
				t.Fatal(err)
			}
			wantReply(t, reply, c.status, refused(t, c.code, fill(id, c.msg)))
		})
	}
}
