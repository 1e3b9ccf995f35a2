package core_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"roster/core"
	"roster/core/metakey"
	pb "roster/core/metapb"
)

// TestCluster holds the one cluster that is decoded to those of the whole instance.
func TestCluster(t *testing.T) {
	store := openStore(t)
	s := newService(t, store)
	create(t, s, "i")
	for _, id := range []string{"a", "b", "c"} {
		wantCode(t, s.AddCluster(t.Context(), cluster("i", id, "node-"+id)), core.OK)
	}
	read := func() core.Reading {
		t.Helper()
		reading, err := s.ReadDocument(t.Context(), &pb.GetInstanceRequest{InstanceId: new("i")})
		if err != nil {
			t.Fatal(err)
		}
		return reading
	}
	reading := read()
	doc, err := reading.Instance()
	if err != nil {
		t.Fatal(err)
	}
	name := func(i int) string { return doc.Clusters[i].GetClusterName() }
	for _, tt := range []struct {
		what, id, name string
		want           *pb.ClusterPB
	}{
		{"by id", "b", "", doc.Clusters[1]},
		{"by name", "", name(2), doc.Clusters[2]},
		{"by both", "a", name(0), doc.Clusters[0]},
		{"by those of two", "a", name(1), nil},
		{"by an id that is none", name(0) + "x", "", nil},
		{"the first", "", "", doc.Clusters[0]},
	} {
		got, err := reading.Cluster(tt.id, tt.name)
		if err != nil || !proto.Equal(got, tt.want) {
			t.Errorf("%s: got %v, %v, want %v", tt.what, got, err, tt.want)
		}
	}

	for what, record := range map[string][]byte{
		"a damaged record":  {0x3a, 0x7f, 0x61},
		"a damaged cluster": {0x3a, 0x03, 0x0a, 0x7f, 0x61},
	} {
		err = store.Update(t.Context(), func(tx core.Txn) error { return tx.Put(metakey.Instance("i"), record) })
		if err != nil {
			t.Fatal(err)
		}
		if got, err := read().Cluster("a", ""); got != nil || core.CodeOf(err) != core.InvalidArgument {
			t.Errorf("of %s: got %v, %v, want %v", what, got, err, core.InvalidArgument)
		}
	}
}

func TestAClusterThatIsNotThereCostsNoDecoding(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "i")
	for _, id := range []string{"a", "b", "c"} {
		wantCode(t, s.AddCluster(t.Context(), cluster("i", id, "node-"+id)), core.OK)
	}
	reading, err := s.ReadDocument(t.Context(), &pb.GetInstanceRequest{InstanceId: new("i")})
	if err != nil {
		t.Fatal(err)
	}
	of := func(id string) float64 {
		return testing.AllocsPerRun(10, func() {
			if _, err := reading.Cluster(id, ""); err != nil {
				t.Error(err)
			}
		})
	}
	if there, missing := of("a"), of("none"); missing >= there {
		t.Errorf("a cluster that is not there takes %v allocations, one that is %v", missing, there)
	}
}
