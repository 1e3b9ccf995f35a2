//go:build cluster

package replicas

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"roster/core"
	pb "roster/core/metapb"
	"roster/tests/cluster"
	"roster/tests/harness"
)

// howMany replicas serve in each test.
const howMany = 3

// replica is one of the servers, with a client of each front.
type replica struct {
	server *harness.Server
	rest   *harness.REST
	sql    *harness.SQL
}

// front is a client of a replica, by name.
type front struct {
	name string
	core.API
}

// ownCluster starts a cluster and has the replicas use it.
func ownCluster(t *testing.T, o cluster.Options) *cluster.Cluster {
	t.Helper()
	c := cluster.Run(t, o)
	t.Setenv("ROSTER_PD", strings.Join(c.PDAddrs(), ","))
	return c
}

// startReplicas runs servers over the same records. They end with the test.
func startReplicas(t *testing.T, args ...string) []*replica {
	t.Helper()
	dir := t.TempDir()
	var all []*replica
	for range howMany {
		r := &replica{server: harness.Run(t, harness.Options{DataDir: dir, Args: args})}
		r.rest = &harness.REST{URL: r.server.URL, Token: harness.DefaultToken}
		r.sql = openSQL(t, r.server)
		all = append(all, r)
	}
	return all
}

// openSQL is a pool of connections that ends with the test.
func openSQL(t *testing.T, server *harness.Server) *harness.SQL {
	t.Helper()
	pool, err := harness.OpenSQL(server.SQLAddr, harness.SQLOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.DB.Close() }) // of connections that a test has broken
	return pool
}

// fronts are the clients of all replicas, so that whoever takes every other one
// has both REST and SQL, and all replicas in turn.
func fronts(all []*replica) []front {
	var list []front
	for i, r := range all {
		list = append(list, front{fmt.Sprintf("REST of replica %d", i+1), r.rest}, front{fmt.Sprintf("SQL of replica %d", i+1), r.sql})
	}
	return list
}

// counters are the sums of counters over all replicas.
func counters(t *testing.T, all []*replica, names ...string) []int {
	t.Helper()
	sums := make([]int, len(names))
	for _, r := range all {
		for i, n := range metrics(t, r.rest, names...) {
			sums[i] += int(n)
		}
	}
	return sums
}

// metrics are values in /metrics of a server.
func metrics(tb testing.TB, rest *harness.REST, names ...string) []float64 {
	tb.Helper()
	all, err := rest.Metrics(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	values := make([]float64, len(names))
	for i, name := range names {
		value, found := all[name]
		if !found {
			tb.Fatalf("%s is not in /metrics", name)
		}
		values[i] = value
	}
	return values
}

// ready tells whether /readyz of a replica says 200 or 503.
func (r *replica) ready(ctx context.Context) (bool, error) {
	reply, err := r.rest.Send(ctx, harness.Request{Method: http.MethodGet, Path: "/readyz"})
	if err == nil && reply.Status != http.StatusOK && reply.Status != http.StatusServiceUnavailable {
		err = fmt.Errorf("/readyz answers %d", reply.Status)
	}
	return reply.Status == http.StatusOK, err
}

// create makes an instance with one compute cluster.
func create(t *testing.T, api core.API, id string) {
	t.Helper()
	if err := api.CreateInstance(t.Context(), &pb.CreateInstanceRequest{InstanceId: &id, UserId: new("user"), ObjInfo: objectStore("p1")}); err != nil {
		t.Fatal(err)
	}
	if err := api.AddCluster(t.Context(), onCluster(id, node(id, 1))); err != nil {
		t.Fatal(err)
	}
}

func objectStore(prefix string) *pb.ObjectStoreInfoPB {
	return &pb.ObjectStoreInfoPB{
		Ak: new("ak"), Sk: new("sk"), Bucket: new("bucket"), Prefix: &prefix, UserId: new("bucket_user"),
		Endpoint: new("endpoint"), Region: new("region"), Provider: pb.ObjectStoreInfoPB_S3.Enum(),
	}
}

// clusterID is both the id and the name of the one cluster of an instance.
const clusterID = "compute_1"

func onCluster(instance string, nodes ...*pb.NodeInfoPB) *pb.AlterClusterRequest {
	return &pb.AlterClusterRequest{InstanceId: &instance, Cluster: &pb.ClusterPB{
		ClusterId: new(clusterID), ClusterName: new(clusterID), Type: pb.ClusterPB_COMPUTE.Enum(), Nodes: nodes,
	}}
}

// node is the node n of an instance, below 65,536.
func node(instance string, n int) *pb.NodeInfoPB {
	return &pb.NodeInfoPB{
		CloudUniqueId: new(fmt.Sprintf("1:%s:node%d", instance, n)),
		Ip:            new(fmt.Sprintf("10.0.%d.%d", n>>8, n&255)), HeartbeatPort: new(int32(9050)),
	}
}

// nodes are the cloud_unique_ids of the cluster's nodes.
func nodes(ctx context.Context, api core.API, instance string) (map[string]bool, error) {
	doc, err := api.GetInstance(ctx, &pb.GetInstanceRequest{InstanceId: &instance})
	if err != nil {
		return nil, err
	}
	ids := map[string]bool{}
	for _, c := range doc.GetClusters() {
		for _, n := range c.GetNodes() {
			ids[n.GetCloudUniqueId()] = true
		}
	}
	return ids, nil
}
