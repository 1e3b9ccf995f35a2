package core_test

import (
	"slices"
	"strings"
	"testing"

	"roster/core"
	"roster/core/metakey"
	pb "roster/core/metapb"
)

func TestClusterStatusesAreBounded(t *testing.T) {
	store := openStore(t)
	s := newService(t, store)
	one := &pb.ClusterPB{ClusterId: new("c"), Type: pb.ClusterPB_COMPUTE.Enum()}
	sizes := map[string]int{"half": core.MaxStatuses / 2, "other": core.MaxStatuses / 2, "one": 1}
	for id, n := range sizes {
		putRecord(t, store, metakey.Instance(id), &pb.InstanceInfoPB{InstanceId: &id, Clusters: slices.Repeat([]*pb.ClusterPB{one}, n)})
	}
	for _, tt := range []struct {
		ids  []string
		code core.Code
	}{
		{[]string{"half", "other"}, core.OK},
		{[]string{"one", "half"}, core.OK},
		{[]string{"half", "one", "other"}, core.InvalidArgument},
	} {
		resp, err := s.GetClusterStatus(t.Context(), &pb.GetClusterStatusRequest{InstanceIds: tt.ids})
		wantCode(t, err, tt.code)
		if err != nil {
			if !strings.Contains(err.Error(), "ask about fewer") {
				t.Errorf("%v gets %v", tt.ids, err)
			}
			continue
		}
		got, want := 0, 0
		for _, detail := range resp.Details {
			got += len(detail.Clusters)
		}
		for _, id := range tt.ids {
			want += sizes[id]
		}
		if got != want {
			t.Errorf("%v have %d clusters, want %d", tt.ids, got, want)
		}
	}
}
