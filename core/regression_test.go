package core_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"roster/core"
	"roster/core/coretest"
	"roster/core/metakey"
	pb "roster/core/metapb"
)

func doris(t *testing.T, store core.Store) *core.Service {
	t.Helper()
	return coretest.NewService(t, core.Options{Store: store, Compat: core.CompatDoris})
}

func sized(instance, id string, nodes int) *pb.AlterClusterRequest {
	req := cluster(instance, id)
	for n := range nodes {
		unique := fmt.Sprintf("%s_%d", id, n)
		req.Cluster.Nodes = append(req.Cluster.Nodes, &pb.NodeInfoPB{CloudUniqueId: &unique, Ip: &unique, HeartbeatPort: new(int32(9050))})
	}
	return req
}

func TestLargeInstances(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "i")
	for n, want := range []core.Code{core.OK, core.OK, core.InvalidArgument} {
		wantCode(t, s.AddCluster(t.Context(), sized("i", fmt.Sprintf("c%d", n), core.MaxNodes)), want)
	}
	wantCode(t, s.AddNode(t.Context(), sized("i", "c0", core.MaxNodes)), core.InvalidArgument)
	rename := cluster("i", "c0")
	rename.Cluster.ClusterName = new("renamed")
	wantCode(t, s.RenameCluster(t.Context(), rename), core.OK)
	wantCode(t, s.DropCluster(t.Context(), cluster("i", "c0")), core.OK)
	wantCode(t, s.DropCluster(t.Context(), cluster("i", "c1")), core.OK)
}

// crampedStore refuses transactions that write more than a number of keys.
type crampedStore struct {
	core.Store
	keys int
}

type crampedTxn struct {
	core.Txn
	left int
}

func (c *crampedTxn) Put(key, value []byte) error {
	if c.left--; c.left < 0 {
		return core.Errorf(core.InvalidArgument, "the transaction is too large")
	}
	return c.Txn.Put(key, value)
}

func (c *crampedStore) Update(ctx context.Context, fn func(core.Txn) error) error {
	return c.Store.Update(ctx, func(tx core.Txn) error { return fn(&crampedTxn{tx, c.keys}) })
}

func TestALargeChangeDoesNotSpoilItsNeighbours(t *testing.T) {
	s := newService(t, &crampedStore{openStore(t), 12})
	create(t, s, "i")
	errs := make([]error, 16)
	var wg sync.WaitGroup
	for n := range errs {
		wg.Go(func() { errs[n] = s.AddCluster(t.Context(), sized("i", fmt.Sprintf("c%d", n), 1+9*(n%2)+9*(n%4/3))) })
	}
	wg.Wait()
	for n, err := range errs {
		want := core.OK
		if n%4 == 3 { // 19 nodes do not fit even alone
			want = core.InvalidArgument
		}
		wantCode(t, err, want)
	}
}

func TestRepeatsOfRecordOperations(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "i")
	set := func(ctx context.Context, keyType, json string, params ...string) (string, error) {
		query := core.KeyQuery{Type: keyType, Params: map[string]string{"instance_id": "i", "db_id": "1"}}
		for n := 0; n < len(params); n += 2 {
			query.Params[params[n]] = params[n+1]
		}
		return s.SetValue(ctx, query, []byte(json))
	}
	once := as(t, core.Call{RequestID: "once"})
	const txn = `{"db_id":"1","txn_id":"7","status":"TXN_STATUS_PREPARED"}`
	if _, err := set(once, "TxnInfoKey", txn, "txn_id", "7"); err != nil {
		t.Fatal(err)
	}
	t.Run("the same value under another key is another request", func(t *testing.T) {
		_, err := set(once, "TxnInfoKey", txn, "txn_id", "8")
		wantCode(t, err, core.AlreadyExisted)
	})
	t.Run("a repeat says which key was set", func(t *testing.T) {
		text, err := set(once, "TxnInfoKey", txn, "txn_id", "7")
		if err != nil || !strings.HasPrefix(text, "key_hex=01") {
			t.Errorf("got %q, %v", text, err)
		}
	})
	t.Run("an abort is repeated", func(t *testing.T) {
		abort := &pb.AbortTxnRequest{CloudUniqueId: new("1:i:n"), DbId: new(int64(1)), TxnId: new(int64(7))}
		for range 2 {
			_, err := s.AbortTxn(as(t, core.Call{RequestID: "abort"}), abort)
			wantCode(t, err, core.OK)
		}
		_, err := s.AbortTxn(t.Context(), abort)
		wantCode(t, err, core.Internal)
	})
}

func TestRepeatsOutliveTheNodeTheyName(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "i")
	wantCode(t, s.AddCluster(t.Context(), cluster("i", "c", "n1")), core.OK)
	drop := cluster("", "c", "n1")
	drop.InstanceId, drop.CloudUniqueId = nil, new("n1")
	for range 2 {
		wantCode(t, s.DropNode(as(t, core.Call{RequestID: "drop"}), drop), core.OK)
	}
}

func TestCallersDoNotShareRequestIDs(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "i")
	for _, caller := range []string{"a", "b"} {
		wantCode(t, s.AddCluster(as(t, core.Call{Caller: caller, RequestID: "1"}), cluster("i", caller)), core.OK)
	}
}

func TestANoOpIsRepeatedAsOne(t *testing.T) {
	s := doris(t, openStore(t))
	create(t, s, "i")
	rotate := func(call core.Call, ak string) error {
		return s.LegacyUpdateAkSk(as(t, call), &pb.AlterObjStoreInfoRequest{
			CloudUniqueId: new("1:i:n"), Obj: &pb.ObjectStoreInfoPB{Id: new("1"), Ak: &ak, Sk: new("sk")}})
	}
	wantCode(t, rotate(core.Call{RequestID: "r"}, "ak"), core.OK)
	wantCode(t, rotate(core.Call{}, "other"), core.OK)
	wantCode(t, rotate(core.Call{RequestID: "r"}, "ak"), core.OK)
	if got := get(t, s, "i").ObjInfo[0].GetAk(); got != "other" {
		t.Errorf("the repeat brought back ak %q", got)
	}
}

func TestMisfitKeysAndValues(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "i")
	job := metakey.JobTablet("i", 1, 2, 3, 4)
	_, err := s.SetValue(t.Context(), core.KeyQuery{Type: "JobTabletKey", Key: fmt.Sprintf("%x", job)}, []byte(`{"idx":{"tablet_id":"4"}}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.GetValue(t.Context(), core.KeyQuery{Type: "StatsTabletKey", Key: fmt.Sprintf("%x", job)})
	wantCode(t, err, core.InvalidArgument)

	instance := core.KeyQuery{Type: "InstanceKey", Params: map[string]string{"instance_id": "i"}}
	for _, body := range []string{`{"obj_info":[{"sk":CANARY}]}`, `{"obj_info":[{"sk":5141}]}`, `{"obj_info":"CANARY"}`, `{"obj_info":[{"provider":"CANARY"}]}`, `{"CANARY":1}`} {
		_, err := s.SetValue(t.Context(), instance, []byte(body))
		wantCode(t, err, core.InvalidArgument)
		for e := err; e != nil; e = errors.Unwrap(e) {
			if strings.Contains(e.Error(), "CANARY") || strings.Contains(e.Error(), "5141") {
				t.Errorf("%s is told as %v", body, e)
			}
		}
	}
}

func TestSetValueSealsSecrets(t *testing.T) {
	store := openStore(t)
	s := newService(t, store)
	for keyType, body := range map[string]string{
		"InstanceKey":     `{"instance_id":"i","obj_info":[{"id":"1","sk":"CANARY"}]}`,
		"StorageVaultKey": `{"id":"1","obj_info":{"sk":"CANARY"}}`,
	} {
		query := core.KeyQuery{Type: keyType, Params: map[string]string{"instance_id": "i", "vault_id": "1"}}
		if _, err := s.SetValue(t.Context(), query, []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	for _, item := range records(t, store, nil, nil) {
		if strings.Contains(string(item.Value), "CANARY") {
			t.Errorf("key %q holds a secret in clear", item.Key)
		}
	}
	if got := get(t, s, "i").ObjInfo[0].GetSk(); got != "CANARY" {
		t.Errorf("sk is %q", got)
	}
	t.Run("and takes what it gave back", func(t *testing.T) {
		query := core.KeyQuery{Type: "InstanceKey", Params: map[string]string{"instance_id": "i"}}
		text, err := s.GetValue(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.SetValue(t.Context(), query, []byte(text))
		wantCode(t, err, core.OK)
	})
}

func TestCredentialsAreNotSpoiled(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "i")
	role := object("ak", "CANARY")
	role.RoleArn, role.CredProviderType = new("arn"), pb.CredProviderTypePB_INSTANCE_PROFILE.Enum()
	legacy := func(obj *pb.ObjectStoreInfoPB) error {
		obj.Id = new("1")
		return s.LegacyUpdateAkSk(t.Context(), &pb.AlterObjStoreInfoRequest{CloudUniqueId: new("1:i:n"), Obj: obj})
	}
	for name, err := range map[string]error{
		"a role beside keys":            s.CreateInstance(t.Context(), &pb.CreateInstanceRequest{InstanceId: new("r"), UserId: new("u"), ObjInfo: role}),
		"a role beside keys of a vault": s.CreateInstance(t.Context(), &pb.CreateInstanceRequest{InstanceId: new("r"), UserId: new("u"), Vault: &pb.StorageVaultPB{ObjInfo: role}}),
		"an empty role":                 legacy(&pb.ObjectStoreInfoPB{RoleArn: new("")}),
		"empty keys":                    legacy(&pb.ObjectStoreInfoPB{Ak: new(""), Sk: new("")}),
		"empty keys of a user":          s.UpdateAkSk(t.Context(), &pb.UpdateAkSkRequest{InstanceId: new("i"), InternalBucketUser: []*pb.RamUserPB{{UserId: new("u"), Ak: new(""), Sk: new("")}}}),
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, err, core.InvalidArgument) })
	}
	if got := get(t, s, "i").ObjInfo[0]; got.GetAk() != "ak" || got.GetSk() != "sk" {
		t.Errorf("the keys became %v", got)
	}
	t.Run("a caller's own encryption_info is not believed", func(t *testing.T) {
		given := object("ak", "plain")
		given.EncryptionInfo = &pb.EncryptionInfoPB{EncryptionMethod: new("AES_256_GCM"), KeyId: new(int64(1))}
		wantCode(t, s.CreateInstance(t.Context(), &pb.CreateInstanceRequest{InstanceId: new("e"), UserId: new("u"), ObjInfo: given}), core.OK)
		if got := get(t, s, "e").ObjInfo[0].GetSk(); got != "plain" {
			t.Errorf("sk is %q", got)
		}
	})
}

func TestUnreadableSecretsCanBeReplaced(t *testing.T) {
	store := openStore(t)
	create(t, newService(t, store), "i")
	s := newService(t, store) // with another key
	wantCode(t, s.LegacyUpdateAkSk(t.Context(), &pb.AlterObjStoreInfoRequest{
		CloudUniqueId: new("1:i:n"), Obj: &pb.ObjectStoreInfoPB{Id: new("1"), Ak: new("ak"), Sk: new("new")}}), core.OK)
	if got := get(t, s, "i").ObjInfo[0].GetSk(); got != "new" {
		t.Errorf("sk is %q", got)
	}
}

func TestNodesAreDroppedByEitherAddress(t *testing.T) {
	for name, given := range map[string]*pb.NodeInfoPB{
		"its ip":   {Ip: new("10.0.0.1")},
		"its host": {Host: new("be-1")},
		"both":     {Ip: new("10.0.0.1"), Host: new("be-1")},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t, openStore(t))
			create(t, s, "i")
			req := cluster("i", "c")
			req.Cluster.Nodes = []*pb.NodeInfoPB{{CloudUniqueId: new("n"), Ip: new("10.0.0.1"), Host: new("be-1"), HeartbeatPort: new(int32(9050))}}
			wantCode(t, s.AddCluster(t.Context(), req), core.OK)
			given.CloudUniqueId, given.HeartbeatPort = new("n"), new(int32(9050))
			req.Cluster.Nodes = []*pb.NodeInfoPB{given}
			wantCode(t, s.DropNode(t.Context(), req), core.OK)
		})
	}
}

func TestFrontendsAreDroppedByIdentityAlone(t *testing.T) {
	fe := func(ip string, kind *pb.NodeInfoPB_NodeType) *pb.NodeInfoPB {
		return &pb.NodeInfoPB{CloudUniqueId: &ip, Ip: &ip, EditLogPort: new(int32(9010)), NodeType: kind}
	}
	sql := func(nodes ...*pb.NodeInfoPB) *pb.AlterClusterRequest {
		req := cluster("i", "fe")
		req.Cluster.Type, req.Cluster.Nodes = pb.ClusterPB_SQL.Enum(), nodes
		return req
	}
	s, old := newService(t, openStore(t)), doris(t, openStore(t))
	for _, s := range []*core.Service{s, old} {
		create(t, s, "i")
		observer := fe("o", pb.NodeInfoPB_FE_OBSERVER.Enum())
		wantCode(t, s.AddCluster(t.Context(), sql(fe("m", pb.NodeInfoPB_FE_MASTER.Enum()))), core.OK)
		observer.Ctime = new(int64(math.MaxInt64))
		wantCode(t, s.AddNode(t.Context(), sql(observer)), core.OK)
	}
	wantCode(t, s.DropNode(t.Context(), sql(fe("o", nil))), core.OK)
	wantCode(t, old.DropNode(t.Context(), sql(fe("o", nil))), core.InvalidArgument)
	wantCode(t, old.DropNode(as(t, core.Call{Force: true}), sql(fe("o", nil))), core.OK)
}

func TestTheLastCompactionCanBeAborted(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "i")
	for keyType, json := range map[string]string{
		"MetaTabletIdxKey": `{"table_id":"1","index_id":"2","partition_id":"3","tablet_id":"4"}`,
		"JobTabletKey":     `{"compaction":[{"id":"j"}]}`,
	} {
		query := core.KeyQuery{Type: keyType, Params: map[string]string{"instance_id": "i", "table_id": "1", "index_id": "2", "part_id": "3", "tablet_id": "4"}}
		if _, err := s.SetValue(t.Context(), query, []byte(json)); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.AbortTabletJob(t.Context(), &pb.FinishTabletJobRequest{CloudUniqueId: new("1:i:n"), Job: &pb.TabletJobInfoPB{
		Idx: &pb.TabletIndexPB{TabletId: new(int64(4))}, Compaction: []*pb.TabletCompactionJobPB{{Id: new("j")}}}})
	wantCode(t, err, core.OK)
}

func TestClusterStatusIsBounded(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "i")
	wantCode(t, s.AddCluster(t.Context(), cluster("i", "c")), core.OK)
	ids := make([]string, core.MaxInstances)
	for n := range ids {
		ids[n] = "i"
	}
	resp, err := s.GetClusterStatus(t.Context(), &pb.GetClusterStatusRequest{InstanceIds: ids})
	if err != nil || len(resp.GetDetails()) != 1 {
		t.Errorf("one instance named often is told %d times, %v", len(resp.GetDetails()), err)
	}
	_, err = s.GetClusterStatus(t.Context(), &pb.GetClusterStatusRequest{InstanceIds: append(ids, "i")})
	wantCode(t, err, core.InvalidArgument)
}
