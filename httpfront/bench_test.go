package httpfront

import (
	"context"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	"google.golang.org/protobuf/proto"

	"roster/core"
	pb "roster/core/metapb"
	"roster/core/seal"
)

// feed is a connection whose client sends its requests again and again, each when it
// has read the reply to the last.
type feed struct {
	net.Conn
	requests []string
	// rest is what is left of the request being sent.
	rest string
	next int
	left int
	sent int
}

func (f *feed) Read(p []byte) (int, error) {
	if f.rest == "" {
		if f.left == 0 {
			return 0, io.EOF
		}
		f.rest = f.requests[f.next%len(f.requests)]
		f.next++
		f.left--
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

func (f *feed) Write(p []byte) (int, error) {
	f.sent += len(p)
	return len(p), nil
}

func (f *feed) Close() error                     { return nil }
func (f *feed) SetReadDeadline(time.Time) error  { return nil }
func (f *feed) SetWriteDeadline(time.Time) error { return nil }
func (f *feed) LocalAddr() net.Addr              { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }
func (f *feed) RemoteAddr() net.Addr             { return f.LocalAddr() }

// BenchmarkRequest is what a request costs but for its system calls and the store.
func BenchmarkRequest(b *testing.B) {
	store := &memory{}
	service, err := core.New(core.Options{Store: store, Keys: seal.Generate()})
	if err != nil {
		b.Fatal(err)
	}
	store.value = sampleInstance(b)
	log := logrus.New()
	log.SetOutput(io.Discard)
	log.SetLevel(logrus.WarnLevel)
	s := New(Options{API: benchAPI{service}, Readings: service, Tokens: testTokens()[:1], Log: log})
	status := `{"cloud_unique_id":"1:i:x","cluster":{"cluster_id":"c","cluster_status":"SUSPENDED"}}`
	node := `{"instance_id":"i","cluster":{"cluster_id":"c","cluster_name":"n","type":"COMPUTE","nodes":[{"cloud_unique_id":"1:i:n","ip":"10.0.0.1","heartbeat_port":9050}]}}`
	for _, bb := range []struct{ name, request string }{
		{"read", "GET /MetaService/http/get_instance?token=" + adminToken + "&instance_id=i HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"},
		{"status", post("set_cluster_status", status)},
		{"node", post("add_node", node)},
		{"health", "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			conn := &feed{requests: []string{bb.request}, left: b.N}
			if err := s.http.ServeConn(conn); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(conn.sent / b.N))
		})
	}
}

func post(operation, body string) string {
	return fmt.Sprintf("POST /MetaService/http/%s?token=%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		operation, adminToken, len(body), body)
}

// benchAPI accepts every change at once.
type benchAPI struct{ core.API }

func (benchAPI) SetClusterStatus(context.Context, *pb.AlterClusterRequest) error { return nil }
func (benchAPI) AddNode(context.Context, *pb.AlterClusterRequest) error          { return nil }

// memory is a store of one record.
type memory struct {
	core.Store
	value []byte
}

func (m *memory) Read(_ context.Context, keys ...[]byte) ([][]byte, error) {
	values := make([][]byte, len(keys))
	values[0] = m.value
	return values, nil
}

// sampleInstance is an instance of 5 clusters with 3 nodes each, as it is stored.
func sampleInstance(b *testing.B) []byte {
	doc := &pb.InstanceInfoPB{InstanceId: new("i"), UserId: new("u"), Status: pb.InstanceInfoPB_NORMAL.Enum()}
	for c := range 5 {
		cluster := &pb.ClusterPB{ClusterId: new(fmt.Sprint("c", c)), ClusterName: new(fmt.Sprint("name", c)), Type: pb.ClusterPB_COMPUTE.Enum()}
		for n := range 3 {
			cluster.Nodes = append(cluster.Nodes, &pb.NodeInfoPB{
				CloudUniqueId: new(fmt.Sprintf("1:i:c%d-n%d", c, n)), Ip: new("10.0.0.1"), HeartbeatPort: new(int32(9050)),
				Ctime: new(int64(1700000000)), Mtime: new(int64(1700000000)), Status: pb.NodeStatusPB_NODE_STATUS_RUNNING.Enum(),
			})
		}
		doc.Clusters = append(doc.Clusters, cluster)
	}
	raw, err := proto.Marshal(doc)
	if err != nil {
		b.Fatal(err)
	}
	return raw
}
