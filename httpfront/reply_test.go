package httpfront

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"roster/core"
	pb "roster/core/metapb"
)

// answering is an API that answers everything so.
func answering(resp any, err error) core.API {
	return fakeAPI{func(context.Context, string, any) (any, error) { return resp, err }}
}

func TestReplies(t *testing.T) {
	cluster := &pb.ClusterPB{
		ClusterId: new("cluster_id1"), ClusterName: new("cluster_name1"), Type: new(pb.ClusterPB_COMPUTE),
		Nodes: []*pb.NodeInfoPB{{
			CloudUniqueId: new("1:regression_instance0:cloud_unique_id_compute_node0"), Ip: new("172.21.16.42"),
			Ctime: new(int64(1662695469)), Mtime: new(int64(1662695469)), HeartbeatPort: new(int32(9050)),
		}},
	}
	const clusterText = `{
        "cluster_id": "cluster_id1",
        "cluster_name": "cluster_name1",
        "type": "COMPUTE",
        "nodes": [
            {
                "cloud_unique_id": "1:regression_instance0:cloud_unique_id_compute_node0",
                "ip": "172.21.16.42",
                "ctime": "1662695469",
                "mtime": "1662695469",
                "heartbeat_port": 9050
            }
        ]
    }`
	success := func(result string) string {
		return "{\n    \"code\": \"OK\",\n    \"msg\": \"\",\n    \"result\": " + result + "\n}\n"
	}
	for _, c := range []struct {
		name, operation, body string
		resp                  any
		want                  string
	}{
		{"a command", "add_cluster", `{}`, nil, okBody},
		{"the cluster with an id", "get_cluster", `{"cluster_id":"cluster_id1"}`, &pb.GetClusterResponse{Cluster: []*pb.ClusterPB{cluster, {}}}, success(clusterText)},
		{"the cluster with a name", "get_cluster", `{"cluster_name":"n"}`, &pb.GetClusterResponse{Cluster: []*pb.ClusterPB{cluster}}, success(clusterText)},
		{"the cluster of a user", "get_cluster", `{"mysql_user_name":"u"}`, &pb.GetClusterResponse{Cluster: []*pb.ClusterPB{cluster}}, success(clusterText)},
		{"all clusters", "get_cluster", `{"cluster_id":""}`, &pb.GetClusterResponse{Cluster: []*pb.ClusterPB{{}, {ClusterId: new("c")}}, EnableStorageVault: new(false)},
			success(`{
        "status": {
            "code": "OK",
            "msg": ""
        },
        "cluster": [
            {},
            {
                "cluster_id": "c"
            }
        ],
        "enable_storage_vault": false
    }`)},
		{"object stores without the status", "get_obj_store_info", `{}`, &pb.GetObjStoreInfoResponse{
			Status:  &pb.MetaServiceResponseStatus{Code: new(pb.MetaServiceCode_OK)},
			ObjInfo: []*pb.ObjectStoreInfoPB{{Ctime: new(int64(1)), Id: new("1"), Ak: new("a<&>k"), Sk: new("s/k\u2028é"), ExternalEndpoint: new("")}},
		}, success(`{
        "obj_info": [
            {
                "ctime": "1",
                "id": "1",
                "ak": "a<&>k",
                "sk": "s/k` + "\u2028" + `é",
                "external_endpoint": ""
            }
        ]
    }`)},
		{"vaults beside the object stores", "get_obj_store_info", `{}`, &pb.GetObjStoreInfoResponse{
			StorageVault: []*pb.StorageVaultPB{{Id: new("1")}}, DefaultStorageVaultId: new("1"), DefaultStorageVaultName: new("v"), EnableStorageVault: new(true),
		}, success(`{
        "storage_vault": [
            {
                "id": "1"
            }
        ],
        "default_storage_vault_id": "1",
        "default_storage_vault_name": "v",
        "enable_storage_vault": true
    }`)},
		{"no object stores", "get_obj_store_info", `{}`, &pb.GetObjStoreInfoResponse{}, success("{}")},
		{"statuses", "get_cluster_status", `{"instance_ids":["i"],"status":"STOPPED"}`, &pb.GetClusterStatusResponse{
			Status: &pb.MetaServiceResponseStatus{Msg: new("x")},
			Details: []*pb.GetClusterStatusResponse_GetClusterStatusResponseDetail{{
				InstanceId: new("i"), Clusters: []*pb.ClusterPB{{ClusterId: new("c"), ClusterStatus: new(pb.ClusterStatus_NORMAL)}},
			}},
		}, success(`{
        "details": [
            {
                "instance_id": "i",
                "clusters": [
                    {
                        "cluster_id": "c",
                        "cluster_status": "NORMAL"
                    }
                ]
            }
        ]
    }`)},
		{"no statuses", "get_cluster_status", `{}`, &pb.GetClusterStatusResponse{}, success("{}")},
		{"an instance", "get_instance?instance_id=i", ``, &pb.InstanceInfoPB{
			UserId: new("u"), InstanceId: new("i"), LbIp: []string{"a", "b"}, Mtime: new(int64(-1)), SseEnabled: new(false),
			Stages: []*pb.StagePB{{Properties: map[string]string{"b": "2", "a": "1"}}}, Status: new(pb.InstanceInfoPB_DELETED),
		}, success(`{
        "user_id": "u",
        "instance_id": "i",
        "lb_ip": [
            "a",
            "b"
        ],
        "mtime": "-1",
        "stages": [
            {
                "properties": {
                    "a": "1",
                    "b": "2"
                }
            }
        ],
        "status": "DELETED",
        "sse_enabled": false
    }`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := start(t, Options{API: answering(c.resp, nil)})
			for range 5 {
				got := h.call(c.operation, c.body)
				if got.status != http.StatusOK || got.body != c.want {
					t.Fatalf("answers %d\n%s\nwant\n%s", got.status, got.body, c.want)
				}
				if got.header.Get("Content-Type") != "application/json" || got.header.Get("Cache-Control") != "no-store" {
					t.Errorf("the headers are %v", got.header)
				}
			}
		})
	}
}

func TestFailures(t *testing.T) {
	for _, c := range []struct {
		name, operation string
		err             error
		status          int
		want            string
	}{
		{"of every code", "add_cluster", core.Errorf(core.AlreadyExisted, "try to add a existing cluster id, existing_cluster_id=c"), 409,
			"{\n    \"code\": \"ALREADY_EXISTED\",\n    \"msg\": \"try to add a existing cluster id, existing_cluster_id=c\"\n}\n"},
		{"a wrapped one", "add_cluster", errors.Join(core.Errorf(core.Conflict, "lost")), 409, "{\n    \"code\": \"CONFLICT\",\n    \"msg\": \"lost\"\n}\n"},
		{"with text to escape", "add_cluster", core.Errorf(core.NotFound, "a \"b\" <c>\n\u2028é"), 404,
			"{\n    \"code\": \"NOT_FOUND\",\n    \"msg\": \"a \\\"b\\\" <c>\\n\\u2028é\"\n}\n"},
		{"get_instance shows an empty result", "get_instance", core.Errorf(core.InvalidArgument, "empty"), 400,
			"{\n    \"code\": \"INVALID_ARGUMENT\",\n    \"msg\": \"empty\",\n    \"result\": {}\n}\n"},
		{"an unavailable store", "get_value", core.Errorf(core.Unavailable, "the store cannot be reached").Because(errors.New("pd 10.0.0.1 refused")), 503,
			"{\n    \"code\": \"INTERNAL_ERROR\",\n    \"msg\": \"the store cannot be reached\"\n}\n"},
		{"a full queue", "drop_node", core.Errorf(core.Busy, "retry later"), 429, "{\n    \"code\": \"CONFLICT\",\n    \"msg\": \"retry later\"\n}\n"},
		{"get_tablet_stats in JSON", "get_tablet_stats", core.Errorf(core.NotFound, "no tablet"), 404, "{\n    \"code\": \"NOT_FOUND\",\n    \"msg\": \"no tablet\"\n}\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := start(t, Options{API: answering(nil, c.err)})
			got := h.call(c.operation, "{}")
			if got.status != c.status || got.body != c.want || got.header.Get("Content-Type") != "application/json" {
				t.Errorf("answers %d %s\nwant %d %s", got.status, got.body, c.status, c.want)
			}
			wait := ""
			if code := core.CodeOf(c.err); code == core.Conflict || code == core.Busy || code == core.Unavailable {
				wait = "1"
			}
			if after := got.header.Get("Retry-After"); after != wait {
				t.Errorf("Retry-After is %q, want %q", after, wait)
			}
		})
	}
	t.Run("what is no core.Error stays inside", func(t *testing.T) {
		h := start(t, Options{API: answering(nil, errors.New("driver text"))})
		got := h.send(http.MethodPost, "/MetaService/http/add_node?token="+adminToken, "{}", "X-Request-Id", "r1")
		want := "{\n    \"code\": \"INTERNAL_ERROR\",\n    \"msg\": \"internal error, the log has it under request_id=r1\"\n}\n"
		if got.status != 500 || got.body != want {
			t.Errorf("answers %d %s", got.status, got.body)
		}
		if log := h.log.String(); !strings.Contains(log, "driver text") || !strings.Contains(log, `"request_id":"r1"`) {
			t.Errorf("the log is\n%s", log)
		}
	})
	t.Run("the cause is only logged", func(t *testing.T) {
		h := start(t, Options{API: answering(nil, core.Errorf(core.Internal, "failed").Because(errors.New("driver text")))})
		if got := h.call("add_node", "{}"); strings.Contains(got.body, "driver") {
			t.Errorf("answers %s", got.body)
		}
		if !strings.Contains(h.log.String(), "driver text") {
			t.Errorf("the log is\n%s", h.log)
		}
	})
	t.Run("a record that is no UTF-8", func(t *testing.T) {
		h := start(t, Options{API: answering(&pb.InstanceInfoPB{Name: new("\xff")}, nil)})
		if got := h.call("get_instance?instance_id=i", ""); got.status != 500 || !strings.Contains(got.body, `"result": {}`) {
			t.Errorf("answers %d %s", got.status, got.body)
		}
	})
}

func TestBadBodies(t *testing.T) {
	h := start(t, Options{})
	for _, c := range []struct{ operation, body, want string }{
		{"create_instance", "", "parse http request 'create_instance': INVALID_ARGUMENT:Unexpected end of string. Expected a value."},
		{"v1/add_cluster", `{"cluster":{"type":"compute"}}`, "parse http request 'v1/add_cluster': INVALID_ARGUMENT:(cluster.type) invalid value " +
			`\"compute\" for type TYPE_ENUM: it takes one of SQL, COMPUTE, VIRTUAL (line 1, column 20)`},
		{"v1//get_cluster/", `[]`, "parse http request 'v1/get_cluster': INVALID_ARGUMENT:Root element must be a message. (line 1, column 1)"},
	} {
		got := h.call(c.operation, c.body)
		want := "{\n    \"code\": \"INVALID_ARGUMENT\",\n    \"msg\": \"" + c.want + "\"\n}\n"
		if got.status != 400 || got.body != want {
			t.Errorf("%s answers %d %s\nwant %s", c.operation, got.status, got.body, want)
		}
	}
}
