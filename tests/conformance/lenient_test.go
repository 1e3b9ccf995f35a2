package conformance

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"roster/core"
	pb "roster/core/metapb"
	"roster/tests/harness"
)

// TestLenientJSON: forms of a body that real clients send, all with the meaning
// of addCompute.
func TestLenientJSON(t *testing.T) {
	rest := restAt(t, reference)
	s := &suite{api: rest, level: reference}
	node := func(port string) string { return strings.Replace(addCompute, "9050", port, 1) }
	for name, body := range map[string]string{
		"as it should be":                 addCompute,
		"a port as a string":              node(`"9050"`),
		"a port as a float":               node(`9050.0`),
		"a port with an exponent":         node(`9.05e3`),
		"trailing commas":                 strings.NewReplacer("}]}}", ",},],},}").Replace(addCompute),
		"unknown fields":                  strings.NewReplacer(`"ip"`, `"unknown":{"a":[1,{}]},"ip"`, `"cluster":`, `"more":null,"cluster":`).Replace(addCompute),
		"camelCase":                       strings.NewReplacer("cloud_unique_id", "cloudUniqueId", "heartbeat_port", "heartbeatPort", "instance_id", "instanceId", "cluster_name", "clusterName").Replace(addCompute),
		"null for a field":                strings.Replace(addCompute, `"ip"`, `"host":null,"node_type":null,"ip"`, 1),
		"an enum as its number":           strings.Replace(addCompute, `"COMPUTE"`, `1`, 1),
		"an enum as its number's string":  strings.Replace(addCompute, `"COMPUTE"`, `"1"`, 1),
		"single quotes":                   strings.ReplaceAll(addCompute, `"`, `'`),
		"bare keys":                       strings.NewReplacer(`"cluster":`, `cluster:`, `"ip":`, `ip:`).Replace(addCompute),
		"blanks, tabs and line feeds":     strings.NewReplacer(`{`, "{\n\t ", `:"`, ": \"", `,`, " ,\r\n").Replace(addCompute),
		"escapes":                         strings.Replace(addCompute, "10.0.0.1", `10\u002e0.0.\u0031`, 1),
		"op in the body":                  strings.Replace(addCompute, `{"instance_id"`, `{"op":"DROP_CLUSTER","instance_id"`, 1),
		"a missing comma at a line's end": strings.Replace(addCompute, `"type":"COMPUTE",`, "\"type\":\"COMPUTE\"\n", 1),
		"the last of two values counts":   strings.Replace(addCompute, `"ip":`, `"ip":"10.9.9.9","ip":`, 1),
	} {
		check(t, name, func(t *testing.T) {
			id := s.instance(t)
			must(t, send(t, rest, harness.Request{Path: base + "add_cluster", Body: fill(id, body)}))
			c := clusterC1(t, s.read(t, id))
			if len(c.GetNodes()) != 1 {
				t.Fatalf("got %v", c)
			}
			n := c.GetNodes()[0]
			if c.GetClusterName() != "compute_1" || c.GetType() != pb.ClusterPB_COMPUTE || n.GetCloudUniqueId() != "1:"+id+":be1" ||
				n.GetIp() != "10.0.0.1" || n.GetHeartbeatPort() != 9050 || n.Host != nil {
				t.Errorf("got %v", c)
			}
		})
	}
	for _, contentType := range []string{"", "text/plain", "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "nonsense"} {
		check(t, "the content type "+contentType, func(t *testing.T) {
			id := s.instance(t)
			must(t, send(t, rest, harness.Request{Path: base + "add_cluster", Body: fill(id, addCompute), Header: http.Header{"Content-Type": {contentType}}}))
		})
	}
	check(t, "an id as a number", func(t *testing.T) {
		id := newID("numbers")
		must(t, send(t, rest, harness.Request{Path: base + "create_instance", Body: fill(id, strings.Replace(newInstance, `"u"`, `17`, 1))}))
		must(t, send(t, rest, harness.Request{Path: base + "legacy_update_ak_sk", Body: fill(id, store(`"id":1,"ak":"n","sk":"n"`))}))
		if got := s.read(t, id).GetUserId(); got != "17" {
			t.Errorf("got the user_id %q", got)
		}
	})
	check(t, "a percent-encoded query", func(t *testing.T) {
		id := s.instance(t)
		reply := send(t, &harness.REST{URL: rest.URL}, harness.Request{
			Method: http.MethodGet, Path: base + "get_instance?cloud_unique_id=1%3A" + id + "%3Ax&token=" + adminToken,
		})
		if e := envelope(t, reply); e.Code != "OK" {
			t.Errorf("got %s", reply.Body)
		}
	})
	check(t, "request_id in the query", func(t *testing.T) {
		id := s.instance(t)
		r := harness.Request{Path: base + "add_cluster", Query: url.Values{"request_id": {newID("request")}}, Body: fill(id, addCompute)}
		must(t, send(t, rest, r))
		must(t, send(t, rest, r))
		r.Body = fill(id, addSecond)
		if e := envelope(t, send(t, rest, r)); e.Code != "ALREADY_EXISTED" {
			t.Errorf("another request with the id: %s %s", e.Code, e.Msg)
		}
	})
}

// TestSTOPPED: the reference's word for SUSPENDED, where statuses are sent.
func TestSTOPPED(t *testing.T) {
	for _, level := range levels {
		rest := restAt(t, level)
		s := &suite{api: rest, level: level}
		check(t, "compat "+level, func(t *testing.T) {
			id := s.instance(t)
			s.must(t, "add_cluster", fill(id, addCompute))
			set := func(status string) harness.Reply {
				return send(t, rest, harness.Request{Path: base + "set_cluster_status",
					Body: fill(id, `{"cloud_unique_id":"1:$I:x","cluster":{"cluster_id":"c1","cluster_status":"`+status+`"}}`)})
			}
			must(t, set("STOPPED"))
			if got := clusterC1(t, s.read(t, id)).GetClusterStatus(); got != pb.ClusterStatus_SUSPENDED {
				t.Errorf("the cluster is %v", got)
			}
			wantReply(t, set("STOPPED"), http.StatusBadRequest,
				refused(t, "INVALID_ARGUMENT", "failed to set cluster status, status eq original status, original cluster is SUSPENDED"))
			list := send(t, rest, harness.Request{Path: base + "get_cluster_status", Body: fill(id, `{"instance_ids":["$I"],"status":"STOPPED"}`)})
			if e := envelope(t, list); e.Code != "OK" || !strings.Contains(string(e.Result), `"SUSPENDED"`) {
				t.Errorf("the filter STOPPED found %s", list.Body)
			}
			must(t, set("TO_RESUME"))
			wantReply(t, set("STOPPED"), http.StatusBadRequest,
				refused(t, "INVALID_ARGUMENT", "failed to set cluster status, original cluster is TO_RESUME and want set SUSPENDED"))
			list = send(t, rest, harness.Request{Path: base + "get_cluster_status", Body: fill(id, `{"instance_ids":["$I"],"status":"STOPPED"}`)})
			if e := envelope(t, list); strings.Contains(string(e.Result), `"c1"`) {
				t.Errorf("the filter STOPPED found %s", list.Body)
			}
		})
	}
}

// TestUnknownEnumNames: a name the enum does not have is refused with the names
// it has, and changes nothing.
func TestUnknownEnumNames(t *testing.T) {
	rest := restAt(t, reference)
	s := &suite{api: rest, level: reference}
	for _, c := range []struct{ name, route, body, allowed string }{
		{"a cluster type", "add_cluster", strings.Replace(addSecond, "COMPUTE", "compute", 1), "SQL COMPUTE"},
		{"a node type", "add_cluster", strings.Replace(addSecond, `"ip"`, `"node_type":"FE_LEADER","ip"`, 1), "FE_MASTER FE_OBSERVER FE_FOLLOWER"},
		{"a cluster status", "set_cluster_status", `{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_status":"suspended"}}`, "NORMAL SUSPENDED TO_RESUME"},
		{"a status filter", "get_cluster_status", `{"instance_ids":["$I"],"status":"HALTED"}`, "NORMAL SUSPENDED TO_RESUME"},
		{"an instance op", "set_instance_status", `{"instance_id":"$I","op":"OVERDUE"}`, "SET_NORMAL SET_OVERDUE"},
		{"a provider", "add_obj_info", strings.Replace(addStore, `"region"`, `"provider":"MINIO","region"`, 1), "OSS S3 COS OBS BOS GCP AZURE TOS"},
		{"an empty name", "set_cluster_status", `{"instance_id":"$I","cluster":{"cluster_id":"c1","cluster_status":""}}`, "NORMAL SUSPENDED TO_RESUME"},
	} {
		check(t, c.name, func(t *testing.T) {
			id := s.instance(t)
			s.must(t, "add_cluster", fill(id, addCompute))
			before := s.read(t, id)
			reply := send(t, rest, harness.Request{Path: base + c.route, Body: fill(id, c.body)})
			e := envelope(t, reply)
			if e.Code != core.InvalidArgument.String() || reply.Status != http.StatusBadRequest {
				t.Errorf("got status %d %s", reply.Status, e.Code)
			}
			for allowed := range strings.FieldsSeq(c.allowed) {
				if !strings.Contains(e.Msg, allowed) {
					t.Errorf("%q does not name %s", e.Msg, allowed)
				}
			}
			if after := s.read(t, id); before.String() != after.String() {
				t.Error("the refused request changed the instance")
			}
		})
	}
}
