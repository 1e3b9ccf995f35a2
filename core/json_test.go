package core

import (
	"testing"

	pb "roster/core/metapb"
	"roster/core/seal"
)

func TestJSONOfMessages(t *testing.T) {
	user := &pb.RamUserPB{UserId: new("u"), Sk: new("sk-CANARY")}
	for _, c := range []struct{ name, got, want string }{
		{"nothing", compactJSON(nil), `{}`},
		{"what is stored", compactJSON(user), `{"user_id":"u","sk":"sk-CANARY"}`},
		{"what may be printed", redactedJSON(user), `{"user_id":"u","sk":"` + seal.Masked + `"}`},
		{"a text that is not UTF-8", compactJSON(&pb.RamUserPB{UserId: new("\xff")}), `{}`},
		{"a request that lacks a required field", redactedJSON(&pb.HdfsBuildConf{HdfsConfs: []*pb.HdfsBuildConf_HdfsConfKVPair{{Key: new("k")}}}), `{"hdfs_confs":[{"key":"k"}]}`},
	} {
		if c.got != c.want {
			t.Errorf("%s is shown as %s, want %s", c.name, c.got, c.want)
		}
	}
}
