package httpfront

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	"roster/core"
	"roster/core/coretest"
	"roster/core/metakey"
	pb "roster/core/metapb"
)

// statusSteps change instances in every way that get_cluster_status shows.
var statusSteps = []struct{ operation, body string }{
	{"create_instance", `{"instance_id":"i","user_id":"u","vault":{"obj_info":{"ak":"a","sk":"s-CANARY","bucket":"b","prefix":"p","endpoint":"e","region":"r","provider":"S3"}}}`},
	{"create_instance", `{"instance_id":"j<ü>","user_id":"u","vault":{"obj_info":{"ak":"a","sk":"s-CANARY","bucket":"b","prefix":"p","endpoint":"e","region":"r","provider":"S3"}}}`},
	{"add_cluster", `{"instance_id":"i","cluster":{"cluster_id":"c1","cluster_name":"name_1","type":"COMPUTE","nodes":[{"cloud_unique_id":"node-1","ip":"10.0.0.1","heartbeat_port":9050}]}}`},
	{"add_cluster", `{"instance_id":"i","cluster":{"cluster_id":"c2\u2028","cluster_name":"name_2","type":"COMPUTE","cluster_status":"NORMAL"}}`},
	{"add_cluster", `{"instance_id":"j<ü>","cluster":{"cluster_id":"c1","cluster_name":"name_1","type":"COMPUTE"}}`},
	{"set_cluster_status", `{"instance_id":"i","cluster":{"cluster_id":"c1","cluster_status":"SUSPENDED"}}`},
	{"rename_cluster", `{"instance_id":"j<ü>","cluster":{"cluster_id":"c1","cluster_name":"other"}}`},
	{"add_node", `{"instance_id":"i","cluster":{"cluster_id":"c1","cluster_name":"name_1","type":"COMPUTE","nodes":[{"cloud_unique_id":"1:i:2","ip":"10.0.0.2","heartbeat_port":9050}]}}`},
	{"drop_node", `{"instance_id":"i","cluster":{"cluster_id":"c1","cluster_name":"name_1","type":"COMPUTE","nodes":[{"cloud_unique_id":"1:i:2","ip":"10.0.0.2","heartbeat_port":9050}]}}`},
	{"drop_cluster", `{"instance_id":"i","cluster":{"cluster_id":"c2\u2028"}}`},
	{"drop_cluster", `{"instance_id":"j<ü>","cluster":{"cluster_id":"c1"}}`},
	{"drop_instance", `{"instance_id":"j<ü>"}`},
}

// statusQuestions ask for what there is and what there is not.
var statusQuestions = []string{
	`{"instance_ids":["i"]}`,
	`{"instance_ids":["j<ü>"]}`,
	`{"instance_ids":["i","j<ü>"]}`,
	`{"instance_ids":["j<ü>","none","i","i","j<ü>"]}`,
	`{"instance_ids":["none"]}`,
	`{"instance_ids":["damaged","i"]}`,
	`{"instance_ids":["i","j<ü>"],"status":"NORMAL"}`,
	`{"instance_ids":["i","j<ü>"],"status":"UNKNOWN"}`,
	`{"instance_ids":["i","j<ü>"],"status":"SUSPENDED"}`,
	`{"cloud_unique_ids":["node-1","1:j<ü>:x","nobody"]}`,
	`{"cloud_unique_ids":["nobody"],"status":"NORMAL"}`,
	`{"instance_ids":["j<ü>"],"cloud_unique_ids":["node-1"]}`,
	`{"instance_ids":["old","i"]}`,
	`{"instance_ids":["old","i"],"status":"UNKNOWN"}`,
	`{"instance_ids":["old","i"],"status":"NORMAL"}`,
	`{"instance_ids":["old","garbled"]}`,
	`{}`,
	`{"instance_ids":[]}`,
	`{"instance_ids":["i",""]}`,
	`{"instance_ids":["i","a\nb"]}`,
	`{"instance_ids":["i"],"status":"STOPPED"}`,
	`{"instance_ids":["` + strings.Repeat("x", core.MaxNameBytes+1) + `"]}`,
	`{"instance_ids":["i"],"request_ip":"a\tb"}`,
	manyInstances(core.MaxInstances),
	manyInstances(core.MaxInstances + 1),
	manyInstances(core.MaxListed + 1),
}

// strangeClusters are those of instances that no operation makes so.
var strangeClusters = map[string][]*pb.ClusterPB{
	"garbled": {{ClusterId: new("\xff"), Type: pb.ClusterPB_COMPUTE.Enum()}},
	"old": {
		{ClusterId: new("sql"), Type: pb.ClusterPB_SQL.Enum()},
		{ClusterId: new("no status"), Type: pb.ClusterPB_COMPUTE.Enum()},
		{ClusterId: new(""), ClusterName: new(""), Type: pb.ClusterPB_COMPUTE.Enum(), ClusterStatus: pb.ClusterStatus_UNKNOWN.Enum()},
		{Type: pb.ClusterPB_COMPUTE.Enum(), ClusterStatus: pb.ClusterStatus_NORMAL.Enum()},
	},
}

func manyInstances(n int) string {
	return `{"instance_ids":["i"` + strings.Repeat(`,"none"`, n-1) + `]}`
}

func TestClusterStatusesAreTheSameFromKeptTexts(t *testing.T) {
	store := coretest.OpenStore(t)
	service := coretest.NewService(t, core.Options{Store: store})
	putRaw(t, store, "damaged", []byte("\xff"))
	for id, clusters := range strangeClusters {
		raw, err := proto.Marshal(&pb.InstanceInfoPB{InstanceId: &id, Clusters: clusters})
		if err != nil {
			t.Fatal(err)
		}
		putRaw(t, store, id, raw)
	}
	plain := start(t, Options{API: service})
	kept := start(t, Options{API: service, Readings: service})
	for _, step := range statusSteps {
		if got := plain.call(step.operation, step.body); got.status != http.StatusOK {
			t.Fatalf("%s answers %d %s", step.operation, got.status, got.body)
		}
		for _, question := range statusQuestions {
			want := plain.call("get_cluster_status?request_id=r", question)
			for range 2 {
				got := kept.call("get_cluster_status?request_id=r", question)
				if got.status != want.status || got.body != want.body || got.header.Get("Content-Type") != want.header.Get("Content-Type") {
					t.Errorf("after %s, %.80s is answered %d\n%s\nwant %d\n%s", step.operation, question, got.status, got.body, want.status, want.body)
				}
			}
		}
	}
}

func putRaw(t *testing.T, store core.Store, instance string, raw []byte) {
	t.Helper()
	if err := store.Update(t.Context(), func(tx core.Txn) error { return tx.Put(metakey.Instance(instance), raw) }); err != nil {
		t.Fatal(err)
	}
}

// Replies are built in buffers that are used again: each has to be out before.
func TestClusterStatusesOfManyCallersDoNotMix(t *testing.T) {
	service := coretest.NewService(t, core.Options{})
	h := start(t, Options{API: service, Readings: service})
	for _, step := range statusSteps[:5] {
		if got := h.call(step.operation, step.body); got.status != http.StatusOK {
			t.Fatal(got.body)
		}
	}
	want := map[string]string{}
	for _, question := range statusQuestions[:4] {
		want[question] = h.call("get_cluster_status", question).body
	}
	var clients sync.WaitGroup
	defer clients.Wait()
	for question, body := range want {
		clients.Go(func() {
			w := h.dial()
			for range 50 {
				w.send(post("get_cluster_status", question))
				if got := w.reply(); got.body != body {
					t.Errorf("%s is answered\n%s\nwant\n%s", question, got.body, body)
				}
			}
		})
	}
}
