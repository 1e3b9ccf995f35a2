package httpfront

import (
	"context"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	pb "roster/core/metapb"
)

// The bodies are those of the published reference, as they are printed there.
func TestPublishedSamples(t *testing.T) {
	for _, c := range []struct {
		operation, body string
		want            proto.Message
	}{
		{"create_instance", `{
    "instance_id": "123456",
    "name": "name",
    "user_id": "abcdef",
    "obj_info": {
        "ak": "test-ak1",
        "sk": "test-sk1",
        "bucket": "test-bucket",
        "prefix": "test-prefix",
        "endpoint": "test-endpoint",
        "region": "test-region",
        "provider": "OBS",
        "user_id": "xxx"
    }
    "ram_user": {
        "user_id": string,
        "ak": string,
        "sk": string
    }
}`, &pb.CreateInstanceRequest{
			InstanceId: new("123456"), Name: new("name"), UserId: new("abcdef"),
			ObjInfo: &pb.ObjectStoreInfoPB{
				Ak: new("test-ak1"), Sk: new("test-sk1"), Bucket: new("test-bucket"), Prefix: new("test-prefix"),
				Endpoint: new("test-endpoint"), Region: new("test-region"), Provider: new(pb.ObjectStoreInfoPB_OBS), UserId: new("xxx"),
			},
			RamUser: &pb.RamUserPB{UserId: new("string"), Ak: new("string"), Sk: new("string")},
		}},
		{"set_instance_status", "{\n    \"instance_id\": string\n    \"op\": \"SET_OVERDUE\"\n}",
			&pb.AlterInstanceRequest{InstanceId: new("string"), Op: new(pb.AlterInstanceRequest_SET_OVERDUE)}},
		{"drop_cluster", `{
    "instance_id":"regression_instance0",
    "cluster": {
        "cluster_name": "cluster_name1",
        "cluster_id": "cluster_id1",
    }
}`, &pb.AlterClusterRequest{
			InstanceId: new("regression_instance0"),
			Cluster:    &pb.ClusterPB{ClusterName: new("cluster_name1"), ClusterId: new("cluster_id1")},
		}},
		{"set_cluster_status", `{
    "cloud_unique_id": "1:regression_instance0:regression-cloud-unique-id-fe-0128",
    "cluster": {
        "cluster_id": "test_cluster_1_id1",
        "cluster_status":"STOPPED"
    }
}`, &pb.AlterClusterRequest{
			CloudUniqueId: new("1:regression_instance0:regression-cloud-unique-id-fe-0128"),
			Cluster:       &pb.ClusterPB{ClusterId: new("test_cluster_1_id1"), ClusterStatus: new(pb.ClusterStatus_SUSPENDED)},
		}},
		{"update_ak_sk", "{\n    \"instance_id\":\"test\",\n    \"internal_bucket_user\":[\n    \t{\n\t    \t\"user_id\": \"bucket_user_id_1\"," +
			"\n\t    \t\"ak\": \"xxxx\",\n\t    \t\"sk\": \"xxxx\"\n    \t}\n    ],\n    \"ram_user\": {\n    \t\"user_id\": \"ram_user_id\"\n    }\n}",
			&pb.UpdateAkSkRequest{
				InstanceId:         new("test"),
				InternalBucketUser: []*pb.RamUserPB{{UserId: new("bucket_user_id_1"), Ak: new("xxxx"), Sk: new("xxxx")}},
				RamUser:            &pb.RamUserPB{UserId: new("ram_user_id")},
			}},
		{"legacy_update_ak_sk", `{
    "cloud_unique_id": "1:regression_instance0:cloud_unique_id_compute_node1",
    "obj": {
        "id": "1",
        "ak": "test-ak",
        "sk": "test-sk",
    }
}`, &pb.AlterObjStoreInfoRequest{
			CloudUniqueId: new("1:regression_instance0:cloud_unique_id_compute_node1"),
			Obj:           &pb.ObjectStoreInfoPB{Id: new("1"), Ak: new("test-ak"), Sk: new("test-sk")},
		}},
		{"abort_tablet_job", `{
    "cloud_unique_id": "1:regression_instance0:regression-cloud-unique-id0",
    "job" : {
        "idx": {"tablet_id": 113973},
        "compaction": [{"id": 113974}]
    }
}
`, &pb.FinishTabletJobRequest{
			CloudUniqueId: new("1:regression_instance0:regression-cloud-unique-id0"),
			Job: &pb.TabletJobInfoPB{
				Idx: &pb.TabletIndexPB{TabletId: new(int64(113973))}, Compaction: []*pb.TabletCompactionJobPB{{Id: new("113974")}},
			},
		}},
		{"add_cluster", `{"instance_id":"i","cluster":{"type":"SQL","nodes":[{"edit_log_port":"9010","heartbeat_port":"9050"}]}}`,
			&pb.AlterClusterRequest{InstanceId: new("i"), Cluster: &pb.ClusterPB{
				Type: new(pb.ClusterPB_SQL), Nodes: []*pb.NodeInfoPB{{EditLogPort: new(int32(9010)), HeartbeatPort: new(int32(9050))}},
			}}},
	} {
		t.Run(c.operation, func(t *testing.T) {
			var got proto.Message
			h := start(t, Options{API: fakeAPI{func(_ context.Context, _ string, req any) (any, error) {
				got, _ = req.(proto.Message)
				return nil, nil
			}}})
			if answer := h.call(c.operation, c.body); answer.status != 200 {
				t.Fatalf("answers %d %s", answer.status, answer.body)
			}
			if !proto.Equal(got, c.want) {
				t.Errorf("got %v\nwant %v", got, c.want)
			}
		})
	}
}

// No reply to a body that is wrong repeats a secret from it; start checks the log.
func TestSecretsOfBadBodiesStayUnsaid(t *testing.T) {
	h := start(t, Options{})
	for _, route := range table {
		for _, body := range []string{
			`{"obj":{"sk":"CANARY" "ak":1}}`, `{"obj_info":{"sk":["CANARY"]}}`, `{"ram_user":{"sk":"CANARY"}`, `CANARY`, `{"CANARY`,
			`{"obj":"CANARY","obj_info":"CANARY","cluster":"CANARY","ram_user":"CANARY","job":"CANARY","instance_ids":"CANARY"}`,
		} {
			if got := h.call(route.name, body); strings.Contains(got.body, "CANARY") {
				t.Errorf("%s with %s answers %s", route.name, body, got.body)
			}
		}
	}
}

// What a request holds must outlive its buffers, which the next one overwrites.
func TestRequestsKeepTheirText(t *testing.T) {
	var (
		mu   sync.Mutex
		kept []*pb.AlterClusterRequest
		ids  []*pb.GetInstanceRequest
	)
	h := start(t, Options{API: fakeAPI{func(_ context.Context, _ string, req any) (any, error) {
		mu.Lock()
		defer mu.Unlock()
		switch req := req.(type) {
		case *pb.AlterClusterRequest:
			kept = append(kept, req)
		case *pb.GetInstanceRequest:
			ids = append(ids, req)
		}
		return nil, nil
	}}})
	w := h.dial()
	letters := []string{"aaaa", "bbbb", "cccc"}
	for _, letter := range letters {
		for _, operation := range []string{"add_node", "get_instance"} {
			w.send("POST /MetaService/http/" + operation + "?token=" + adminToken + "&instance_id=" + letter +
				" HTTP/1.1\r\nHost: h\r\nContent-Length: 22\r\n\r\n{\"instance_id\":\"" + letter + "\"}")
			if got := w.reply(); got.status != 200 {
				t.Fatalf("answers %d %s", got.status, got.body)
			}
		}
	}
	for i, letter := range letters {
		if kept[i].GetInstanceId() != letter || ids[i].GetInstanceId() != letter {
			t.Errorf("request %d now says %s and %s, want %s", i, kept[i].GetInstanceId(), ids[i].GetInstanceId(), letter)
		}
	}
}
