package pbtext

import (
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	pb "roster/core/metapb"
)

func TestMulti(t *testing.T) {
	response := &pb.GetTabletStatsResponse{
		Status: &pb.MetaServiceResponseStatus{Code: new(pb.MetaServiceCode_OK), Msg: new("")},
		TabletStats: []*pb.TabletStatsPB{{
			Idx: &pb.TabletIndexPB{
				TableId: new(int64(113973)), IndexId: new(int64(113974)),
				PartitionId: new(int64(113966)), TabletId: new(int64(114739)),
			},
			DataSize: new(int64(0)), NumRows: new(int64(0)), NumRowsets: new(int64(2)), NumSegments: new(int64(0)),
			BaseCompactionCnt: new(int64(0)), CumulativeCompactionCnt: new(int64(0)), CumulativePoint: new(int64(2)),
		}},
	}
	const want = `status {
  code: OK
  msg: ""
}
tablet_stats {
  idx {
    table_id: 113973
    index_id: 113974
    partition_id: 113966
    tablet_id: 114739
  }
  data_size: 0
  num_rows: 0
  num_rowsets: 2
  num_segments: 0
  base_compaction_cnt: 0
  cumulative_compaction_cnt: 0
  cumulative_point: 2
}
`
	if got := Multi(response); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestLine(t *testing.T) {
	for _, c := range []struct {
		name string
		m    proto.Message
		want string
	}{
		{"nothing set", &pb.GetClusterRequest{}, ``},
		{"fields by number", &pb.GetClusterRequest{ClusterName: new("n"), InstanceId: new("i"), CloudUniqueId: new("1:i:x")},
			`instance_id: "i" cloud_unique_id: "1:i:x" cluster_name: "n"`},
		{"nested, lists, enums and numbers", &pb.AlterClusterRequest{Cluster: &pb.ClusterPB{
			Type: new(pb.ClusterPB_COMPUTE), MysqlUserName: []string{"a", "b"},
			Nodes: []*pb.NodeInfoPB{{HeartbeatPort: new(int32(-1)), IsSmoothUpgrade: new(true)}, {}},
		}}, `cluster { type: COMPUTE nodes { heartbeat_port: -1 is_smooth_upgrade: true } nodes { } mysql_user_name: "a" mysql_user_name: "b" }`},
		{"a map by key", &pb.AlterInstanceRequest{Properties: map[string]string{"b": "2", "a": "1"}},
			`properties { key: "a" value: "1" } properties { key: "b" value: "2" }`},
		{"an enum number of no name", &pb.GetClusterStatusRequest{Status: new(pb.ClusterStatus(99))}, `status: 99`},
		{"bytes", &pb.RequestPB{Digest: []byte{0, 'a', 0xff}}, `digest: "\000a\377"`},
		{"escapes as C does", &pb.GetClusterRequest{InstanceId: new("\n\r\t\"'\\\x01\x7fé")},
			`instance_id: "\n\r\t\"\'\\\001\177\303\251"`},
		{"masks secrets", &pb.RamUserPB{UserId: new("u"), Ak: new("key"), Sk: new("")},
			`user_id: "u" ak: "******" sk: "******"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Line(c.m); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func FuzzText(f *testing.F) {
	seed, err := proto.Marshal(&pb.AlterClusterRequest{InstanceId: new("i\x00é'"), Cluster: &pb.ClusterPB{
		Nodes: []*pb.NodeInfoPB{{Ip: new("::1")}}, Properties: map[string]string{"k": "v", "": "\n"},
	}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, data []byte) {
		m := &pb.AlterClusterRequest{}
		if (proto.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(data, m) != nil || !readable(m) {
			return
		}
		for _, text := range []string{Multi(m), Line(m)} {
			again := &pb.AlterClusterRequest{}
			if err := prototext.Unmarshal([]byte(text), again); err != nil {
				t.Fatalf("%v in\n%s", err, text)
			}
			if !proto.Equal(m, again) {
				t.Errorf("%s\nreads back as\n%v", text, again)
			}
		}
	})
}

// readable reports whether the library reads what m would be written as: its
// strings have to be UTF-8.
func readable(m proto.Message) bool {
	_, err := prototext.Marshal(m)
	return err == nil
}
