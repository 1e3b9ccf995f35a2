package core

import (
	"strings"
	"testing"

	pb "roster/core/metapb"
)

func TestEmbeddedInstance(t *testing.T) {
	for given, want := range map[string]string{
		"1:warehouse:node": "warehouse",
		"01:w:n":           "w",
		"1x:w:n":           "w",
		"+1:w:n":           "w",
		"\t1:w:n":          "w",
		"::1::w::n::":      "w",
		"1::n":             "",
		"1:w:n:m":          "",
		"2:w:n":            "",
		"11:w:n":           "",
		"-1:w:n":           "",
		"x:w:n":            "",
		"sql_server_1":     "",
		"":                 "",
	} {
		if got := embeddedInstance(given); got != want {
			t.Errorf("embeddedInstance(%q) = %q, want %q", given, got, want)
		}
	}
}

func FuzzEmbeddedInstance(f *testing.F) {
	for _, seed := range []string{"1:i:n", ":::", "1", "01x:a:b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if id := embeddedInstance(s); id != "" && (strings.Contains(id, ":") || !strings.Contains(s, id)) {
			t.Errorf("%q yields %q", s, id)
		}
	})
}

func TestCheckLengths(t *testing.T) {
	long := func(n int) *string { return new(strings.Repeat("x", n)) }
	nodes := func(n int) []*pb.NodeInfoPB {
		list := make([]*pb.NodeInfoPB, n)
		for i := range list {
			list[i] = new(pb.NodeInfoPB)
		}
		return list
	}
	for name, tc := range map[string]struct {
		cluster *pb.ClusterPB
		fault   string
	}{
		"the longest name":         {&pb.ClusterPB{ClusterName: long(256)}, ""},
		"a name too long":          {&pb.ClusterPB{ClusterName: long(257)}, "cluster.cluster_name is 257 bytes long, at most 256 are allowed"},
		"the longest description":  {&pb.ClusterPB{Desc: long(1024)}, ""},
		"a description too long":   {&pb.ClusterPB{Desc: long(1025)}, "cluster.desc is 1025 bytes long, at most 1024 are allowed"},
		"a user name too long":     {&pb.ClusterPB{MysqlUserName: []string{"a", *long(257)}}, "cluster.mysql_user_name[1] is 257 bytes long, at most 256 are allowed"},
		"a line break in a name":   {&pb.ClusterPB{ClusterName: new("a\nb")}, "cluster.cluster_name holds a control character, which names may not"},
		"a line break in a text":   {&pb.ClusterPB{Desc: new("a\nb")}, ""},
		"a node's address":         {&pb.ClusterPB{Nodes: []*pb.NodeInfoPB{{Ip: long(300)}}}, "cluster.nodes[0].ip is 300 bytes long, at most 256 are allowed"},
		"a property's name":        {&pb.ClusterPB{Properties: map[string]string{*long(257): ""}}, "a key of cluster.properties is 257 bytes long, at most 256 are allowed"},
		"a property's value":       {&pb.ClusterPB{Properties: map[string]string{"k": *long(1025)}}, `cluster.properties["k"] is 1025 bytes long, at most 1024 are allowed`},
		"as many nodes as allowed": {&pb.ClusterPB{Nodes: nodes(10_000)}, ""},
		"too many nodes":           {&pb.ClusterPB{Nodes: nodes(10_001)}, "cluster.nodes has 10001 entries, at most 10000 are allowed in one call: split it"},
		"too many users":           {&pb.ClusterPB{MysqlUserName: make([]string, 10_001)}, "cluster.mysql_user_name has 10001 entries, at most 10000 are allowed in one call: split it"},
	} {
		t.Run(name, func(t *testing.T) {
			err := checkLengths(&pb.AlterClusterRequest{Cluster: tc.cluster})
			switch {
			case tc.fault == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tc.fault != "" && (CodeOf(err) != InvalidArgument || err.Error() != tc.fault):
				t.Errorf("got %v, want %s", err, tc.fault)
			}
		})
	}
}
