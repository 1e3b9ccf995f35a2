package core_test

import (
	"context"
	"testing"

	"google.golang.org/protobuf/proto"

	"roster/core"
	"roster/core/metakey"
	pb "roster/core/metapb"
	"roster/core/seal"
)

func TestReadings(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "i")
	wantCode(t, s.AddCluster(t.Context(), cluster("i", "old", "node-1")), core.OK)
	before, err := s.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, s.DropCluster(t.Context(), cluster("i", "old")), core.OK)
	wantCode(t, s.AddCluster(t.Context(), cluster("i", "new", "node-2")), core.OK)

	plain, revealing := t.Context(), as(t, core.Call{Reveal: true})
	for _, tt := range []struct {
		name        string
		ctx         context.Context
		req         *pb.GetInstanceRequest
		cluster, sk string
	}{
		{"by id", plain, &pb.GetInstanceRequest{InstanceId: new("i")}, "new", seal.Masked},
		{"by id, revealed", revealing, &pb.GetInstanceRequest{InstanceId: new("i")}, "new", "sk"},
		{"by an id inside a cloud_unique_id", plain, &pb.GetInstanceRequest{CloudUniqueId: new("1:i:x")}, "new", seal.Masked},
		{"by a node", plain, &pb.GetInstanceRequest{CloudUniqueId: new("node-2")}, "new", seal.Masked},
		{"by a node, revealed", revealing, &pb.GetInstanceRequest{CloudUniqueId: new("node-2")}, "new", "sk"},
		{"as it was", core.WithVersion(plain, before), &pb.GetInstanceRequest{InstanceId: new("i")}, "old", seal.Masked},
		{"as it was, by a node since dropped", core.WithVersion(plain, before), &pb.GetInstanceRequest{CloudUniqueId: new("node-1")}, "old", seal.Masked},
		{"as it was, revealed", core.WithVersion(revealing, before), &pb.GetInstanceRequest{CloudUniqueId: new("1:i:x")}, "old", "sk"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			whole, err := decoded(s.ReadInstance(tt.ctx, tt.req))
			if err != nil {
				t.Fatal(err)
			}
			if got := whole.Clusters[0].GetClusterId(); got != tt.cluster {
				t.Errorf("the cluster is %q, want %q", got, tt.cluster)
			}
			if got := whole.ObjInfo[0].GetSk(); got != tt.sk {
				t.Errorf("the secret key is %q, want %q", got, tt.sk)
			}
			if got := whole.IamUser.GetExternalId(); got != "i" {
				t.Errorf("the account is that of %q, want i", got)
			}
			document, err := decoded(s.ReadDocument(tt.ctx, tt.req))
			if err != nil {
				t.Fatal(err)
			}
			whole.IamUser = nil
			seal.Mask(whole)
			if !proto.Equal(document, whole) {
				t.Errorf("the document is\n%v\nwant\n%v", document, whole)
			}
		})
	}
}

func decoded(r core.Reading, err error) (*pb.InstanceInfoPB, error) {
	if err != nil {
		return nil, err
	}
	return r.Instance()
}

func TestReadingsFail(t *testing.T) {
	store := openStore(t)
	s := newService(t, store)
	create(t, s, "i")
	err := store.Update(t.Context(), func(tx core.Txn) error { return tx.Put(metakey.Instance("damaged"), []byte("\xff")) })
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		name string
		ctx  context.Context
		req  *pb.GetInstanceRequest
		code core.Code
		want string
	}{
		{"without a name", t.Context(), &pb.GetInstanceRequest{}, core.InvalidArgument, "empty instance_id and cloud_unique_id"},
		{"of no instance", t.Context(), &pb.GetInstanceRequest{InstanceId: new("j")}, core.NotFound,
			"failed to get instance, info=failed to get instance, instance_id=j err=KeyNotFound"},
		{"of no node", t.Context(), &pb.GetInstanceRequest{CloudUniqueId: new("x")}, core.InvalidArgument,
			"cannot find instance_id with cloud_unique_id=x"},
		{"of a damaged record", t.Context(), &pb.GetInstanceRequest{InstanceId: new("damaged")}, core.InvalidArgument,
			"failed to parse InstanceInfoPB, key=0110696e7374616e636500011064616d616765640001: its record is damaged, restore it from a backup"},
		{"of a name with a line end", t.Context(), &pb.GetInstanceRequest{InstanceId: new("a\nb")}, core.InvalidArgument,
			"instance_id holds a control character, which names may not"},
		{"of the future", core.WithVersion(t.Context(), 1<<62), &pb.GetInstanceRequest{InstanceId: new("i")}, core.InvalidArgument, ""},
		{"when the time is over", ended, &pb.GetInstanceRequest{InstanceId: new("i")}, core.Unavailable, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, whole := decoded(s.ReadInstance(tt.ctx, tt.req))
			_, document := decoded(s.ReadDocument(tt.ctx, tt.req))
			_, got := s.GetInstance(tt.ctx, tt.req)
			for _, err := range []error{whole, document, got} {
				wantCode(t, err, tt.code)
				if err != nil && tt.want != "" && err.Error() != tt.want {
					t.Errorf("got  %v\nwant %s", err, tt.want)
				}
			}
		})
	}
}
