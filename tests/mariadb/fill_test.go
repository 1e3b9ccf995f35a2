package mariadb

import (
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	pb "roster/core/metapb"
	"roster/tests/harness"
)

// store is the object store that every instance is created with.
const store = `{"ak":"AKIAEXAMPLE1","sk":"secret-of-the-store","bucket":"b","prefix":"p","endpoint":"e","region":"r","provider":"S3","user_id":"bucket_user"}`

// fill gives the server instances that differ in what they have and lack.
func fill(t *testing.T, rest *harness.REST) {
	t.Helper()
	ctx := t.Context()
	for _, text := range []string{
		`{"instance_id":"alpha","name":"Alpha","user_id":"u1","obj_info":` + store + `}`,
		`{"instance_id":"beta","name":"Beta","user_id":"U1","obj_info":` + store + `}`,
		`{"instance_id":"gamma","name":"东京 Ünï","user_id":"u2","obj_info":` + store + `}`,
		`{"instance_id":"Delta","name":"alpha ","user_id":"u2","obj_info":` + store + `}`,
		`{"instance_id":"empty","name":"it's 100%_\\","user_id":"u3","obj_info":` + store + `}`,
	} {
		must(t, rest.CreateInstance(ctx, request[pb.CreateInstanceRequest](t, text)))
	}
	for _, text := range []string{
		`{"instance_id":"alpha","cluster":{"cluster_id":"c1","cluster_name":"compute_1","type":"COMPUTE","mysql_user_name":["ann","Bob"],"nodes":[
			{"cloud_unique_id":"1:alpha:be1","ip":"10.0.0.1","heartbeat_port":9050},{"cloud_unique_id":"1:alpha:be2","ip":"10.0.0.2","heartbeat_port":9050}]}}`,
		`{"instance_id":"alpha","cluster":{"cluster_id":"c2","cluster_name":"Compute_2","type":"COMPUTE","public_endpoint":"","nodes":[]}}`,
		`{"instance_id":"alpha","cluster":{"cluster_id":"fe","cluster_name":"sql","type":"SQL","nodes":[
			{"cloud_unique_id":"1:alpha:fe1","ip":"10.0.1.1","edit_log_port":9010,"node_type":"FE_MASTER"},{"cloud_unique_id":"1:alpha:fe2","ip":"10.0.1.2","edit_log_port":9011,"node_type":"FE_OBSERVER"}]}}`,
		`{"instance_id":"beta","cluster":{"cluster_id":"c1","cluster_name":"compute_9","type":"COMPUTE","desc":"计算","public_endpoint":"pub","private_endpoint":"priv","mysql_user_name":["ann"],"nodes":[
			{"cloud_unique_id":"1:beta:be1","ip":"10.1.0.1","heartbeat_port":9051}]}}`,
		`{"instance_id":"beta","cluster":{"cluster_id":"c3","cluster_name":"compute_3","type":"COMPUTE","mysql_user_name":["zoë"],"nodes":[
			{"cloud_unique_id":"1:beta:be2","ip":"10.1.0.2","heartbeat_port":9052},{"cloud_unique_id":"1:beta:be3","ip":"10.1.0.10","heartbeat_port":9052},{"cloud_unique_id":"1:beta:be4","ip":"10.1.0.11","heartbeat_port":9060}]}}`,
		`{"instance_id":"gamma","cluster":{"cluster_id":"c1","cluster_name":"COMPUTE_1","type":"COMPUTE","mysql_user_name":["Ann","ann"],"nodes":[
			{"cloud_unique_id":"1:gamma:be1","ip":"10.2.0.1","heartbeat_port":9050}]}}`,
		`{"instance_id":"Delta","cluster":{"cluster_id":"c9","cluster_name":"last","type":"COMPUTE"}}`,
	} {
		must(t, rest.AddCluster(ctx, request[pb.AlterClusterRequest](t, text)))
	}
	must(t, rest.SetClusterStatus(ctx, request[pb.AlterClusterRequest](t, `{"instance_id":"alpha","cluster":{"cluster_id":"c2","cluster_status":"SUSPENDED"}}`)))
	must(t, rest.SetClusterStatus(ctx, request[pb.AlterClusterRequest](t, `{"instance_id":"beta","cluster":{"cluster_id":"c3","cluster_status":"SUSPENDED"}}`)))
	must(t, rest.SetInstanceStatus(ctx, request[pb.AlterInstanceRequest](t, `{"instance_id":"gamma","op":"SET_OVERDUE"}`)))
	must(t, rest.AddObjInfo(ctx, request[pb.AlterObjStoreInfoRequest](t,
		`{"cloud_unique_id":"1:beta:be1","op":"ADD_OBJ_INFO","obj":{"ak":"AKIAEXAMPLE2","sk":"another-secret","bucket":"B","prefix":"","endpoint":"e2","region":"r2","provider":"OSS","user_id":"bucket_user"}}`)))
	if err := rest.RenameCluster(ctx, request[pb.AlterClusterRequest](t, `{"instance_id":"alpha","cluster":{"cluster_id":"nosuch","cluster_name":"x"}}`)); err == nil {
		t.Fatal("a cluster that is not there was renamed")
	}
}

func request[T any, P interface {
	*T
	proto.Message
}](t *testing.T, text string) P {
	t.Helper()
	m := P(new(T))
	must(t, protojson.Unmarshal([]byte(text), m))
	return m
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
