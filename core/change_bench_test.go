package core_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"roster/core"
	"roster/core/coretest"
	pb "roster/core/metapb"
)

// benchService is a Service on an embedded store, with one instance per id of so
// many clusters of so many nodes each.
func benchService(b *testing.B, clusters, nodes int, ids ...string) *core.Service {
	b.Helper()
	s := coretest.NewService(b, core.Options{Compat: core.CompatDoris})
	for _, id := range ids {
		must(b, s.CreateInstance(b.Context(), &pb.CreateInstanceRequest{InstanceId: &id, UserId: new("u"), ObjInfo: object("ak", "sk")}))
		for c := range clusters {
			req := cluster(id, fmt.Sprintf("c%d", c))
			for n := range nodes {
				req.Cluster.Nodes = append(req.Cluster.Nodes, benchNode(id, c, n))
			}
			must(b, s.AddCluster(b.Context(), req))
		}
	}
	return s
}

func benchNode(id string, cluster, n int) *pb.NodeInfoPB {
	return &pb.NodeInfoPB{
		CloudUniqueId: new(fmt.Sprintf("1:%s:node-%d-%d", id, cluster, n)),
		Ip:            new(fmt.Sprintf("10.%d.%d.%d", cluster, n/250, n%250)), HeartbeatPort: new(int32(9050)),
	}
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// toggle suspends a cluster, or resumes it.
func toggle(b *testing.B, s *core.Service, id string, cluster int, suspend bool) {
	status := pb.ClusterStatus_NORMAL
	if suspend {
		status = pb.ClusterStatus_SUSPENDED
	}
	must(b, s.SetClusterStatus(b.Context(), &pb.AlterClusterRequest{
		InstanceId: &id, Cluster: &pb.ClusterPB{ClusterId: new(fmt.Sprintf("c%d", cluster)), ClusterStatus: &status},
	}))
}

// workers shares b.N among goroutines and reports the processor's time too, the
// disk's being another's.
func workers(b *testing.B, n int, op func(worker, i int)) {
	var done atomic.Int64
	var wg sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	began := processorTime(b)
	for w := range n {
		wg.Go(func() {
			for i := 0; done.Add(1) <= int64(b.N); i++ {
				op(w, i)
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(processorTime(b)-began)/float64(b.N), "cpu-ns/op")
}

func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkStatusAlone is one change at a time.
func BenchmarkStatusAlone(b *testing.B) {
	s := benchService(b, 5, 3, "one")
	workers(b, 1, func(_, i int) { toggle(b, s, "one", 0, i%2 == 0) })
}

// BenchmarkStatusDistinct is 64 callers, each with an instance of its own.
func BenchmarkStatusDistinct(b *testing.B) {
	ids := make([]string, 64)
	for i := range ids {
		ids[i] = fmt.Sprintf("distinct%d", i)
	}
	s := benchService(b, 5, 3, ids...)
	workers(b, len(ids), func(w, i int) { toggle(b, s, ids[w], 0, i%2 == 0) })
}

// BenchmarkStatusHot is 64 callers on one instance, each with a cluster of its own.
func BenchmarkStatusHot(b *testing.B) {
	s := benchService(b, 64, 3, "hot")
	workers(b, 64, func(w, i int) { toggle(b, s, "hot", w, i%2 == 0) })
}

// BenchmarkStatusHotWithRefusals is BenchmarkStatusHot beside callers whose changes
// are refused, one in eight.
func BenchmarkStatusHotWithRefusals(b *testing.B) {
	s := benchService(b, 64, 3, "hot")
	workers(b, 64, func(w, i int) {
		if w%8 > 0 {
			toggle(b, s, "hot", w, i%2 == 0)
			return
		}
		err := s.DropNode(b.Context(), &pb.AlterClusterRequest{InstanceId: new("hot"), Cluster: &pb.ClusterPB{
			ClusterId: new("c0"), Type: pb.ClusterPB_COMPUTE.Enum(), Nodes: []*pb.NodeInfoPB{benchNode("hot", 0, 60_000)},
		}})
		if core.CodeOf(err) != core.NotFound {
			b.Error(err)
		}
	})
}

// BenchmarkNodesHot is 64 callers on one instance that add and drop a node.
func BenchmarkNodesHot(b *testing.B) {
	s := benchService(b, 64, 3, "hot")
	workers(b, 64, func(w, i int) { addOrDrop(b, s, "hot", w, i%2 == 0) })
}

// addOrDrop adds a node to a cluster, or drops it.
func addOrDrop(b *testing.B, s *core.Service, id string, cluster int, add bool) {
	run := s.DropNode
	if add {
		run = s.AddNode
	}
	must(b, run(b.Context(), &pb.AlterClusterRequest{InstanceId: &id, Cluster: &pb.ClusterPB{
		ClusterId: new(fmt.Sprintf("c%d", cluster)), Type: pb.ClusterPB_COMPUTE.Enum(), Nodes: []*pb.NodeInfoPB{benchNode(id, cluster, 60_000)},
	}}))
}

// BenchmarkNodesBySize adds and drops a node of instances that grow.
func BenchmarkNodesBySize(b *testing.B) {
	for _, nodes := range []int{10, 100, 1_000, 10_000} {
		b.Run(fmt.Sprint(nodes), func(b *testing.B) {
			s := benchService(b, 10, nodes/10, "grown")
			workers(b, 1, func(_, i int) { addOrDrop(b, s, "grown", 0, i%2 == 0) })
		})
	}
}

// BenchmarkStatusByClusters changes one of many clusters.
func BenchmarkStatusByClusters(b *testing.B) {
	for _, clusters := range []int{1, 100, 1_000} {
		b.Run(fmt.Sprint(clusters), func(b *testing.B) {
			s := benchService(b, clusters, 1, "wide")
			workers(b, 1, func(_, i int) { toggle(b, s, "wide", clusters-1, i%2 == 0) })
		})
	}
}
