package httpfront

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"roster/core"
	"roster/core/coretest"
	pb "roster/core/metapb"
)

// instanceSteps change instances in every way that get_instance shows.
var instanceSteps = []struct{ operation, body string }{
	{"create_instance", `{"instance_id":"i","user_id":"u","name":"<ü\"\u2028>","obj_info":{"ak":"ak1","sk":"sk-CANARY-1","bucket":"b","prefix":"p","endpoint":"e","region":"r","provider":"S3"},"ram_user":{"user_id":"r","ak":"ra","sk":"ram-CANARY-1"}}`},
	{"create_instance", `{"instance_id":"j","user_id":"u","vault":{"obj_info":{"ak":"v","sk":"vault-CANARY","bucket":"b","prefix":"p","endpoint":"e","region":"r","provider":"S3"}}}`},
	{"add_cluster", `{"instance_id":"i","cluster":{"cluster_id":"c","cluster_name":"name_1","type":"COMPUTE","nodes":[{"cloud_unique_id":"node-1","ip":"10.0.0.1","heartbeat_port":9050}]}}`},
	{"add_node", `{"instance_id":"i","cluster":{"cluster_id":"c","cluster_name":"name_1","type":"COMPUTE","nodes":[{"cloud_unique_id":"1:i:2","ip":"10.0.0.2","heartbeat_port":9050}]}}`},
	{"set_cluster_status", `{"instance_id":"i","cluster":{"cluster_id":"c","cluster_status":"SUSPENDED"}}`},
	{"add_obj_info", `{"cloud_unique_id":"1:i:x","obj":{"ak":"ak2","sk":"sk-CANARY-2","bucket":"b","prefix":"p","endpoint":"e","region":"r","provider":"S3"}}`},
	{"update_ak_sk", `{"instance_id":"i","ram_user":{"user_id":"r","ak":"ra","sk":"ram-CANARY-2"}}`},
	{"enable_instance_sse", `{"instance_id":"i"}`},
	{"update_cluster_mysql_user_name", `{"instance_id":"i","cluster":{"cluster_id":"c","mysql_user_name":["a","b"]}}`},
	{"drop_node", `{"instance_id":"i","cluster":{"cluster_id":"c","cluster_name":"name_1","type":"COMPUTE","nodes":[{"cloud_unique_id":"node-1","ip":"10.0.0.1","heartbeat_port":9050}]}}`},
	{"drop_cluster", `{"instance_id":"i","cluster":{"cluster_id":"c"}}`},
	{"drop_instance", `{"instance_id":"j"}`},
}

func TestGetInstanceAnswersTheSameFromItsCache(t *testing.T) {
	for _, compat := range []core.Compat{core.CompatReference, core.CompatDoris} {
		t.Run(string(compat), func(t *testing.T) {
			service := coretest.NewService(t, core.Options{Compat: compat})
			plain := start(t, Options{API: service, AbortJSON: compat == core.CompatDoris})
			cached := start(t, Options{API: service, Readings: service, AbortJSON: compat == core.CompatDoris})
			for _, step := range instanceSteps {
				if got := plain.call(step.operation, step.body); got.status != http.StatusOK {
					t.Fatalf("%s answers %d %s", step.operation, got.status, got.body)
				}
				for _, who := range []string{"instance_id=i", "instance_id=j", "cloud_unique_id=1:j:any", "cloud_unique_id=node-1", "cloud_unique_id=nobody", "instance_id=none", ""} {
					for _, token := range []string{adminToken, readerToken, operatorToken, readerToken} {
						target := "/MetaService/http/get_instance?token=" + token + "&" + who
						want := plain.send(http.MethodGet, target, "")
						for range 2 {
							got := cached.send(http.MethodGet, target, "")
							if got.status != want.status || got.body != want.body || got.header.Get("Content-Type") != want.header.Get("Content-Type") {
								t.Errorf("after %s, %s answers %d\n%s\nwant %d\n%s", step.operation, target, got.status, got.body, want.status, want.body)
							}
							if token == readerToken && strings.Contains(got.body, "CANARY") {
								t.Errorf("after %s, a reader is shown a secret:\n%s", step.operation, got.body)
							}
						}
					}
				}
			}
		})
	}
}

// A reader and an administrator who ask at once, while secrets change, each see
// what they may.
func TestGetInstanceNeverMixesRoles(t *testing.T) {
	service := coretest.NewService(t, core.Options{Compat: core.CompatReference})
	h := start(t, Options{API: service, Readings: service})
	if got := h.call(instanceSteps[0].operation, instanceSteps[0].body); got.status != http.StatusOK {
		t.Fatal(got.body)
	}
	const rounds = 60
	var clients sync.WaitGroup
	defer clients.Wait()
	for _, token := range []string{adminToken, readerToken, operatorToken} {
		clients.Go(func() {
			for range rounds {
				got := h.send(http.MethodGet, "/MetaService/http/get_instance?instance_id=i&token="+token, "")
				if shown := strings.Contains(got.body, "ram-CANARY"); got.status != http.StatusOK || shown != (token != readerToken) {
					t.Errorf("%s is answered %d\n%s", token, got.status, got.body)
				}
			}
		})
	}
	for i := range rounds {
		sk := fmt.Sprint("ram-CANARY-new-", i)
		err := service.UpdateAkSk(t.Context(), &pb.UpdateAkSkRequest{
			InstanceId: new("i"), RamUser: &pb.RamUserPB{UserId: new("r"), Ak: new("ra"), Sk: &sk},
		})
		if err != nil {
			t.Error(err)
		}
	}
}
