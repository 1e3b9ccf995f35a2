package core

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"roster/core/metakey"
	pb "roster/core/metapb"
)

// ask is a request to a Service about the instance "i".
type ask func(context.Context, API) error

func theCluster(id string, nodes ...*pb.NodeInfoPB) *pb.AlterClusterRequest {
	return &pb.AlterClusterRequest{InstanceId: new("i"), Cluster: &pb.ClusterPB{
		ClusterId: &id, ClusterName: new("name_" + id), Type: pb.ClusterPB_COMPUTE.Enum(), Nodes: nodes,
	}}
}

func theNode(n int) *pb.NodeInfoPB {
	return &pb.NodeInfoPB{CloudUniqueId: new(fmt.Sprintf("node%d", n)), Ip: new(fmt.Sprintf("10.0.0.%d", n)), HeartbeatPort: new(int32(9050))}
}

func frontend(n int, kind pb.NodeInfoPB_NodeType) *pb.NodeInfoPB {
	node := theNode(n)
	node.HeartbeatPort, node.EditLogPort, node.NodeType = nil, new(int32(9010)), &kind
	return node
}

func sqlCluster(nodes ...*pb.NodeInfoPB) *pb.AlterClusterRequest {
	req := theCluster("sql", nodes...)
	req.Cluster.Type = pb.ClusterPB_SQL.Enum()
	return req
}

func onCluster(run func(API) func(context.Context, *pb.AlterClusterRequest) error, req *pb.AlterClusterRequest) ask {
	return func(ctx context.Context, s API) error { return run(s)(ctx, proto.CloneOf(req)) }
}

func addsCluster(s API) func(context.Context, *pb.AlterClusterRequest) error  { return s.AddCluster }
func dropsCluster(s API) func(context.Context, *pb.AlterClusterRequest) error { return s.DropCluster }
func addsNode(s API) func(context.Context, *pb.AlterClusterRequest) error     { return s.AddNode }
func dropsNode(s API) func(context.Context, *pb.AlterClusterRequest) error    { return s.DropNode }
func renames(s API) func(context.Context, *pb.AlterClusterRequest) error      { return s.RenameCluster }
func setsStatus(s API) func(context.Context, *pb.AlterClusterRequest) error {
	return s.SetClusterStatus
}
func setsUsers(s API) func(context.Context, *pb.AlterClusterRequest) error {
	return s.UpdateClusterMysqlUserName
}

func status(id string, to pb.ClusterStatus) ask {
	return onCluster(setsStatus, &pb.AlterClusterRequest{InstanceId: new("i"), Cluster: &pb.ClusterPB{ClusterId: &id, ClusterStatus: &to}})
}

func store(ak, sk string) *pb.ObjectStoreInfoPB {
	return &pb.ObjectStoreInfoPB{
		Ak: &ak, Sk: &sk, Bucket: new("b"), Endpoint: new("e"), Region: new("r"), Provider: pb.ObjectStoreInfoPB_S3.Enum(), UserId: new("u"),
	}
}

func creates(ctx context.Context, s API) error {
	return s.CreateInstance(ctx, &pb.CreateInstanceRequest{
		InstanceId: new("i"), UserId: new("u"), ObjInfo: store("ak", "sk"),
		RamUser: &pb.RamUserPB{UserId: new("u"), Ak: new("ak"), Sk: new("sk")},
	})
}

// rotates gives a new key to the instance's account and to its object stores; a
// bucket user without a key is refused after that has begun.
func rotates(key string, complete bool) ask {
	return func(ctx context.Context, s API) error {
		req := &pb.UpdateAkSkRequest{
			InstanceId: new("i"), RamUser: &pb.RamUserPB{UserId: new("u"), Ak: &key, Sk: &key},
			InternalBucketUser: []*pb.RamUserPB{{UserId: new("u"), Ak: &key, Sk: &key}},
		}
		if !complete {
			req.InternalBucketUser[0].Sk = nil
		}
		return s.UpdateAkSk(ctx, req)
	}
}

func addsStore(key string) ask {
	return func(ctx context.Context, s API) error {
		return s.AddObjInfo(ctx, &pb.AlterObjStoreInfoRequest{CloudUniqueId: new("1:i:x"), Obj: store(key, key)})
	}
}

func sse(on bool) ask {
	return func(ctx context.Context, s API) error {
		if on {
			return s.EnableInstanceSSE(ctx, &pb.AlterInstanceRequest{InstanceId: new("i")})
		}
		return s.DisableInstanceSSE(ctx, &pb.AlterInstanceRequest{InstanceId: new("i")})
	}
}

func overdue(on bool) ask {
	return func(ctx context.Context, s API) error {
		op := pb.AlterInstanceRequest_SET_NORMAL
		if on {
			op = pb.AlterInstanceRequest_SET_OVERDUE
		}
		return s.SetInstanceStatus(ctx, &pb.AlterInstanceRequest{InstanceId: new("i"), Op: &op})
	}
}

func drops(ctx context.Context, s API) error {
	return s.DropInstance(ctx, &pb.AlterInstanceRequest{InstanceId: new("i")})
}

// wrecks is a change that spoils what it can reach, and panics or fails.
func wrecks(how func() error) *change {
	return &change{
		trace: trace{operation: "wreck", instance: "i", request: &pb.AlterInstanceRequest{InstanceId: new("i")}},
		apply: func(doc *pb.InstanceInfoPB, env *Env) error {
			for _, c := range doc.GetClusters() {
				for _, node := range c.GetNodes() {
					*node.CloudUniqueId = "wrecked"
				}
				c.Nodes, *c.ClusterId = nil, "wrecked"
			}
			doc.Status, doc.ObjInfo, doc.RamUser = pb.InstanceInfoPB_DELETED.Enum(), nil, nil
			env.put(metakey.InstanceSeen("wrecked"), &pb.InstanceSeenPB{Ctime: new(int64(1))})
			env.move([]*pb.NodeInfoPB{theNode(1), theNode(2)})
			return how()
		},
	}
}

var ways = map[string]func() error{
	"failing":   func() error { return Errorf(InvalidArgument, "refused halfway") },
	"panicking": func() error { panic("halfway") },
	"unchanged": func() error { return errUnchanged },
}

// asks are requests that succeed or fail, before or after they touched the document,
// depending on what was done before.
func asks() []ask {
	list := []ask{creates, drops, rotates("k1", true), rotates("k2", false), addsStore("k1"), addsStore("k2"), sse(true), sse(false), overdue(true), overdue(false)}
	for c := range 3 {
		id := fmt.Sprintf("c%d", c)
		list = append(list,
			onCluster(addsCluster, theCluster(id, theNode(2*c), theNode(2*c+1))),
			onCluster(dropsCluster, theCluster(id)),
			onCluster(addsNode, theCluster(id, theNode(c))),
			onCluster(addsNode, theCluster(id, theNode(c+4), theNode(c+5))),
			onCluster(dropsNode, theCluster(id, theNode(c))),
			onCluster(dropsNode, theCluster(id, theNode(2*c), theNode(c+7))),
			onCluster(renames, &pb.AlterClusterRequest{InstanceId: new("i"), Cluster: &pb.ClusterPB{ClusterId: &id, ClusterName: new("name_c0")}}),
			onCluster(setsUsers, &pb.AlterClusterRequest{InstanceId: new("i"), Cluster: &pb.ClusterPB{ClusterId: &id, MysqlUserName: []string{"a"}}}),
			status(id, pb.ClusterStatus_SUSPENDED), status(id, pb.ClusterStatus_TO_RESUME), status(id, pb.ClusterStatus_NORMAL),
		)
	}
	master, follower := pb.NodeInfoPB_FE_MASTER, pb.NodeInfoPB_FE_OBSERVER
	return append(list,
		onCluster(addsCluster, sqlCluster(frontend(20, master), frontend(21, follower))),
		onCluster(dropsCluster, sqlCluster()),
		onCluster(dropsNode, sqlCluster(frontend(20, master))),
		onCluster(dropsNode, sqlCluster(frontend(21, follower))),
		onCluster(addsNode, sqlCluster(frontend(22, master))),
		onCluster(addsNode, sqlCluster(frontend(21, follower))),
	)
}

func TestABatchDoesWhatItsChangesDoOneByOne(t *testing.T) {
	all := asks()
	rapid.Check(t, func(t *rapid.T) {
		one, many := newBed(t), newBed(t)
		many.keys = one.keys
		set := func(b *bed) {
			for _, a := range []ask{creates, all[10], all[21]} {
				for _, verdict := range b.apart(b.caught(func(s API) error { return a(context.Background(), s) })) {
					if verdict != "" {
						t.Fatal(verdict)
					}
				}
			}
		}
		set(one)
		set(many)
		for range rapid.IntRange(1, 3).Draw(t, "batches") {
			var apart, together []*change
			for range rapid.IntRange(1, 12).Draw(t, "changes") {
				if rapid.IntRange(0, 9).Draw(t, "wreck") == 0 {
					how := ways[rapid.SampledFrom([]string{"failing", "panicking", "unchanged"}).Draw(t, "how")]
					apart, together = append(apart, wrecks(how)), append(together, wrecks(how))
					continue
				}
				call := Call{DryRun: rapid.IntRange(0, 9).Draw(t, "dry run") == 0}
				if rapid.IntRange(0, 4).Draw(t, "has id") == 0 {
					call.RequestID = rapid.SampledFrom([]string{"r1", "r2"}).Draw(t, "id")
				}
				run := all[rapid.IntRange(0, len(all)-1).Draw(t, "ask")]
				asked := func(s API) error { return run(WithCall(context.Background(), call), s) }
				apart, together = append(apart, one.caught(asked)...), append(together, many.caught(asked)...)
			}
			want := one.apart(apart)
			many.store.again = rapid.Bool().Draw(t, "conflict")
			if got := many.together(together); !slices.Equal(got, want) {
				t.Fatalf("together:\n%s\none by one:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if got, want := many.state(t), one.state(t); !slices.Equal(got, want) {
				t.Fatalf("together:\n%s\none by one:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			many.checkIndex(t)
			many.checkDecoded(t)
		}
	})
}

func TestAWreckSparesItsNeighbours(t *testing.T) {
	for name, how := range ways {
		for i, run := range asks() {
			for _, wrecksFirst := range []bool{true, false} {
				one, many := newBed(t), newBed(t)
				for _, b := range []*bed{one, many} {
					b.apart(b.caught(func(s API) error { return creates(t.Context(), s) }))
					b.apart(b.caught(func(s API) error {
						return s.AddCluster(t.Context(), theCluster("c0", theNode(0), theNode(1)))
					}))
				}
				asked := func(s API) error { return run(t.Context(), s) }
				want := one.apart(one.caught(asked))
				neighbours := many.caught(asked)
				changes := slices.Concat([]*change{wrecks(how)}, neighbours)
				if !wrecksFirst {
					changes = slices.Concat(neighbours, []*change{wrecks(how)})
				}
				got := many.together(changes)
				if wrecksFirst {
					got = got[1:]
				} else {
					got = got[:len(got)-1]
				}
				if !slices.Equal(got, want) || !slices.Equal(many.state(t), one.state(t)) {
					t.Errorf("ask %d beside a %s change, which is first: %t\ngot  %s\nwant %s", i, name, wrecksFirst, many.state(t), one.state(t))
				}
				many.checkDecoded(t)
			}
		}
	}
}

func TestABatchThatGrowsTooLargeIsCommittedOneByOne(t *testing.T) {
	b := newBed(t)
	b.apart(b.caught(func(s API) error { return creates(t.Context(), s) }))
	grow := func(n int) *change {
		return &change{
			trace: trace{operation: "grow", instance: "i", request: &pb.AlterInstanceRequest{InstanceId: new("i")}},
			apply: func(doc *pb.InstanceInfoPB, _ *Env) error {
				doc.LbIp = append(doc.LbIp, strings.Repeat("x", n))
				return nil
			},
		}
	}
	for _, careful := range []*change{nil, wrecks(ways["failing"])} {
		changes := []*change{grow(100), grow(MaxValueBytes), grow(200)}
		if careful != nil {
			changes = []*change{grow(1), careful, grow(MaxValueBytes), grow(2)}
		}
		var refused []int
		for i, verdict := range b.together(changes) {
			if verdict != "" {
				refused = append(refused, i)
			}
		}
		want := []int{1}
		if careful != nil {
			want = []int{1, 2}
		}
		if !slices.Equal(refused, want) {
			t.Errorf("changes %v were refused, want %v", refused, want)
		}
	}
	doc, err := parseInstance("i", b.store.items[string(metakey.Instance("i"))])
	if err != nil {
		t.Fatal(err)
	}
	var lengths []int
	for _, ip := range doc.LbIp {
		lengths = append(lengths, len(ip))
	}
	if !slices.Equal(lengths, []int{100, 200, 1, 2}) {
		t.Errorf("the document grew by %v", lengths)
	}
}

// checkIndex fails unless the node index names exactly the nodes of the document.
func (b *bed) checkIndex(t rapid.TB) {
	t.Helper()
	doc, err := parseInstance("i", b.store.items[string(metakey.Instance("i"))])
	if err != nil {
		t.Fatal(err)
	}
	var indexed, held []string
	for n := range 30 {
		id := theNode(n).GetCloudUniqueId()
		if b.store.items[string(metakey.NodeIndex(id))] != nil {
			indexed = append(indexed, id)
		}
		if nodeIDs(doc)[id] {
			held = append(held, id)
		}
	}
	if !slices.Equal(indexed, held) {
		t.Fatalf("the index has %v, the document %v", indexed, held)
	}
}

// checkDecoded fails unless a document that is kept is what its bytes decode to.
func (b *bed) checkDecoded(t rapid.TB) {
	t.Helper()
	for instance, e := range b.decoded.docs.kept {
		kept := e.Value.(*lruEntry[string, decodedDoc]).value
		want, err := parseInstance(instance, kept.raw)
		if err != nil {
			t.Fatal(err)
		}
		if !proto.Equal(kept.doc, want) {
			t.Fatalf("kept %v\nfor bytes of %v", kept.doc, want)
		}
	}
}
