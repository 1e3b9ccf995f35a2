package core_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"roster/core"
	"roster/core/coretest"
	"roster/core/metakey"
	pb "roster/core/metapb"
	"roster/core/seal"
)

func openStore(t *testing.T) core.Store {
	t.Helper()
	return coretest.OpenStore(t)
}

func newService(t *testing.T, store core.Store) *core.Service {
	t.Helper()
	return coretest.NewService(t, core.Options{Store: store})
}

func as(t *testing.T, call core.Call) context.Context { return core.WithCall(t.Context(), call) }

func object(ak, sk string) *pb.ObjectStoreInfoPB {
	return &pb.ObjectStoreInfoPB{
		Ak: &ak, Sk: &sk, Bucket: new("b"), Endpoint: new("e"), Region: new("r"), Provider: pb.ObjectStoreInfoPB_S3.Enum(),
	}
}

func create(t *testing.T, s core.API, id string) {
	t.Helper()
	err := s.CreateInstance(t.Context(), &pb.CreateInstanceRequest{InstanceId: &id, UserId: new("u"), ObjInfo: object("ak", "sk")})
	if err != nil {
		t.Fatal(err)
	}
}

func cluster(instance, id string, uniques ...string) *pb.AlterClusterRequest {
	c := &pb.ClusterPB{ClusterId: &id, ClusterName: new("name_" + id), Type: pb.ClusterPB_COMPUTE.Enum()}
	for i, unique := range uniques {
		c.Nodes = append(c.Nodes, &pb.NodeInfoPB{CloudUniqueId: &unique, Ip: new(unique), HeartbeatPort: new(int32(9000 + i))})
	}
	return &pb.AlterClusterRequest{InstanceId: &instance, Cluster: c}
}

func get(t *testing.T, s core.API, id string) *pb.InstanceInfoPB {
	t.Helper()
	doc, err := s.GetInstance(as(t, core.Call{Reveal: true}), &pb.GetInstanceRequest{InstanceId: &id})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func wantCode(t *testing.T, err error, want core.Code) {
	t.Helper()
	if got := core.CodeOf(err); got != want {
		t.Errorf("code is %v (%v), want %v", got, err, want)
	}
}

// records returns what the store holds in a range.
func records(t *testing.T, store core.Store, start, end []byte) (items []core.Item) {
	t.Helper()
	err := store.View(t.Context(), core.ViewOptions{}, func(r core.Reader) error {
		page, err := r.Scan(core.Range{Start: start, End: end})
		items = page.Items
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return items
}

func TestRequestIDs(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "i")
	call := as(t, core.Call{RequestID: "once"})

	if err := s.AddCluster(call, cluster("i", "c1")); err != nil {
		t.Fatal(err)
	}
	t.Run("a repeat succeeds and changes nothing", func(t *testing.T) {
		before := get(t, s, "i")
		wantCode(t, s.AddCluster(call, cluster("i", "c1")), core.OK)
		if after := get(t, s, "i"); !proto.Equal(before, after) {
			t.Errorf("changed from %v to %v", before, after)
		}
	})
	t.Run("another request is refused", func(t *testing.T) {
		wantCode(t, s.AddCluster(call, cluster("i", "c2")), core.AlreadyExisted)
		wantCode(t, s.DropCluster(call, cluster("i", "c1")), core.AlreadyExisted)
	})
	t.Run("a refused request leaves its id free", func(t *testing.T) {
		again := as(t, core.Call{RequestID: "again"})
		wantCode(t, s.AddCluster(again, cluster("i", "c1")), core.AlreadyExisted)
		wantCode(t, s.AddCluster(again, cluster("i", "c3")), core.OK)
	})
	t.Run("repeats at once apply once", func(t *testing.T) {
		storm := as(t, core.Call{RequestID: "storm"})
		var wg sync.WaitGroup
		for range 32 {
			wg.Go(func() { wantCode(t, s.AddCluster(storm, cluster("i", "c4")), core.OK) })
		}
		wg.Wait()
	})
	t.Run("one too long is refused", func(t *testing.T) {
		long := as(t, core.Call{RequestID: strings.Repeat("x", 257)})
		wantCode(t, s.AddCluster(long, cluster("i", "c5")), core.InvalidArgument)
	})
}

// lossyStore loses the answer of its next commit.
type lossyStore struct {
	core.Store
	lose  bool
	lands bool
	down  bool
}

func (l *lossyStore) Update(ctx context.Context, fn func(core.Txn) error) error {
	if l.down {
		return core.Errorf(core.Unavailable, "down")
	}
	if !l.lose {
		return l.Store.Update(ctx, fn)
	}
	l.lose = false
	errLost := core.Errorf(core.Undetermined, "lost")
	err := l.Store.Update(ctx, func(tx core.Txn) error {
		if err := fn(tx); err != nil || l.lands {
			return err
		}
		return errLost
	})
	if err != nil {
		return err
	}
	return errLost
}

func TestLostAnswersAreSettled(t *testing.T) {
	for name, tc := range map[string]struct {
		lands bool
		want  core.Code
	}{
		"a commit that landed succeeds":        {true, core.OK},
		"a commit that did not may be retried": {false, core.Conflict},
	} {
		t.Run(name, func(t *testing.T) {
			store := &lossyStore{Store: openStore(t)}
			s := newService(t, store)
			create(t, s, "i")
			store.lose, store.lands = true, tc.lands
			wantCode(t, s.AddCluster(t.Context(), cluster("i", "c")), tc.want)
			if got := len(get(t, s, "i").GetClusters()) == 1; got != tc.lands {
				t.Errorf("the cluster is there: %v, want %v", got, tc.lands)
			}
		})
	}
	t.Run("without the store the outcome is unknown", func(t *testing.T) {
		store := &lossyStore{Store: openStore(t)}
		s := newService(t, &goneAfterLoss{store})
		wantCode(t, s.CreateInstance(t.Context(), &pb.CreateInstanceRequest{InstanceId: new("i"), UserId: new("u"), ObjInfo: object("a", "s")}), core.Undetermined)
	})
}

// goneAfterLoss cannot be reached once it has lost an answer.
type goneAfterLoss struct{ *lossyStore }

func (g *goneAfterLoss) Update(ctx context.Context, fn func(core.Txn) error) error {
	g.lose = !g.down
	defer func() { g.down = true }()
	return g.lossyStore.Update(ctx, fn)
}

func TestNodesFindTheirInstance(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "a")
	create(t, s, "b")
	find := func(unique string) (*pb.GetClusterResponse, error) {
		return s.GetCluster(t.Context(), &pb.GetClusterRequest{CloudUniqueId: &unique})
	}
	if err := s.AddCluster(t.Context(), cluster("a", "c", "be_1", "be_2")); err != nil {
		t.Fatal(err)
	}
	t.Run("by an id that names no instance", func(t *testing.T) {
		resp, err := find("be_1")
		if err != nil || resp.GetCluster()[0].GetClusterId() != "c" {
			t.Errorf("got %v, %v", resp, err)
		}
	})
	t.Run("and hold it against other instances", func(t *testing.T) {
		err := s.AddCluster(t.Context(), cluster("b", "d", "be_2"))
		wantCode(t, err, core.AlreadyExisted)
		const want = "cloud_unique_id is already occupied by an instance, instance_id=a cluster_name=name_c cluster_id=c cloud_unique_id=be_2"
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
	t.Run("until they are dropped", func(t *testing.T) {
		drop := cluster("a", "c", "be_1")
		wantCode(t, s.DropNode(t.Context(), drop), core.OK)
		_, err := find("be_1")
		wantCode(t, err, core.InvalidArgument)
		wantCode(t, s.DropCluster(t.Context(), cluster("a", "c")), core.OK)
		wantCode(t, s.AddCluster(t.Context(), cluster("b", "d", "be_1", "be_2")), core.OK)
		change := cluster("", "d")
		change.CloudUniqueId, change.Cluster.ClusterStatus = new("be_2"), pb.ClusterStatus_SUSPENDED.Enum()
		wantCode(t, s.SetClusterStatus(t.Context(), change), core.OK)
	})
}

func TestReplicasDoNotShareANode(t *testing.T) {
	store := openStore(t)
	services := []*core.Service{newService(t, store), newService(t, store)}
	create(t, services[0], "a")
	create(t, services[0], "b")
	for round := range 20 {
		unique := fmt.Sprintf("be_%d", round)
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i, instance := range []string{"a", "b"} {
			wg.Go(func() { errs[i] = services[i].AddCluster(t.Context(), cluster(instance, unique, unique)) })
		}
		wg.Wait()
		if won := core.CodeOf(errs[0]) == core.OK; won == (core.CodeOf(errs[1]) == core.OK) {
			t.Fatalf("round %d ended with %v and %v, want one winner", round, errs[0], errs[1])
		}
	}
}

func TestOneInstanceFromManyClients(t *testing.T) {
	store := openStore(t)
	services := []*core.Service{newService(t, store), newService(t, store)}
	create(t, services[0], "i")
	if err := services[0].AddCluster(t.Context(), cluster("i", "c")); err != nil {
		t.Fatal(err)
	}
	const clients, each = 64, 4
	var wg sync.WaitGroup
	for n := range clients {
		wg.Go(func() {
			for k := range each {
				wantCode(t, services[n%2].AddNode(t.Context(), cluster("i", "c", fmt.Sprintf("be_%d_%d", n, k))), core.OK)
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, node := range get(t, services[0], "i").GetClusters()[0].GetNodes() {
		seen[node.GetIp()] = true
	}
	if len(seen) != clients*each {
		t.Errorf("%d nodes are there, want %d", len(seen), clients*each)
	}
	start, end := metakey.HistoryRange("i")
	if n := len(records(t, store, start, end)); n != clients*each+2 {
		t.Errorf("%d history records, want %d", n, clients*each+2)
	}
}

func TestInstanceIDsAreUniqueInHistory(t *testing.T) {
	store := openStore(t)
	s := newService(t, store)
	create(t, s, "i")
	err := store.Update(t.Context(), func(tx core.Txn) error { return tx.Delete(metakey.Instance("i")) })
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, s.CreateInstance(t.Context(), &pb.CreateInstanceRequest{InstanceId: new("i"), UserId: new("u"), ObjInfo: object("a", "s")}), core.AlreadyExisted)
}

func TestSecretsStaySealed(t *testing.T) {
	const ak, sk = "CANARY-AK", "CANARY-SK"
	store := openStore(t)
	s := newService(t, store)
	user := &pb.RamUserPB{UserId: new("r"), Ak: new(ak), Sk: new(sk)}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.CreateInstance(t.Context(), &pb.CreateInstanceRequest{InstanceId: new("i"), UserId: new("u"), ObjInfo: object(ak, sk), RamUser: user}))
	must(s.CreateInstance(t.Context(), &pb.CreateInstanceRequest{InstanceId: new("v"), UserId: new("u"), Vault: &pb.StorageVaultPB{ObjInfo: object(ak, sk)}}))
	must(s.AddObjInfo(t.Context(), &pb.AlterObjStoreInfoRequest{CloudUniqueId: new("1:i:n"), Obj: object(ak, sk+"2")}))
	must(s.UpdateAkSk(t.Context(), &pb.UpdateAkSkRequest{InstanceId: new("i"), RamUser: &pb.RamUserPB{UserId: new("r"), Ak: new(ak), Sk: new(sk + "3")}}))
	must(s.LegacyUpdateAkSk(t.Context(), &pb.AlterObjStoreInfoRequest{CloudUniqueId: new("1:i:n"), Obj: &pb.ObjectStoreInfoPB{Id: new("1"), Ak: new(ak), Sk: new(sk + "4")}}))

	t.Run("in the store", func(t *testing.T) {
		for _, item := range records(t, store, nil, nil) {
			if strings.Contains(string(item.Value), sk) {
				t.Errorf("key %q holds a secret key in clear", item.Key)
			}
		}
	})
	t.Run("in history", func(t *testing.T) {
		start, end := metakey.AllHistoryRange()
		items := records(t, store, start, end)
		if len(items) != 5 {
			t.Fatalf("%d records, want 5", len(items))
		}
		for _, item := range items {
			if strings.Contains(string(item.Value), "CANARY") {
				t.Errorf("key %q holds a secret", item.Key)
			}
		}
	})
	t.Run("from callers who may not see them", func(t *testing.T) {
		doc, err := s.GetInstance(t.Context(), &pb.GetInstanceRequest{InstanceId: new("i")})
		must(err)
		stores, err := s.GetObjStoreInfo(t.Context(), &pb.GetObjStoreInfoRequest{CloudUniqueId: new("1:v:n")})
		must(err)
		if text := doc.String() + stores.String(); strings.Contains(text, sk) || !strings.Contains(text, seal.Masked) {
			t.Errorf("got %s", text)
		}
	})
	t.Run("but open for those who may", func(t *testing.T) {
		doc := get(t, s, "i")
		stores, err := s.GetObjStoreInfo(as(t, core.Call{Reveal: true}), &pb.GetObjStoreInfoRequest{CloudUniqueId: new("1:v:n")})
		must(err)
		got := []string{doc.ObjInfo[0].GetSk(), doc.ObjInfo[1].GetSk(), doc.RamUser.GetSk(), stores.StorageVault[0].ObjInfo.GetSk()}
		if want := []string{sk + "4", sk + "2", sk + "3", sk}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
	t.Run("in refusals", func(t *testing.T) {
		for name, err := range map[string]error{
			"add":    s.AddObjInfo(t.Context(), &pb.AlterObjStoreInfoRequest{Obj: object(ak, sk)}),
			"half":   s.AddObjInfo(t.Context(), &pb.AlterObjStoreInfoRequest{Obj: &pb.ObjectStoreInfoPB{Sk: new(sk)}}),
			"large":  s.AddObjInfo(t.Context(), &pb.AlterObjStoreInfoRequest{Obj: object(ak, strings.Repeat(sk, 200))}),
			"rotate": s.UpdateAkSk(t.Context(), &pb.UpdateAkSkRequest{InstanceId: new("i"), RamUser: &pb.RamUserPB{Ak: new(ak), Sk: new(sk)}}),
			"same":   s.UpdateAkSk(t.Context(), &pb.UpdateAkSkRequest{InstanceId: new("i"), RamUser: &pb.RamUserPB{UserId: new("r"), Ak: new(ak), Sk: new(sk + "3")}}),
		} {
			wantCode(t, err, core.InvalidArgument)
			if err != nil && strings.Contains(err.Error(), "CANARY") {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestRecordsOfTheExistingServiceCanBeRead(t *testing.T) {
	store := openStore(t)
	s := newService(t, store)
	doc := &pb.InstanceInfoPB{InstanceId: new("old"), ObjInfo: []*pb.ObjectStoreInfoPB{{
		Id: new("1"), Ak: new("a"), Sk: new("n6+wLwU2J5BVXwE2RekXog=="), UserId: new("u"),
		EncryptionInfo: &pb.EncryptionInfoPB{EncryptionMethod: new("AES_256_ECB"), KeyId: new(int64(1))},
	}}}
	doc.ProtoReflect().SetUnknown([]byte{0xfa, 0x3f, 2, 'h', 'i'})
	raw, err := proto.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	err = store.Update(t.Context(), func(tx core.Txn) error { return tx.Put(metakey.Instance("old"), raw) })
	if err != nil {
		t.Fatal(err)
	}
	if got := get(t, s, "old").ObjInfo[0].GetSk(); got != "test-sk1" {
		t.Errorf("sk is %q", got)
	}
	user := func(sk string) *pb.UpdateAkSkRequest {
		return &pb.UpdateAkSkRequest{InstanceId: new("old"), InternalBucketUser: []*pb.RamUserPB{{UserId: new("u"), Ak: new("a"), Sk: &sk}}}
	}
	wantCode(t, s.UpdateAkSk(t.Context(), user("test-sk1")), core.InvalidArgument)
	wantCode(t, s.UpdateAkSk(t.Context(), user("new")), core.OK)
	after := get(t, s, "old")
	if after.ObjInfo[0].GetSk() != "new" || after.ObjInfo[0].EncryptionInfo.GetEncryptionMethod() != "AES_256_GCM" {
		t.Errorf("rotated to %v", after.ObjInfo[0])
	}
	if got := after.ProtoReflect().GetUnknown(); string(got) != string(doc.ProtoReflect().GetUnknown()) {
		t.Errorf("unknown fields became %x", got)
	}
}

func TestKeysRotate(t *testing.T) {
	const key1, key2 = "1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "2:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
	store := openStore(t)
	with := func(lines ...string) *core.Service {
		keys, err := seal.Parse([]byte(strings.Join(lines, "\n")))
		if err != nil {
			t.Fatal(err)
		}
		s, err := core.New(core.Options{Store: store, Keys: keys})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	create(t, with(key1), "i")
	vault := &pb.StorageVaultPB{ObjInfo: object("ak", "vault-sk")}
	wantCode(t, with(key1).CreateInstance(t.Context(), &pb.CreateInstanceRequest{InstanceId: new("v"), UserId: new("u"), Vault: vault}), core.OK)
	both, newer := with(key1, key2), with(key2)
	if got := get(t, both, "i").ObjInfo[0].GetSk(); got != "sk" {
		t.Errorf("with both keys sk is %q", got)
	}
	_, err := newer.GetInstance(as(t, core.Call{Reveal: true}), &pb.GetInstanceRequest{InstanceId: new("i")})
	wantCode(t, err, core.Internal)
	t.Run("other changes go on without the old key", func(t *testing.T) {
		wantCode(t, newer.AddCluster(t.Context(), cluster("i", "c")), core.OK)
	})
	for _, step := range []struct {
		name            string
		with            *core.Service
		changed, failed int
	}{
		{"resealing without the old key changes nothing", newer, 0, 2},
		{"resealing with both renews documents and vaults", both, 2, 0},
		{"resealing again changes nothing", both, 0, 0},
	} {
		t.Run(step.name, func(t *testing.T) {
			changed, failed, err := step.with.Reseal(t.Context())
			if err != nil || changed != step.changed || failed != step.failed {
				t.Errorf("resealed %d, failed %d, %v; want %d and %d", changed, failed, err, step.changed, step.failed)
			}
		})
	}
	stores, err := newer.GetObjStoreInfo(as(t, core.Call{Reveal: true}), &pb.GetObjStoreInfoRequest{CloudUniqueId: new("1:v:n")})
	if err != nil || stores.StorageVault[0].ObjInfo.GetSk() != "vault-sk" || get(t, newer, "i").ObjInfo[0].GetSk() != "sk" {
		t.Errorf("with the new key alone: %v, %v", stores, err)
	}
}

func TestDocumentsAreBounded(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "i")
	req := cluster("i", "c")
	for n := range 6000 {
		req.Cluster.Nodes = append(req.Cluster.Nodes, &pb.NodeInfoPB{
			CloudUniqueId: new("1:i:n"), Ip: new(fmt.Sprint(n)), HeartbeatPort: new(int32(1)), Desc: new(strings.Repeat("x", 1024)),
		})
	}
	before := get(t, s, "i")
	err := s.AddCluster(t.Context(), req)
	wantCode(t, err, core.InvalidArgument)
	if err == nil || !strings.Contains(err.Error(), "at most 6291456 are allowed") {
		t.Errorf("got %v", err)
	}
	if after := get(t, s, "i"); !proto.Equal(before, after) {
		t.Error("the refused request changed the instance")
	}
}

func TestSetValue(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "a")
	if err := s.AddCluster(t.Context(), cluster("a", "c", "be_1")); err != nil {
		t.Fatal(err)
	}
	instance := func(id string) core.KeyQuery {
		return core.KeyQuery{Type: "InstanceKey", Params: map[string]string{"instance_id": id}}
	}
	node := `{"instance_id":"b","clusters":[{"cluster_id":"c","nodes":[{"cloud_unique_id":%q}]}]}`
	for name, tc := range map[string]struct {
		query core.KeyQuery
		json  string
		want  core.Code
	}{
		"an instance with its nodes":      {instance("b"), fmt.Sprintf(node, "be_2"), core.OK},
		"a node of another instance":      {instance("b"), fmt.Sprintf(node, "be_1"), core.AlreadyExisted},
		"another instance's id":           {instance("z"), fmt.Sprintf(node, "be_3"), core.InvalidArgument},
		"a field nobody knows":            {instance("b"), `{"instance_id":"b","colour":1}`, core.InvalidArgument},
		"an empty value":                  {core.KeyQuery{Type: "MetaServiceRegistryKey"}, `{}`, core.InvalidArgument},
		"a record of the server's own":    {core.KeyQuery{Type: "RosterNodeKey", Params: map[string]string{"cloud_unique_id": "x"}}, `{"instance_id":"b"}`, core.InvalidArgument},
		"a key of another type":           {core.KeyQuery{Type: "TableVersionKey", Key: fmt.Sprintf("%x", metakey.Instance("b"))}, `{"version":1}`, core.InvalidArgument},
		"a type without JSON":             {core.KeyQuery{Type: "PackedFileKey", Params: map[string]string{"instance_id": "b", "packed_file_path": "p"}}, `{}`, core.InvalidArgument},
		"a missing parameter of its type": {instance(""), `{}`, core.InvalidArgument},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.SetValue(t.Context(), tc.query, []byte(tc.json))
			wantCode(t, err, tc.want)
		})
	}
	t.Run("keeps the node index true", func(t *testing.T) {
		resp, err := s.GetCluster(t.Context(), &pb.GetClusterRequest{CloudUniqueId: new("be_2")})
		if err != nil || len(resp.GetCluster()) != 1 {
			t.Errorf("got %v, %v", resp, err)
		}
	})
}

func TestPruneHistory(t *testing.T) {
	now := time.Now()
	store := openStore(t)
	s := coretest.NewService(t, core.Options{Store: store, Now: func() time.Time { return now }})
	create(t, s, "old")
	wantCode(t, s.AddCluster(as(t, core.Call{RequestID: "id"}), cluster("old", "c")), core.OK)
	now = now.Add(time.Hour)
	create(t, s, "new")
	n, err := s.PruneHistory(t.Context(), now.Add(-time.Minute))
	if err != nil || n != 3 {
		t.Errorf("pruned %d records (%v), want 3", n, err)
	}
	start, end := metakey.AllHistoryRange()
	if left := len(records(t, store, start, end)); left != 1 {
		t.Errorf("%d records left, want 1", left)
	}
}
