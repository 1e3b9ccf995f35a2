package httpfront

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"roster/core"
	pb "roster/core/metapb"
	"roster/core/seal"
)

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// warehouse is an API with one instance, i.
func warehouse(feHost string) fakeAPI {
	return fakeAPI{func(ctx context.Context, _ string, req any) (any, error) {
		if core.CallOf(ctx).Reveal {
			return nil, errors.New("asked for secrets")
		}
		get := req.(*pb.GetInstanceRequest)
		if get.GetInstanceId() != "i" && get.GetCloudUniqueId() != "1:i:x" {
			return nil, core.Errorf(core.NotFound, "no instance")
		}
		return &pb.InstanceInfoPB{Clusters: []*pb.ClusterPB{
			{ClusterId: new("empty"), Type: new(pb.ClusterPB_COMPUTE)},
			{ClusterId: new("sql"), Type: new(pb.ClusterPB_SQL), Nodes: []*pb.NodeInfoPB{
				{Ip: new("192.0.2.1"), NodeType: new(pb.NodeInfoPB_FE_OBSERVER)},
				{Ip: &feHost, NodeType: new(pb.NodeInfoPB_FE_MASTER)},
			}},
			{ClusterId: new("regression_cluster_id2"), Type: new(pb.ClusterPB_COMPUTE), Nodes: []*pb.NodeInfoPB{
				{Ip: new("127.0.0.1"), HeartbeatPort: new(int32(14102))},
				{Ip: new("127.0.0.2"), Host: new("be<2>"), HeartbeatPort: new(int32(11102))},
			}},
		}}, nil
	}}
}

const ownReply = `{
    "msg": "success",
    "code": 0,
    "data": {
        "empty": [],
        "regression_cluster_id2": [
            {
                "host": "127.0.0.1",
                "heartbeatPort": 14102,
                "bePort": -1,
                "httpPort": -1,
                "brpcPort": -1,
                "currentFragmentNum": 0,
                "lastFragmentUpdateTime": 0
            },
            {
                "host": "be<2>",
                "heartbeatPort": 11102,
                "bePort": -1,
                "httpPort": -1,
                "brpcPort": -1,
                "currentFragmentNum": 0,
                "lastFragmentUpdateTime": 0
            }
        ]
    },
    "count": 0
}
`

func feFailure(msg string) string {
	return "{\n    \"msg\": \"" + msg + "\",\n    \"code\": 1,\n    \"data\": null,\n    \"count\": 0\n}\n"
}

// pages lists instances n at a time.
type pages struct {
	docs []*pb.InstanceInfoPB
	err  error
}

func (p pages) ListInstances(_ context.Context, after string, limit int) ([]*pb.InstanceInfoPB, bool, error) {
	at := 0
	for at < len(p.docs) && p.docs[at].GetInstanceId() <= after {
		at++
	}
	end := min(at+limit, len(p.docs))
	return p.docs[at:end], end < len(p.docs), p.err
}

func TestClusterStatusOfAllInstances(t *testing.T) {
	listOf := func(n, nodes int) (docs []*pb.InstanceInfoPB) {
		for i := range n {
			id := fmt.Sprintf("%05d", i)
			docs = append(docs, &pb.InstanceInfoPB{InstanceId: &id, Clusters: []*pb.ClusterPB{
				{ClusterId: new("shared"), Type: pb.ClusterPB_COMPUTE.Enum(), Nodes: slices.Repeat([]*pb.NodeInfoPB{{Ip: &id}}, nodes)},
			}})
		}
		return docs
	}
	list := func(n int) []*pb.InstanceInfoPB { return listOf(n, 1) }
	for name, c := range map[string]struct {
		pages  pages
		status int
		nodes  int
	}{
		"none":                 {pages{}, 200, 0},
		"several pages":        {pages{docs: list(2*feListPage + 1)}, 200, 2*feListPage + 1},
		"as many as allowed":   {pages{docs: list(feListMax)}, 200, feListMax},
		"too many":             {pages{docs: list(feListMax + 1)}, 400, 0},
		"too many nodes":       {pages{docs: listOf(2, feBackendsMax/2+1)}, 400, 0},
		"a store that is away": {pages{err: core.Errorf(core.Unavailable, "away")}, 503, 0},
	} {
		t.Run(name, func(t *testing.T) {
			h := start(t, Options{Accounts: []Account{{User: "root"}}, Instances: c.pages})
			got := h.send(http.MethodGet, clusterStatusPath, "", "Authorization", basic("root", ""))
			var reply feReply
			if err := json.Unmarshal([]byte(got.body), &reply); err != nil {
				t.Fatal(err)
			}
			if got.status != c.status || len(reply.Data["shared"]) != c.nodes {
				t.Errorf("answers %d with %d nodes, want %d with %d", got.status, len(reply.Data["shared"]), c.status, c.nodes)
			}
		})
	}
}

func TestClusterStatusFromTheRecords(t *testing.T) {
	accounts := []Account{{"root", seal.NewSecret("")}, {"ops", seal.NewSecret("CANARY-pw")}}
	unauthorized := feFailure("user and password are missing or wrong")
	for _, c := range []struct {
		name, instance, query, authorization string
		status                               int
		want                                 string
	}{
		{"the instance configured", "i", "", basic("root", ""), 200, ownReply},
		{"the instance by its id", "", "?instance_id=i", basic("ops", "CANARY-pw"), 200, ownReply},
		{"the instance by a node", "other", "?cloud_unique_id=1%3Ai%3Ax", basic("root", ""), 200, ownReply},
		{"the request before the configuration", "i", "?instance_id=j", basic("root", ""), 404, feFailure("no instance")},
		{"no instance", "", "", basic("root", ""), 400,
			feFailure("empty instance_id and cloud_unique_id: name the instance by one of these parameters")},
		{"no user", "i", "", "", 401, unauthorized},
		{"a wrong password", "i", "", basic("root", "x"), 401, unauthorized},
		{"another's password", "i", "", basic("root", "CANARY-pw"), 401, unauthorized},
		{"an unknown user", "i", "", basic("jack", ""), 401, unauthorized},
		{"a token of the service", "i", "?token=" + adminToken, "Bearer " + adminToken, 401, unauthorized},
		{"no base64", "i", "", "Basic ???", 401, unauthorized},
		{"no colon", "i", "", "Basic " + base64.StdEncoding.EncodeToString([]byte("root")), 401, unauthorized},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := start(t, Options{API: warehouse(""), Accounts: accounts, FEInstance: c.instance})
			var headers []string
			if c.authorization != "" {
				headers = []string{"Authorization", c.authorization}
			}
			got := h.send(http.MethodGet, clusterStatusPath+c.query, "", headers...)
			if got.status != c.status || got.body != c.want || got.header.Get("Content-Type") != "application/json" {
				t.Errorf("answers %d %s\nwant %d %s", got.status, got.body, c.status, c.want)
			}
			if asks := got.header.Get("Www-Authenticate") != ""; asks != (c.status == 401) {
				t.Errorf("WWW-Authenticate is %q", got.header.Get("Www-Authenticate"))
			}
		})
	}
	t.Run("without accounts nobody", func(t *testing.T) {
		h := start(t, Options{API: warehouse(""), FEInstance: "i"})
		if got := h.send(http.MethodGet, clusterStatusPath, "", "Authorization", basic("root", "")); got.status != 401 {
			t.Errorf("answers %d %s", got.status, got.body)
		}
	})
}

func TestClusterStatusFromAFrontend(t *testing.T) {
	fe := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		switch {
		case r.URL.Path != clusterStatusPath || r.URL.RawQuery != "" || r.Method != http.MethodGet || r.ContentLength != 0:
			http.Error(w, "asked "+r.Method+" "+r.URL.String(), http.StatusTeapot)
		case user != "root" || password != "CANARY":
			http.Error(w, "Unauthorized", http.StatusUnauthorized)
		default:
			w.Header().Set("Content-Type", "application/json;charset=UTF-8")
			_, _ = w.Write([]byte(`{"from":"fe"}`))
		}
	}))
	defer fe.Close()
	host, portText, err := net.SplitHostPort(fe.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		t.Fatal(err)
	}
	for name, opts := range map[string]Options{
		"at a URL":             {FEUpstream: fe.URL},
		"at a URL with slash":  {FEUpstream: fe.URL + "/"},
		"that the records say": {FEUpstream: UpstreamAuto, FEHTTPPort: port, FEInstance: "i"},
	} {
		t.Run(name, func(t *testing.T) {
			opts.API = warehouse(host)
			h := start(t, opts)
			got := h.send(http.MethodPost, clusterStatusPath+"?token=CANARY", "CANARY", "Authorization", basic("root", "CANARY"))
			if got.status != 200 || got.body != `{"from":"fe"}` || got.header.Get("Content-Type") != "application/json;charset=UTF-8" {
				t.Errorf("answers %d %s with %v", got.status, got.body, got.header)
			}
			if got := h.send(http.MethodGet, clusterStatusPath, "", "Authorization", basic("root", "wrong")); got.status != 401 || got.body != "Unauthorized\n" {
				t.Errorf("a wrong password is answered %d %s", got.status, got.body)
			}
			if got := h.send(http.MethodGet, clusterStatusPath, ""); got.status != 401 || got.header.Get("Www-Authenticate") == "" {
				t.Errorf("no password is answered %d %s", got.status, got.body)
			}
		})
	}
}

func TestClusterStatusFromAFrontendThatFails(t *testing.T) {
	release := make(chan struct{})
	fe := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch user, _, _ := r.BasicAuth(); user {
		case "redirect":
			http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
		case "large":
			_, _ = w.Write(make([]byte, maxUpstreamBytes+1))
		case "cut":
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("{"))
		case "silent":
			<-release
		}
	}))
	defer fe.Close()
	defer close(release)
	gone := listen(t)
	_ = gone.Close()
	for _, c := range []struct {
		name, user string
		opts       Options
	}{
		{"a redirect", "redirect", Options{FEUpstream: fe.URL}},
		{"a reply too large", "large", Options{FEUpstream: fe.URL}},
		{"a reply cut off", "cut", Options{FEUpstream: fe.URL}},
		{"silence", "silent", Options{FEUpstream: fe.URL, RequestTimeout: 100 * time.Millisecond}},
		{"nobody there", "u", Options{FEUpstream: "http://" + gone.Addr().String()}},
		{"a URL that is none", "u", Options{FEUpstream: "http://[::1"}},
		{"no instance named", "u", Options{FEUpstream: UpstreamAuto}},
		{"an instance that does not exist", "u", Options{FEUpstream: UpstreamAuto, FEInstance: "j"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.opts.API = warehouse("")
			h := start(t, c.opts)
			got := h.send(http.MethodGet, clusterStatusPath, "", "Authorization", basic(c.user, "CANARY"))
			want := feFailure("the frontend cannot be reached: check the upstream configured and the instance_id")
			if got.status != http.StatusBadGateway || got.body != want {
				t.Errorf("answers %d %s", got.status, got.body[:min(len(got.body), 500)])
			}
			if !strings.Contains(h.log.String(), "no reply from the frontend") {
				t.Errorf("the log is\n%s", h.log)
			}
		})
	}
}
