//go:build cluster

package replicas

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"roster/core"
	pb "roster/core/metapb"
	"roster/tests/cluster"
	"roster/tests/harness"
)

const (
	// roundTime is how long one side runs before it is the other's turn.
	roundTime = 3 * time.Second
	// clustersEach and nodesEach make an instance of a usual size.
	clustersEach, nodesEach = 5, 3
)

// BenchmarkBesideBareClient compares durable status changes through REST with a
// loop over client-go that does nothing but their transaction: read two keys,
// write two of the same size, try again at once when another was faster. An
// iteration is a round of each side in turn; the metrics are medians.
//
//	go test -tags cluster -run '^$' -bench BesideBareClient -benchtime 5x ./tests/replicas
func BenchmarkBesideBareClient(b *testing.B) {
	if os.Getenv("ROSTER_PD") == "" {
		c := cluster.Run(b, cluster.Options{})
		b.Setenv("ROSTER_PD", strings.Join(c.PDAddrs(), ","))
	}
	server := harness.Run(b, harness.Options{})
	through := &statusClient{b: b, addr: strings.TrimPrefix(server.URL, "http://")}
	rest := &harness.REST{URL: server.URL, Token: harness.DefaultToken}
	// The hot instance has a cluster for each writer.
	populate(b, rest, "hot", writers)
	instances := []string{"hot"}
	for w := range writers {
		populate(b, rest, distinct(w), clustersEach)
		instances = append(instances, distinct(w))
	}
	// What history has last is a status change then.
	for n := range 3 {
		if err := through.change(0, "hot", 0, n+1); err != nil {
			b.Fatal(err)
		}
	}
	bare := newBareClient(b, server.DataDir, instances...)

	for _, work := range []struct {
		name         string
		roster, bare func(ctx context.Context, worker, n int) error
	}{
		{"distinct",
			func(_ context.Context, worker, n int) error { return through.change(worker, distinct(worker), 0, n) },
			func(ctx context.Context, worker, _ int) error { return bare.change(ctx, distinct(worker)) }},
		{"hot",
			func(_ context.Context, worker, n int) error { return through.change(worker, "hot", worker, n) },
			func(ctx context.Context, _, _ int) error { return bare.change(ctx, "hot") }},
	} {
		ours := side{change: work.roster, cpu: func() float64 { return metrics(b, rest, "process_cpu_seconds_total")[0] }}
		theirs := side{change: work.bare, cpu: ownCPU}
		b.Run(work.name, func(b *testing.B) {
			var ratios []float64
			for b.Loop() {
				ratios = append(ratios, ours.round(b)/theirs.round(b))
			}
			b.ReportMetric(median(ours.rates), "roster/s")
			b.ReportMetric(median(theirs.rates), "bare/s")
			b.ReportMetric(median(ratios), "ratio")
			b.ReportMetric(median(ours.costs), "roster-cpu-us")
			b.ReportMetric(median(theirs.costs), "bare-cpu-us")
			b.ReportMetric(0, "ns/op")
			b.Logf("changes a second of Roster %.0f, bare %.0f; ratios %.2f", ours.rates, theirs.rates, ratios)
		})
	}
}

// side is one of those compared.
type side struct {
	change func(ctx context.Context, worker, n int) error
	// cpu is how many seconds of it the side has used.
	cpu  func() float64
	done [writers]int

	rates []float64 // changes a second of each round
	costs []float64 // microseconds of CPU a change
}

// round has all writers make one change after the other, and returns the rate.
func (s *side) round(b *testing.B) float64 {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), roundTime)
	defer cancel()
	var completed atomic.Int64
	failures := make([]error, writers)
	used := s.cpu()
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for {
				s.done[w]++
				err := s.change(ctx, w, s.done[w])
				if ctx.Err() != nil {
					return
				}
				if err != nil {
					failures[w] = err
					return
				}
				completed.Add(1)
			}
		})
	}
	wg.Wait()
	if err := errors.Join(failures...); err != nil {
		b.Fatal(err)
	}
	n := float64(completed.Load())
	s.rates = append(s.rates, n/roundTime.Seconds())
	s.costs = append(s.costs, (s.cpu()-used)*1e6/n)
	return n / roundTime.Seconds()
}

// ownCPU are the seconds of CPU this process has used.
func ownCPU() float64 {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage) // does not fail for oneself
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}

func distinct(worker int) string { return fmt.Sprintf("distinct_%d", worker) }

func median(values []float64) float64 { return slices.Sorted(slices.Values(values))[len(values)/2] }

// populate makes an instance with clusters that have nodes.
func populate(b *testing.B, api core.API, id string, clusters int) {
	b.Helper()
	err := api.CreateInstance(b.Context(), &pb.CreateInstanceRequest{InstanceId: &id, UserId: new("user"), ObjInfo: objectStore("p1")})
	if err != nil {
		b.Fatal(err)
	}
	for i := range clusters {
		cluster := &pb.ClusterPB{ClusterId: new(numbered(i)), ClusterName: new(numbered(i)), Type: pb.ClusterPB_COMPUTE.Enum()}
		for n := range nodesEach {
			cluster.Nodes = append(cluster.Nodes, node(id, i*nodesEach+n))
		}
		if err := api.AddCluster(b.Context(), &pb.AlterClusterRequest{InstanceId: &id, Cluster: cluster}); err != nil {
			b.Fatal(err)
		}
	}
}

func numbered(cluster int) string { return fmt.Sprintf("compute_%d", cluster) }

// statusClient changes the status of clusters over REST, with little work of its
// own: it shares the machine with the server. Each worker has a connection, from
// its first change on.
type statusClient struct {
	b     *testing.B
	addr  string
	conns [writers]*bufio.ReadWriter
}

func (c *statusClient) conn(worker int) (*bufio.ReadWriter, error) {
	if c.conns[worker] == nil {
		conn, err := new(net.Dialer).DialContext(c.b.Context(), "tcp", c.addr)
		if err != nil {
			return nil, err
		}
		c.b.Cleanup(func() { _ = conn.Close() }) // nothing is under way then
		c.conns[worker] = bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn))
	}
	return c.conns[worker], nil
}

// change makes change n of a cluster, from 1: it is suspended and resumed.
func (c *statusClient) change(worker int, instance string, cluster, n int) error {
	body := fmt.Sprintf(`{"instance_id":%q,"cluster":{"cluster_id":%q,"cluster_status":%q}}`,
		instance, numbered(cluster), [...]string{"NORMAL", "SUSPENDED", "TO_RESUME"}[n%3])
	conn, err := c.conn(worker)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(conn, "POST /MetaService/http/v1/set_cluster_status?token=%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s",
		harness.DefaultToken, len(body), body)
	if err := errors.Join(err, conn.Flush()); err != nil {
		return err
	}
	reply := fasthttp.AcquireResponse()
	defer fasthttp.ReleaseResponse(reply)
	if err := reply.Read(conn.Reader); err != nil {
		return err
	}
	if reply.StatusCode() != fasthttp.StatusOK {
		return fmt.Errorf("set_cluster_status answers %d: %s", reply.StatusCode(), reply.Body())
	}
	return nil
}
