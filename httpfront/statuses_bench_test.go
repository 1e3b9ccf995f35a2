package httpfront

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/sirupsen/logrus"
	"google.golang.org/protobuf/proto"

	"roster/core"
	"roster/core/coretest"
	"roster/core/metakey"
	pb "roster/core/metapb"
)

// Ten calls list all instances, as the most that one may ask for is a tenth of them.
const (
	listedInstances = 10 * core.MaxInstances
	listedNodes     = 3
)

func listedID(number int) string { return fmt.Sprintf("crowd-%07d", number) }

// BenchmarkStatuses is what a list of the clusters of 1,000 instances costs the server,
// but for its system calls.
func BenchmarkStatuses(b *testing.B) {
	store := coretest.OpenStore(b)
	for first := 0; first < listedInstances; first += core.MaxInstances {
		err := store.Update(b.Context(), func(tx core.Txn) error {
			for number := first; number < first+core.MaxInstances; number++ {
				if err := tx.Put(metakey.Instance(listedID(number)), listedInstance(b, number)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	service := coretest.NewService(b, core.Options{Store: store})
	log := logrus.New()
	log.SetOutput(io.Discard)
	s := New(Options{API: service, Readings: service, Tokens: testTokens()[:1], Log: log})
	requests := make([]string, listedInstances/core.MaxInstances)
	for i := range requests {
		ids := make([]string, core.MaxInstances)
		for j := range ids {
			ids[j] = listedID(i*core.MaxInstances + j)
		}
		requests[i] = post("get_cluster_status", `{"instance_ids":["`+strings.Join(ids, `","`)+`"]}`)
	}
	serve := func(calls int) int {
		conn := &feed{requests: requests, left: calls}
		if err := s.http.ServeConn(conn); err != nil {
			b.Fatal(err)
		}
		return conn.sent
	}
	// What is asked for a second time is kept.
	serve(2 * len(requests))
	b.ReportAllocs()
	b.ResetTimer()
	b.SetBytes(int64(serve(b.N) / b.N))
}

// listedInstance is an instance of one cluster, as it is stored.
func listedInstance(b *testing.B, number int) []byte {
	doc := &pb.InstanceInfoPB{
		InstanceId: new(listedID(number)), UserId: new("bench"), Name: new("bench"), Status: pb.InstanceInfoPB_NORMAL.Enum(),
		Ctime: new(int64(1700000000)), Mtime: new(int64(1700000000)),
	}
	cluster := &pb.ClusterPB{
		ClusterId: new("cluster-0"), ClusterName: new("name_0"), Type: pb.ClusterPB_COMPUTE.Enum(),
		ClusterStatus: pb.ClusterStatus_NORMAL.Enum(), Ctime: new(int64(1700000000)), Mtime: new(int64(1700000000)),
	}
	for n := range listedNodes {
		cluster.Nodes = append(cluster.Nodes, &pb.NodeInfoPB{
			CloudUniqueId: new(fmt.Sprintf("1:%s:c0-n%d", listedID(number), n)), Ip: new("10.0.0.1"), HeartbeatPort: new(int32(9050)),
			Ctime: new(int64(1700000000)), Mtime: new(int64(1700000000)),
		})
	}
	doc.Clusters = append(doc.Clusters, cluster)
	raw, err := proto.Marshal(doc)
	if err != nil {
		b.Fatal(err)
	}
	return raw
}
