package tikvstore

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pingcap/kvproto/pkg/pdpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// fakePD is as much of PD as a client needs to connect and get timestamps.
type fakePD struct {
	pdpb.UnimplementedPDServer
	url    string
	member *pdpb.Member
	// silent makes it take requests for timestamps without an answer.
	silent atomic.Bool
	ticks  atomic.Int64
}

const fakeClusterID = 7

// startPD serves a fakePD on loopback until the test ends, with TLS if a
// configuration is given.
func startPD(t *testing.T, tlsConfig *tls.Config) *fakePD {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fake := &fakePD{url: "http://" + listener.Addr().String()}
	var options []grpc.ServerOption
	if tlsConfig != nil {
		fake.url = "https://" + listener.Addr().String()
		options = append(options, grpc.Creds(credentials.NewTLS(tlsConfig)))
	}
	fake.member = &pdpb.Member{Name: "pd", MemberId: 1, ClientUrls: []string{fake.url}, PeerUrls: []string{fake.url}}
	server := grpc.NewServer(options...)
	pdpb.RegisterPDServer(server, fake)
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-served; err != nil {
			t.Errorf("serve the fake PD: %v", err)
		}
	})
	return fake
}

func (f *fakePD) header() *pdpb.ResponseHeader { return &pdpb.ResponseHeader{ClusterId: fakeClusterID} }

func (f *fakePD) GetMembers(context.Context, *pdpb.GetMembersRequest) (*pdpb.GetMembersResponse, error) {
	return &pdpb.GetMembersResponse{
		Header: f.header(), Members: []*pdpb.Member{f.member}, Leader: f.member, EtcdLeader: f.member,
	}, nil
}

func (f *fakePD) Tso(stream pdpb.PD_TsoServer) error {
	for {
		req, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if f.silent.Load() {
			continue
		}
		err = stream.Send(&pdpb.TsoResponse{
			Header: f.header(), Count: req.Count,
			Timestamp: &pdpb.Timestamp{Physical: time.Now().UnixMilli(), Logical: f.ticks.Add(int64(req.Count)) % (1 << 18)},
		})
		if err != nil {
			return err
		}
	}
}
