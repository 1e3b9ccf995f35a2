package conformance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"roster/tests/harness"
)

// bodies are good requests of every route that takes one; the bad input is made
// from them.
var bodies = map[string]string{
	"create_instance":                newInstance,
	"drop_instance":                  `{"instance_id":"$I"}`,
	"enable_instance_sse":            `{"instance_id":"$I"}`,
	"disable_instance_sse":           `{"instance_id":"$I"}`,
	"set_instance_status":            `{"instance_id":"$I","op":"SET_OVERDUE"}`,
	"add_cluster":                    addSecond,
	"drop_cluster":                   dropCompute,
	"rename_cluster":                 `{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_name":"renamed"}}`,
	"update_cluster_mysql_user_name": `{"instance_id":"$I","cluster":{"cluster_id":"c1","mysql_user_name":["a"]}}`,
	"set_cluster_status":             `{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_status":"SUSPENDED"}}`,
	"add_node":                       withNodes("COMPUTE", be2),
	"drop_node":                      withNodes("COMPUTE", be1),
	"add_obj_info":                   addStore,
	"update_ak_sk":                   `{"instance_id":"$I","internal_bucket_user":[{"user_id":"bucket_user","ak":"n","sk":"n"}]}`,
	"legacy_update_ak_sk":            `{"cloud_unique_id":"1:$I:x","obj":{"id":"1","ak":"n","sk":"n"}}`,
	"get_cluster":                    `{"cloud_unique_id":"1:$I:x","cluster_id":"c1"}`,
	"get_cluster_status":             `{"instance_ids":["$I"]}`,
	"get_obj_store_info":             `{"cloud_unique_id":"1:$I:x"}`,
	"get_tablet_stats":               `{"cloud_unique_id":"1:$I:x","tablet_idx":[` + fullIndex + `]}`,
	"abort_txn":                      `{"cloud_unique_id":"1:$I:x","txn_id":1}`,
	"abort_tablet_job":               `{"cloud_unique_id":"1:$I:x","job":{"idx":{"tablet_id":1},"compaction":[{"id":"1"}]}}`,
}

// broken are bodies made from a good one that no route may take.
var broken = map[string]func(good string) string{
	"nothing":                func(string) string { return "" },
	"blanks":                 func(string) string { return " \n\t" },
	"no object":              func(string) string { return `[]` },
	"a number":               func(string) string { return `1` },
	"half of it":             func(good string) string { return good[:len(good)/2] },
	"no end":                 func(good string) string { return good[:len(good)-1] },
	"more after it":          func(good string) string { return good + `{}` },
	"bytes that are no text": func(good string) string { return strings.Replace(good, "$I", "$I\xff", 1) },
	"an object for an id": func(good string) string {
		return strings.NewReplacer(`"$I"`, `{}`, `"1:$I:x"`, `{}`, `"1:$I:be1"`, `{}`).Replace(good)
	},
	"a list for an id": func(good string) string {
		return strings.NewReplacer(`"$I"`, `[{}]`, `"1:$I:x"`, `["a"]`, `"1:$I:be1"`, `["a"]`).Replace(good)
	},
	"an id over 256 bytes": func(good string) string {
		long := strings.Repeat("x", longName)
		return strings.NewReplacer(`"$I"`, `"`+long+`"`, `"1:$I:x"`, `"1:`+long+`:x"`, `"1:$I:be1"`, `"1:`+long+`:x"`).Replace(good)
	},
	"nesting without end": func(string) string { return `{"a":` + strings.Repeat("[", 100_000) },
}

// TestMalformedBodies sends each broken body to every route; the instance stays
// as it was.
func TestMalformedBodies(t *testing.T) {
	rest := restAt(t, reference)
	s := &suite{api: rest, level: reference}
	for route, good := range bodies {
		t.Run(route, func(t *testing.T) {
			t.Parallel()
			id := s.instance(t)
			s.must(t, "add_cluster", fill(id, addCompute))
			before := s.read(t, id)
			for name, change := range broken {
				checkInTurn(t, name, func(t *testing.T) {
					reply := send(t, rest, harness.Request{Path: base + route, Body: fill(id, change(good))})
					if e := envelope(t, reply); reply.Status != http.StatusBadRequest || e.Code != "INVALID_ARGUMENT" || e.Msg == "" {
						t.Errorf("got status %d %s", reply.Status, reply.Body)
					}
				})
			}
			if after := s.read(t, id); !proto.Equal(before, after) {
				t.Errorf("the instance changed\nfrom %v\n  to %v", before, after)
			}
		})
	}
	check(t, "the text for an empty body", func(t *testing.T) {
		for _, route := range []string{"create_instance", "v1/create_instance"} {
			reply := send(t, rest, harness.Request{Path: base + route})
			if e := envelope(t, reply); !strings.HasPrefix(e.Msg, "parse http request '"+route+"': INVALID_ARGUMENT:") {
				t.Errorf("got %q", e.Msg)
			}
		}
	})
}

// TestWrongTypes: values of the wrong type or range in otherwise good requests.
func TestWrongTypes(t *testing.T) {
	rest := restAt(t, reference)
	s := &suite{api: rest, level: reference}
	for _, c := range []struct{ name, route, body string }{
		{"a port that is no number", "add_node", strings.Replace(withNodes("COMPUTE", be2), "9050", `"http"`, 1)},
		{"a port with a fraction", "add_node", strings.Replace(withNodes("COMPUTE", be2), "9050", "9050.5", 1)},
		{"a port with blanks", "add_node", strings.Replace(withNodes("COMPUTE", be2), "9050", `" 9050"`, 1)},
		{"a port beyond 32 bits", "add_node", strings.Replace(withNodes("COMPUTE", be2), "9050", "4294967296", 1)},
		{"a port that is a list", "add_node", strings.Replace(withNodes("COMPUTE", be2), "9050", "[9050]", 1)},
		{"nodes that are an object", "add_node", `{"instance_id":"$I","cluster":{"cluster_id":"c1","type":"COMPUTE","nodes":{"ip":"10.0.0.2"}}}`},
		{"a cluster that is a text", "add_cluster", `{"instance_id":"$I","cluster":"c2"}`},
		{"a cluster that is a list", "drop_cluster", `{"instance_id":"$I","cluster":[{"cluster_id":"c1"}]}`},
		{"users that are a text", "update_cluster_mysql_user_name", `{"instance_id":"$I","cluster":{"cluster_id":"c1","mysql_user_name":"a"}}`},
		{"a switch that is a text", "create_instance", strings.Replace(newInstance, `"name"`, `"sse_enabled":"maybe","name"`, 1)},
		{"a transaction id that is a text", "abort_txn", `{"cloud_unique_id":"1:$I:x","txn_id":"x"}`},
		{"a transaction id beyond 64 bits", "abort_txn", `{"cloud_unique_id":"1:$I:x","txn_id":9223372036854775808}`},
		{"a tablet id that is an object", "get_tablet_stats", `{"cloud_unique_id":"1:$I:x","tablet_idx":[{"tablet_id":{}}]}`},
		{"tablets that are an object", "get_tablet_stats", `{"cloud_unique_id":"1:$I:x","tablet_idx":{}}`},
		{"a job that is a list", "abort_tablet_job", `{"cloud_unique_id":"1:$I:x","job":[]}`},
		{"instances that are a text", "get_cluster_status", `{"instance_ids":"$I"}`},
		{"a secret key that is an object", "update_ak_sk", `{"instance_id":"$I","internal_bucket_user":[{"user_id":"bucket_user","ak":"n","sk":{}}]}`},
		{"an ak that is a list", "legacy_update_ak_sk", `{"cloud_unique_id":"1:$I:x","obj":{"id":"1","ak":[],"sk":"n"}}`},
		{"a user name over 256 bytes", "update_cluster_mysql_user_name",
			`{"instance_id":"$I","cluster":{"cluster_id":"c1","mysql_user_name":["` + strings.Repeat("u", longName) + `"]}}`},
		{"a name of half a megabyte", "add_cluster", strings.Replace(addSecond, "compute_2", strings.Repeat("n", 1<<19), 1)},
	} {
		check(t, c.name, func(t *testing.T) {
			id := s.instance(t)
			s.must(t, "add_cluster", fill(id, addCompute))
			before := s.read(t, id)
			reply := send(t, rest, harness.Request{Path: base + c.route, Body: fill(id, c.body)})
			if e := envelope(t, reply); reply.Status != http.StatusBadRequest || e.Code != "INVALID_ARGUMENT" || len(e.Msg) > 4096 {
				t.Errorf("got status %d %.300s", reply.Status, reply.Body)
			}
			if after := s.read(t, id); !proto.Equal(before, after) {
				t.Errorf("the instance changed\nfrom %v\n  to %v", before, after)
			}
		})
	}
	check(t, "a body over a mebibyte", func(t *testing.T) {
		id := s.instance(t)
		before := s.read(t, id)
		reply := send(t, rest, harness.Request{Path: base + "add_cluster", Body: fill(id, addCompute) + strings.Repeat(" ", 1<<20)})
		if e := envelope(t, reply); reply.Status != http.StatusRequestEntityTooLarge || e.Code != "INVALID_ARGUMENT" {
			t.Errorf("got status %d %.300s", reply.Status, reply.Body)
		}
		if !proto.Equal(before, s.read(t, id)) {
			t.Error("the instance changed")
		}
	})
	check(t, "more than 10,000 nodes", func(t *testing.T) {
		id := s.instance(t)
		var nodes []string
		for i := range 10_001 {
			nodes = append(nodes, fmt.Sprintf(`{"cloud_unique_id":"1:$I:n%d","ip":"10.%d.%d.%d","heartbeat_port":9050}`, i, i>>16, i>>8&255, i&255))
		}
		for _, route := range []string{"add_cluster", "add_node"} {
			before := s.read(t, id)
			reply := send(t, rest, harness.Request{Path: base + route, Body: fill(id, withNodes("COMPUTE", nodes...))})
			if e := envelope(t, reply); e.Code != "INVALID_ARGUMENT" {
				t.Errorf("%s: status %d %.300s", route, reply.Status, reply.Body)
			}
			if !proto.Equal(before, s.read(t, id)) {
				t.Errorf("%s changed the instance", route)
			}
			if route == "add_cluster" {
				s.must(t, "add_cluster", fill(id, withNodes("COMPUTE")))
			}
		}
	})
}
