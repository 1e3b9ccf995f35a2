package conformance

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"roster/core"
	"roster/tests/harness"
)

const cloudStatus = "/rest/v2/manager/cluster/cluster_info/cloud_cluster_status"

func basic(user, password string) http.Header {
	return http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))}}
}

// TestCloudClusterStatus: the frontends' endpoint, answered from the records.
func TestCloudClusterStatus(t *testing.T) {
	t.Parallel()
	server := harness.Run(t, harness.Options{})
	rest := &harness.REST{URL: server.URL, Token: harness.DefaultToken}
	s := &suite{api: rest, level: reference}
	id := s.instance(t)
	for _, body := range []string{
		`{"instance_id":"$I","cluster":{"cluster_id":"` + sqlID + `","cluster_name":"` + sqlName + `","type":"SQL","nodes":[` + master + `]}}`,
		`{"instance_id":"$I","cluster":{"cluster_id":"regression_cluster_id2","cluster_name":"name2","type":"COMPUTE","nodes":[
			{"cloud_unique_id":"1:$I:be","ip":"127.0.0.1","heartbeat_port":14102}]}}`,
		`{"instance_id":"$I","cluster":{"cluster_id":"regression_cluster_id3","cluster_name":"name3","type":"COMPUTE","nodes":[
			{"cloud_unique_id":"1:$I:be","ip":"10.0.0.1","host":"be.example.com","heartbeat_port":9050},{"cloud_unique_id":"1:$I:be","host":"be2.example.com","heartbeat_port":9050}]}}`,
		`{"instance_id":"$I","cluster":{"cluster_id":"regression_cluster_id4","cluster_name":"name4","type":"COMPUTE"}}`,
	} {
		s.must(t, "add_cluster", fill(id, body))
	}
	anonymous := &harness.REST{URL: server.URL}
	checkInTurn(t, "root with an empty password", func(t *testing.T) {
		reply := send(t, anonymous, harness.Request{Method: http.MethodGet, Path: cloudStatus, Header: basic("root", "")})
		var got struct {
			Msg   string
			Code  *int
			Data  map[string][]map[string]any
			Count *int
		}
		if err := json.Unmarshal([]byte(reply.Body), &got); err != nil || reply.Status != http.StatusOK {
			t.Fatalf("status %d, %v: %s", reply.Status, err, reply.Body)
		}
		if got.Msg != "success" || got.Code == nil || *got.Code != 0 || got.Count == nil || *got.Count != 0 {
			t.Errorf("got %s", reply.Body)
		}
		entry := func(host string, port float64) map[string]any {
			return map[string]any{"host": host, "heartbeatPort": port, "bePort": -1.0, "httpPort": -1.0, "brpcPort": -1.0,
				"currentFragmentNum": 0.0, "lastFragmentUpdateTime": 0.0}
		}
		want := map[string][]map[string]any{
			"regression_cluster_id2": {entry("127.0.0.1", 14102)},
			"regression_cluster_id3": {entry("be.example.com", 9050), entry("be2.example.com", 9050)},
			"regression_cluster_id4": {},
		}
		g, w := marshal(t, got.Data), marshal(t, want)
		if g != w {
			t.Errorf("got the data\n%s\nwant\n%s", g, w)
		}
	})
	checkInTurn(t, "of the instance named", func(t *testing.T) {
		for query, want := range map[string]string{"?instance_id=" + id: "regression_cluster_id2", "?instance_id=" + s.instance(t): ""} {
			reply := send(t, anonymous, harness.Request{Method: http.MethodGet, Path: cloudStatus + query, Header: basic("root", "")})
			if reply.Status != http.StatusOK || strings.Contains(reply.Body, "regression_cluster_id2") != (want != "") {
				t.Errorf("%s: status %d %s", query, reply.Status, reply.Body)
			}
		}
	})
	for name, header := range map[string]http.Header{
		"nobody": nil, "a wrong password": basic("root", "x"), "another user": basic("admin", ""), "no colon": {"Authorization": {"Basic cm9vdA=="}},
		"a token": {"Authorization": {"Bearer " + harness.DefaultToken}}, "no base64": {"Authorization": {"Basic !!!"}},
	} {
		checkInTurn(t, "refuses "+name, func(t *testing.T) {
			reply := send(t, anonymous, harness.Request{Method: http.MethodGet, Path: cloudStatus, Header: header})
			if reply.Status != http.StatusUnauthorized {
				t.Errorf("got status %d %s", reply.Status, reply.Body)
			}
		})
	}
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestProcess: start, stop and what survives them.
func TestProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	id := newID("survivor")
	for _, end := range []struct {
		name string
		stop func(*harness.Server) error
	}{{"a stop", (*harness.Server).Stop}, {"a kill", (*harness.Server).Kill}} {
		checkInTurn(t, "instances and sealed keys outlive "+end.name, func(t *testing.T) {
			server, err := harness.Start(harness.Options{DataDir: dir, Config: "compat = \"doris\"\n"})
			if err != nil {
				t.Fatal(err)
			}
			s := &suite{api: &harness.REST{URL: server.URL, Token: harness.DefaultToken}, level: doris}
			if err := s.do(t, "create_instance", fill(id, newInstance)); core.CodeOf(err) != core.OK && core.CodeOf(err) != core.AlreadyExisted {
				t.Error(err)
			}
			if err := end.stop(server); err != nil {
				t.Error(err)
			}
		})
	}
	checkInTurn(t, "and are there after both", func(t *testing.T) {
		server := harness.Run(t, harness.Options{DataDir: dir})
		s := &suite{api: &harness.REST{URL: server.URL, Token: harness.DefaultToken}, level: reference}
		if doc := s.read(t, id); doc.GetObjInfo()[0].GetSk() != "sk1" {
			t.Errorf("got %v", doc)
		}
	})
}
