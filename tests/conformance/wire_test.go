package conformance

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"roster/tests/harness"
)

const base = "/MetaService/http/"

// commands are the routes whose reply is the envelope alone, and readers those
// with a result or a text. Both lists are the published reference.
var (
	commands = []string{
		"create_instance", "drop_instance", "add_cluster", "drop_cluster", "rename_cluster", "add_node", "drop_node",
		"update_cluster_mysql_user_name", "update_ak_sk", "legacy_update_ak_sk", "add_obj_info", "abort_txn", "abort_tablet_job",
		"enable_instance_sse", "disable_instance_sse", "set_cluster_status", "set_instance_status",
	}
	readers = []string{
		"get_instance", "get_cluster", "get_obj_store_info", "get_cluster_status", "get_tablet_stats", "decode_key", "encode_key", "get_value",
	}
	routes = slices.Concat(commands, readers, []string{"set_value"})
)

// send sends a request that has to get a reply.
func send(t *testing.T, c *harness.REST, r harness.Request) harness.Reply {
	t.Helper()
	reply, err := c.Send(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

// envelope is a reply that has to be the JSON envelope, with the status that
// belongs to its code.
func envelope(t *testing.T, r harness.Reply) harness.Envelope {
	t.Helper()
	e, err := r.Envelope()
	if err != nil {
		t.Fatal(err)
	}
	statuses := map[string][]int{
		"OK": {200}, "INVALID_ARGUMENT": {400, 413}, "NOT_FOUND": {404}, "ALREADY_EXISTED": {409}, "INTERNAL_ERROR": {500, 503},
		"CONFLICT": {409}, "UNDETERMINED": {500}, "PERMISSION_DENIED": {403},
	}
	if !slices.Contains(statuses[e.Code], r.Status) {
		t.Errorf("the code %q came with status %d", e.Code, r.Status)
	}
	return e
}

// TestRoutes: every route answers under every method, with and without v1/.
func TestRoutes(t *testing.T) {
	rest := restAt(t, reference)
	for _, route := range routes {
		check(t, route, func(t *testing.T) {
			want := send(t, rest, harness.Request{Path: base + route, Body: "{}"})
			if want.Status == http.StatusNotFound {
				t.Fatalf("not routed: %s", want.Body)
			}
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch} {
				for _, path := range []string{base + route, base + "v1/" + route} {
					got := send(t, rest, harness.Request{Method: method, Path: path, Body: "{}"})
					if got.Status != want.Status || got.Body != want.Body {
						t.Errorf("%s %s: status %d %s, want status %d %s", method, path, got.Status, got.Body, want.Status, want.Body)
					}
				}
			}
		})
	}
	check(t, "slashes in excess", func(t *testing.T) {
		id := newID("slashes")
		must(t, send(t, rest, harness.Request{Path: "/MetaService/http//v1//create_instance/", Body: fill(id, newInstance)}))
	})
}

func must(t *testing.T, r harness.Reply) {
	t.Helper()
	wantReply(t, r, http.StatusOK, okReply)
}

func TestUnknownPath(t *testing.T) {
	rest := restAt(t, reference)
	for _, path := range []string{
		base, base + "no_such_route", base + "v1/no_such_route", base + "v2/create_instance", base + "v1", base + "v1/v1/create_instance",
		base + "create_instance/more", "/MetaService/https/create_instance", "/", "/no/such", "/MetaService", base + "CREATE_INSTANCE",
	} {
		check(t, path, func(t *testing.T) {
			reply := send(t, rest, harness.Request{Path: path, Body: "{}"})
			if e := envelope(t, reply); reply.Status != http.StatusNotFound || e.Code != "NOT_FOUND" || e.Msg == "" {
				t.Errorf("got status %d, %s", reply.Status, reply.Body)
			}
		})
	}
}

func TestTokens(t *testing.T) {
	server := serverAt(t, reference)
	long := strings.Repeat("0123456789", 10)
	for _, path := range []string{"get_instance", "v1/create_instance", "no_such_route"} {
		for _, c := range []struct{ name, query, shown string }{
			{"none", "", "(not given)"},
			{"an empty one", "?token=", "(not given)"},
			{"a wrong one", "?token=abc", "abc"},
			{"the default one", "?token=" + harness.DefaultToken, harness.DefaultToken},
			{"the begin of a good one", "?token=" + adminToken[:len(adminToken)-1], adminToken[:len(adminToken)-1]},
			{"a good one and more", "?token=" + adminToken + "x", adminToken + "x"},
			{"one over 64 bytes", "?token=" + long, long[:64]},
			{"one among others", "?instance_id=x&token=abc&unicode=false", "abc"},
		} {
			check(t, path+" with "+c.name, func(t *testing.T) {
				rest := &harness.REST{URL: server.URL}
				reply := send(t, rest, harness.Request{Path: base + path + c.query, Body: "not even JSON"})
				wantReply(t, reply, http.StatusForbidden, "incorrect token, token="+c.shown+"\n")
				if got := reply.Header.Get("Content-Type"); !strings.HasPrefix(got, "text/plain") {
					t.Errorf("got the content type %q", got)
				}
			})
		}
	}
	check(t, "the default token on loopback", func(t *testing.T) {
		s := harness.Run(t, harness.Options{})
		rest := &harness.REST{URL: s.URL, Token: harness.DefaultToken}
		must(t, send(t, rest, harness.Request{Path: base + "create_instance", Body: fill("first", newInstance)}))
		wantReply(t, send(t, &harness.REST{URL: s.URL}, harness.Request{Path: base + "get_instance"}), http.StatusForbidden,
			"incorrect token, token=(not given)\n")
	})
}

// TestRoles: what each role may not do is refused as JSON and changes nothing.
func TestRoles(t *testing.T) {
	s := &suite{api: restAt(t, reference), level: reference}
	id := s.instance(t)
	before := s.read(t, id)
	refusedFor := map[string][]string{
		readerToken:   slices.DeleteFunc(slices.Clone(routes), func(r string) bool { return slices.Contains(readers, r) }),
		operatorToken: {"set_value"},
	}
	t.Run("refused", func(t *testing.T) {
		for token, refused := range refusedFor {
			for _, route := range refused {
				check(t, token+" "+route, func(t *testing.T) {
					rest := &harness.REST{URL: serverAt(t, reference).URL, Token: token}
					reply := send(t, rest, harness.Request{Path: base + route, Body: fill(id, addCompute)})
					if e := envelope(t, reply); reply.Status != http.StatusForbidden || e.Code != "PERMISSION_DENIED" || e.Msg == "" {
						t.Errorf("got status %d, %s", reply.Status, reply.Body)
					}
				})
			}
		}
	})
	if after := s.read(t, id); before.String() != after.String() {
		t.Errorf("refused requests changed the instance\nfrom %v\n  to %v", before, after)
	}
	for _, token := range []string{readerToken, operatorToken} {
		check(t, token+" reads", func(t *testing.T) {
			rest := &harness.REST{URL: serverAt(t, reference).URL, Token: token}
			for _, r := range []harness.Request{
				{Path: base + "get_instance", Query: url.Values{"instance_id": {id}}},
				{Path: base + "get_obj_store_info", Body: fill(id, `{"cloud_unique_id":"1:$I:x"}`)},
				{Path: base + "get_cluster_status", Body: fill(id, `{"instance_ids":["$I"]}`)},
			} {
				if e := envelope(t, send(t, rest, r)); e.Code != "OK" {
					t.Errorf("%s: %s %s", r.Path, e.Code, e.Msg)
				}
			}
		})
	}
	check(t, "an operator operates", func(t *testing.T) {
		rest := &harness.REST{URL: serverAt(t, reference).URL, Token: operatorToken}
		id := s.instance(t)
		must(t, send(t, rest, harness.Request{Path: base + "add_cluster", Body: fill(id, addCompute)}))
		must(t, send(t, rest, harness.Request{Path: base + "set_cluster_status",
			Body: fill(id, `{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_status":"SUSPENDED"}}`)}))
	})
}

// TestLayout: how results are laid out, byte for byte.
func TestLayout(t *testing.T) {
	rest := restAt(t, reference)
	s := &suite{api: rest, level: reference}
	check(t, "results are JSON by the field numbers, with set fields only", func(t *testing.T) {
		id := s.instance(t)
		s.put(t, record(id, "InstanceKey", ""), fill(id, `{"instance_id":"$I","mtime":"7","user_id":"","clusters":[{"type":"COMPUTE","cluster_id":"c/1",
			"cluster_name":"中文 <&>\u2028\"\\","nodes":[{"heartbeat_port":9050,"ip":"::1"}],"properties":{"k":"v"}}],"sse_enabled":false,"lb_ip":["a","b"],
			"enable_storage_vault":false,"status":"OVERDUE"}`))
		want := fill(id, `{
    "code": "OK",
    "msg": "",
    "result": {
        "user_id": "",
        "instance_id": "$I",
        "lb_ip": [
            "a",
            "b"
        ],
        "mtime": "7",
        "clusters": [
            {
                "cluster_id": "c/1",
                "cluster_name": "中文 <&>`+"\u2028"+`\"\\",
                "type": "COMPUTE",
                "nodes": [
                    {
                        "ip": "::1",
                        "heartbeat_port": 9050
                    }
                ],
                "properties": {
                    "k": "v"
                }
            }
        ],
        "status": "OVERDUE",
        "iam_user": {
            "user_id": "",
            "ak": "",
            "sk": "",
            "external_id": "$I"
        },
        "sse_enabled": false,
        "enable_storage_vault": false
    }
}
`)
		wantReply(t, send(t, rest, harness.Request{Path: base + "get_instance", Query: url.Values{"instance_id": {id}}}), http.StatusOK, want)
	})
	check(t, "get_instance has an empty result beside a failure", func(t *testing.T) {
		reply := send(t, rest, harness.Request{Path: base + "get_instance"})
		wantReply(t, reply, http.StatusBadRequest, "{\n    \"code\": \"INVALID_ARGUMENT\",\n    \"msg\": \"empty instance_id and cloud_unique_id\",\n    \"result\": {}\n}\n")
	})
	check(t, "get_cluster of all carries a status", func(t *testing.T) {
		id := s.instance(t)
		s.must(t, "add_cluster", fill(id, addCompute))
		e := envelope(t, send(t, rest, harness.Request{Path: base + "get_cluster", Body: fill(id, `{"cloud_unique_id":"1:$I:x"}`)}))
		var result struct {
			Status  struct{ Code, Msg string }
			Cluster []struct {
				ClusterID string `json:"cluster_id"`
			}
			EnableStorageVault *bool `json:"enable_storage_vault"`
		}
		if err := json.Unmarshal(e.Result, &result); err != nil {
			t.Fatal(err)
		}
		if result.Status.Code != "OK" || len(result.Cluster) != 1 || result.Cluster[0].ClusterID != "c1" || result.EnableStorageVault == nil {
			t.Errorf("got %s", e.Result)
		}
	})
	check(t, "get_cluster_status without clusters carries no status", func(t *testing.T) {
		e := envelope(t, send(t, rest, harness.Request{Path: base + "get_cluster_status", Body: `{"instance_ids":["none"]}`}))
		if e.Code != "OK" || strings.Contains(string(e.Result), "status") || strings.Contains(string(e.Result), "details") {
			t.Errorf("got %s %s", e.Code, e.Result)
		}
	})
	for _, path := range []string{base + "get_cluster_status", base + "no_such_route"} {
		check(t, "the content type of "+path, func(t *testing.T) {
			reply := send(t, rest, harness.Request{Path: path, Body: `{"instance_ids":["none"]}`})
			if got := reply.Header.Get("Content-Type"); !strings.HasPrefix(got, "application/json") {
				t.Errorf("got %q", got)
			}
		})
	}
	check(t, "an empty list clears the users", func(t *testing.T) {
		id := s.instance(t)
		s.must(t, "add_cluster", fill(id, strings.Replace(addCompute, `"type"`, `"mysql_user_name":["a"],"type"`, 1)))
		empty := fill(id, `{"instance_id":"$I","cluster":{"cluster_id":"c1","mysql_user_name":[]}}`)
		must(t, send(t, rest, harness.Request{Path: base + "update_cluster_mysql_user_name", Body: empty}))
		if users := s.read(t, id).GetClusters()[0].GetMysqlUserName(); len(users) != 0 {
			t.Errorf("got %v", users)
		}
		wantReply(t, send(t, rest, harness.Request{Path: base + "update_cluster_mysql_user_name", Body: empty}), http.StatusBadRequest,
			refused(t, "INVALID_ARGUMENT", "no mysql user name to change"))
	})
}
