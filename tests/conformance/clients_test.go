package conformance

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"roster/tests/harness"
)

const (
	sqlID   = "RESERVED_CLUSTER_ID_FOR_SQL_SERVER"
	sqlName = "RESERVED_CLUSTER_NAME_FOR_SQL_SERVER"
)

// call sends as a client does and returns code and result, which is all it reads.
func call(t *testing.T, rest *harness.REST, r harness.Request) (string, json.RawMessage) {
	t.Helper()
	e := envelope(t, send(t, rest, r))
	return e.Code, e.Result
}

func wantCode(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Fatalf("got the code %s, want %s", got, want)
	}
}

// TestShellScripts: the start-up scripts of frontends and backends, which post
// JSON under the content type of a form, ports as strings, and register by
// add_cluster or, where that exists, add_node.
func TestShellScripts(t *testing.T) {
	for _, level := range levels {
		check(t, "compat "+level, func(t *testing.T) {
			rest, id := restAt(t, level), newID("compose")
			curl := func(op, body string) (string, json.RawMessage) {
				t.Helper()
				return call(t, rest, harness.Request{Path: base + op, Body: strings.ReplaceAll(fill(id, body), "$SQL", id+"-sql_server"),
					Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}})
			}
			code, _ := curl("create_instance", `{"instance_id":"$I","name":"$I","user_id":"u","vault":{"obj_info":{"ak":"a","sk":"s","bucket":"b",
				"endpoint":"e","external_endpoint":"e","prefix":"p","region":"r","provider":"S3"}}}`)
			wantCode(t, code, "OK")

			frontend := func(n, kind string) string {
				return `{"instance_id":"$I","cluster":{"type":"SQL","cluster_name":"` + sqlName + `","cluster_id":"` + sqlID + `","nodes":[{"cloud_unique_id":"$SQL_` +
					n + `","ip":"172.20.80.` + n + `","edit_log_port":"9010","node_type":"` + kind + `"}]}}`
			}
			lookup := func(n string) string {
				return `{"instance_id":"$I","cloud_unique_id":"$SQL_` + n + `","cluster_name":"` + sqlName + `","cluster_id":"` + sqlID + `"}`
			}
			code, _ = curl("add_cluster", frontend("1", "FE_MASTER"))
			wantCode(t, code, "OK")
			code, _ = curl("add_cluster", frontend("2", "FE_MASTER"))
			wantCode(t, code, "ALREADY_EXISTED")
			code, _ = curl("add_node", frontend("2", "FE_OBSERVER"))
			wantCode(t, code, "OK")
			for _, n := range []string{"1", "2"} {
				code, result := curl("get_cluster", lookup(n))
				wantCode(t, code, "OK")
				if !strings.Contains(string(result), `"`+id+"-sql_server_"+n+`"`) {
					t.Errorf("frontend %s does not find itself: %s", n, result)
				}
			}

			backend := func(n string) string {
				return `{"instance_id":"$I","cluster":{"type":"COMPUTE","cluster_name":"compute_cluster","cluster_id":"compute_cluster_id","nodes":[
					{"cloud_unique_id":"$I-compute_node_` + n + `","ip":"172.20.80.1` + n + `","heartbeat_port":"9050"}]}}`
			}
			code, _ = curl("add_cluster", backend("1"))
			wantCode(t, code, "OK")
			code, _ = curl("add_cluster", backend("2"))
			wantCode(t, code, "ALREADY_EXISTED")
			code, _ = curl("add_node", backend("2"))
			wantCode(t, code, "OK")
			code, result := curl("get_cluster", `{"instance_id":"$I","cloud_unique_id":"$I-compute_node_2","cluster_name":"compute_cluster","cluster_id":"compute_cluster_id"}`)
			wantCode(t, code, "OK")
			var found struct {
				ClusterID string `json:"cluster_id"`
				Nodes     []struct {
					Port int `json:"heartbeat_port"`
				}
			}
			if err := json.Unmarshal(result, &found); err != nil {
				t.Fatal(err)
			}
			if found.ClusterID != "compute_cluster_id" || len(found.Nodes) != 2 || found.Nodes[1].Port != 9050 {
				t.Errorf("got %s", result)
			}
			code, result = curl("get_obj_store_info", `{"cloud_unique_id":"$SQL_1"}`)
			wantCode(t, code, "OK")
			if !strings.Contains(string(result), `"built_in_storage_vault"`) {
				t.Errorf("the vault is not shown: %s", result)
			}
			code, _ = curl("drop_node", backend("2"))
			wantCode(t, code, "OK")
		})
	}
}

// TestOperator: the Kubernetes operator uses the methods PUT, GET and DELETE,
// and reads every body as JSON, whatever its status.
func TestOperator(t *testing.T) {
	for _, level := range levels {
		check(t, "compat "+level, func(t *testing.T) {
			rest, id := restAt(t, level), newID("operator")
			do := func(method, op string, query url.Values, body string) (string, json.RawMessage) {
				t.Helper()
				return call(t, rest, harness.Request{Method: method, Path: base + op, Query: query, Body: fill(id, body),
					Header: http.Header{"Content-Type": {"application/json"}}})
			}
			byID := url.Values{"instance_id": {id}}
			code, _ := do(http.MethodGet, "get_instance", byID, "")
			wantCode(t, code, "NOT_FOUND")
			code, _ = do(http.MethodPut, "create_instance", nil, newInstance)
			wantCode(t, code, "OK")
			code, _ = do(http.MethodPut, "create_instance", nil, newInstance)
			wantCode(t, code, "ALREADY_EXISTED")
			code, result := do(http.MethodGet, "get_instance", byID, "")
			wantCode(t, code, "OK")
			if !strings.Contains(string(result), `"`+id+`"`) {
				t.Errorf("got %s", result)
			}
			code, _ = do(http.MethodPut, "get_cluster", nil, `{"instance_id":"$I","cloud_unique_id":"1:$I:fe","cluster_id":"`+sqlID+`"}`)
			wantCode(t, code, "NOT_FOUND")
			sql := `{"instance_id":"$I","cluster":{"cluster_id":"` + sqlID + `","cluster_name":"` + sqlName + `","type":"SQL","nodes":[
				{"cloud_unique_id":"1:$I:fe","ip":"fe-0.fe.ns.svc","host":"fe-0.fe.ns.svc","edit_log_port":9010,"node_type":"FE_MASTER"},
				{"cloud_unique_id":"1:$I:fe","ip":"fe-1.fe.ns.svc","host":"fe-1.fe.ns.svc","edit_log_port":9010,"node_type":"FE_OBSERVER"}]}}`
			code, _ = do(http.MethodPut, "add_cluster", nil, sql)
			wantCode(t, code, "OK")
			code, _ = do(http.MethodPut, "add_cluster", nil, sql)
			wantCode(t, code, "ALREADY_EXISTED")
			code, result = do(http.MethodPut, "get_cluster", nil, `{"instance_id":"$I","cloud_unique_id":"1:$I:fe","cluster_id":"`+sqlID+`"}`)
			wantCode(t, code, "OK")
			if strings.Count(string(result), `"FE_MASTER"`) != 1 || strings.Count(string(result), `"FE_OBSERVER"`) != 1 {
				t.Errorf("got %s", result)
			}
			compute := `{"instance_id":"$I","cluster":{"cluster_id":"cg1","cluster_name":"cg1","type":"COMPUTE","nodes":[
				{"cloud_unique_id":"1:$I:cg1","ip":"cg1-0","host":"cg1-0","heartbeat_port":9050},{"cloud_unique_id":"1:$I:cg1","ip":"cg1-1","host":"cg1-1","heartbeat_port":9050}]}}`
			code, _ = do(http.MethodPut, "add_cluster", nil, compute)
			wantCode(t, code, "OK")
			code, _ = do(http.MethodPut, "drop_node", nil, `{"instance_id":"$I","cluster":{"cluster_id":"cg1","cluster_name":"cg1","type":"COMPUTE","nodes":[
				{"cloud_unique_id":"1:$I:cg1","ip":"cg1-1","host":"cg1-1","heartbeat_port":9050}]}}`)
			wantCode(t, code, "OK")
			code, _ = do(http.MethodPut, "set_cluster_status", nil, `{"instance_id":"$I","cluster":{"cluster_id":"cg1","cluster_status":"SUSPENDED"}}`)
			wantCode(t, code, "OK")
			code, _ = do(http.MethodDelete, "drop_instance", nil, `{"instance_id":"$I"}`)
			wantCode(t, code, "INVALID_ARGUMENT")
			code, _ = do(http.MethodDelete, "drop_cluster", nil, `{"instance_id":"$I","cluster":{"cluster_id":"cg1"}}`)
			wantCode(t, code, "OK")
			drop := harness.Request{Method: http.MethodDelete, Path: base + "drop_cluster", Body: fill(id, `{"instance_id":"$I","cluster":{"cluster_id":"`+sqlID+`"}}`)}
			if level == doris {
				code, _ = call(t, rest, drop)
				wantCode(t, code, "NOT_FOUND") // a frontend younger than five minutes
				drop.Query = url.Values{"force": {"true"}}
			}
			code, _ = call(t, rest, drop)
			wantCode(t, code, "OK")
			code, _ = do(http.MethodDelete, "drop_instance", nil, `{"instance_id":"$I"}`)
			wantCode(t, code, "OK")
			code, result = do(http.MethodGet, "get_instance", byID, "")
			wantCode(t, code, "OK")
			if !strings.Contains(string(result), `"DELETED"`) {
				t.Errorf("got %s", result)
			}
		})
	}
}

// TestRegressionFramework: what the Groovy suites of the warehouse expect.
func TestRegressionFramework(t *testing.T) {
	check(t, "the meta-service suite", func(t *testing.T) {
		rest, id := restAt(t, doris), newID("groovy")
		post := func(op, body string) harness.Envelope {
			t.Helper()
			return envelope(t, send(t, rest, harness.Request{Path: base + op, Body: fill(id, body), Header: http.Header{"Content-Type": {"application/json"}}}))
		}
		wantCode(t, post("create_instance", newInstance).Code, "OK")
		wantCode(t, post("create_instance", newInstance).Code, "ALREADY_EXISTED")
		wantCode(t, post("add_cluster", addCompute).Code, "OK")
		e := post("add_cluster", addCompute)
		wantCode(t, e.Code, "ALREADY_EXISTED")
		wantText(t, e.Msg, "try to add a existing cluster id…")
		wantCode(t, post("add_cluster", addSecond).Code, "OK")
		wantCode(t, post("drop_instance", `{"instance_id":"$I"}`).Code, "INVALID_ARGUMENT")
		e = post("rename_cluster", `{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_name":"compute_2"}}`)
		wantCode(t, e.Code, "INVALID_ARGUMENT")
		wantText(t, e.Msg, "failed to rename cluster, a cluster with the same name already exists in this instance…")
		e = post("add_cluster", `{"instance_id":"$I","cluster":{"cluster_id":"c3","cluster_name":"compute_3","type":"COMPUTE","nodes":[`+be1+`]}}`)
		wantCode(t, e.Code, "ALREADY_EXISTED")
		wantText(t, e.Msg, "compute node endpoint has been added…")
		e = post("get_cluster", `{"cloud_unique_id":"1:$I:x"}`)
		wantCode(t, e.Code, "OK")
		var all struct{ Cluster []any }
		if err := json.Unmarshal(e.Result, &all); err != nil || len(all.Cluster) != 2 {
			t.Errorf("result.cluster of all clusters: %v, %s", err, e.Result)
		}
		wantCode(t, post("drop_node", withNodes("COMPUTE", strings.Replace(be1, "be1", "be9", 1))).Code, "NOT_FOUND")
		wantCode(t, post("add_cluster", `{"instance_id":"$I","cluster":{"cluster_id":"s1","cluster_name":"sql_1","type":"SQL","nodes":[`+master+`,`+observer+`]}}`).Code, "OK")
		wantCode(t, post("drop_node", `{"instance_id":"$I","cluster":{"cluster_id":"s1","type":"SQL","nodes":[`+observer+`]}}`).Code, "INVALID_ARGUMENT")
		wantCode(t, post("drop_cluster", `{"instance_id":"$I","cluster":{"cluster_id":"s1"}}`).Code, "NOT_FOUND")
		wantCode(t, post("drop_cluster", `{"instance_id":"$I","cluster":{"cluster_id":"c2"}}`).Code, "OK")
		wantCode(t, post("drop_cluster", `{"instance_id":"$I","cluster":{"cluster_id":"c2"}}`).Code, "NOT_FOUND")
		wantCode(t, post("get_cluster", `{"cloud_unique_id":"1:$I:x","cluster_id":"c2"}`).Code, "NOT_FOUND")
	})
	check(t, "what it reads of an instance", func(t *testing.T) {
		rest, id := restAt(t, doris), newID("groovy")
		must(t, send(t, rest, harness.Request{Path: base + "create_instance", Body: fill(id, strings.Replace(newInstance, `"x"`, `""`, 1))}))
		_, result := call(t, rest, harness.Request{Method: http.MethodGet, Path: base + "get_instance", Query: url.Values{"instance_id": {id}}})
		var got struct {
			Status  string
			ObjInfo []struct {
				SK               string
				Region           string
				ExternalEndpoint *string `json:"external_endpoint"`
				SSEEnabled       *bool   `json:"sse_enabled"`
				EncryptionInfo   struct {
					Method string `json:"encryption_method"`
					KeyID  string `json:"key_id"`
				} `json:"encryption_info"`
			} `json:"obj_info"`
			IAMUser map[string]string `json:"iam_user"`
		}
		if err := json.Unmarshal(result, &got); err != nil {
			t.Fatal(err)
		}
		if len(got.ObjInfo) != 1 {
			t.Fatalf("got %s", result)
		}
		obj := got.ObjInfo[0]
		if obj.SK != "sk1" || obj.ExternalEndpoint == nil || obj.SSEEnabled == nil || obj.EncryptionInfo.Method == "" || obj.EncryptionInfo.KeyID == "" {
			t.Errorf("got the object store %s", result)
		}
		if u := got.IAMUser; got.Status != "NORMAL" || u["external_id"] != id || len(u) != 4 || u["ak"]+u["sk"]+u["user_id"] != "" {
			t.Errorf("got the status %q, the iam_user %v", got.Status, u)
		}
	})
}
