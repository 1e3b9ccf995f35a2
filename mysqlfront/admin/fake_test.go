package admin

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"roster/core"
	pb "roster/core/metapb"
	"roster/core/seal"
	"roster/mysqlfront/session"
)

// fake records what it is asked for, as "operation request", and answers reads
// about the instances it has. fail, if set, is what changes answer.
type fake struct {
	docs  []*pb.InstanceInfoPB
	users map[string]core.User
	calls []string
	call  core.Call
	fail  error
	value string
	hist  []*pb.HistoryPB
	pages int
}

var _ Backend = (*fake)(nil)

func (f *fake) did(ctx context.Context, op string, req proto.Message) error {
	f.call = core.CallOf(ctx)
	f.calls = append(f.calls, op+" "+jsonOf(req))
	return f.fail
}

func (f *fake) CreateInstance(ctx context.Context, r *pb.CreateInstanceRequest) error {
	return f.did(ctx, "CreateInstance", r)
}
func (f *fake) DropInstance(ctx context.Context, r *pb.AlterInstanceRequest) error {
	return f.did(ctx, "DropInstance", r)
}
func (f *fake) SetInstanceStatus(ctx context.Context, r *pb.AlterInstanceRequest) error {
	return f.did(ctx, "SetInstanceStatus", r)
}
func (f *fake) EnableInstanceSSE(ctx context.Context, r *pb.AlterInstanceRequest) error {
	return f.did(ctx, "EnableInstanceSSE", r)
}
func (f *fake) DisableInstanceSSE(ctx context.Context, r *pb.AlterInstanceRequest) error {
	return f.did(ctx, "DisableInstanceSSE", r)
}
func (f *fake) AddCluster(ctx context.Context, r *pb.AlterClusterRequest) error {
	return f.did(ctx, "AddCluster", r)
}
func (f *fake) DropCluster(ctx context.Context, r *pb.AlterClusterRequest) error {
	return f.did(ctx, "DropCluster", r)
}
func (f *fake) RenameCluster(ctx context.Context, r *pb.AlterClusterRequest) error {
	return f.did(ctx, "RenameCluster", r)
}
func (f *fake) UpdateClusterMysqlUserName(ctx context.Context, r *pb.AlterClusterRequest) error {
	if r.Cluster.MysqlUserName == nil {
		return fmt.Errorf("the users are nil")
	}
	return f.did(ctx, "UpdateClusterMysqlUserName", r)
}
func (f *fake) SetClusterStatus(ctx context.Context, r *pb.AlterClusterRequest) error {
	return f.did(ctx, "SetClusterStatus", r)
}
func (f *fake) AddNode(ctx context.Context, r *pb.AlterClusterRequest) error {
	return f.did(ctx, "AddNode", r)
}
func (f *fake) DropNode(ctx context.Context, r *pb.AlterClusterRequest) error {
	return f.did(ctx, "DropNode", r)
}
func (f *fake) AddObjInfo(ctx context.Context, r *pb.AlterObjStoreInfoRequest) error {
	return f.did(ctx, "AddObjInfo", r)
}
func (f *fake) UpdateAkSk(ctx context.Context, r *pb.UpdateAkSkRequest) error {
	return f.did(ctx, "UpdateAkSk", r)
}
func (f *fake) LegacyUpdateAkSk(ctx context.Context, r *pb.AlterObjStoreInfoRequest) error {
	return f.did(ctx, "LegacyUpdateAkSk", r)
}
func (f *fake) AbortTxn(ctx context.Context, r *pb.AbortTxnRequest) (*pb.AbortTxnResponse, error) {
	return &pb.AbortTxnResponse{}, f.did(ctx, "AbortTxn", r)
}
func (f *fake) AbortTabletJob(ctx context.Context, r *pb.FinishTabletJobRequest) (*pb.FinishTabletJobResponse, error) {
	return &pb.FinishTabletJobResponse{}, f.did(ctx, "AbortTabletJob", r)
}
func (f *fake) GetTabletStats(ctx context.Context, r *pb.GetTabletStatsRequest) (*pb.GetTabletStatsResponse, error) {
	resp := new(pb.GetTabletStatsResponse)
	for _, idx := range r.TabletIdx {
		resp.TabletStats = append(resp.TabletStats, &pb.TabletStatsPB{Idx: idx, NumRows: new(int64(5))})
	}
	return resp, f.did(ctx, "GetTabletStats", r)
}

func (f *fake) find(id, unique string) (*pb.InstanceInfoPB, error) {
	if parts := strings.Split(unique, ":"); id == "" && len(parts) == 3 {
		id = parts[1]
	}
	for _, d := range f.docs {
		if d.GetInstanceId() == id {
			return seal.Redacted(d), nil
		}
	}
	return nil, core.Errorf(core.NotFound, "failed to get instance, instance_id=%s err=KeyNotFound", id).About(core.TheInstance)
}

func (f *fake) GetInstance(_ context.Context, r *pb.GetInstanceRequest) (*pb.InstanceInfoPB, error) {
	return f.find(r.GetInstanceId(), r.GetCloudUniqueId())
}

func (f *fake) ReadDocument(ctx context.Context, r *pb.GetInstanceRequest) (core.Reading, error) {
	doc, err := f.find(r.GetInstanceId(), r.GetCloudUniqueId())
	if err != nil {
		return core.Reading{}, err
	}
	service, err := core.New(core.Options{Store: oneDocument{doc: doc}})
	if err != nil {
		return core.Reading{}, err
	}
	return service.ReadDocument(ctx, &pb.GetInstanceRequest{InstanceId: doc.InstanceId})
}

// oneDocument is a store of one record.
type oneDocument struct {
	core.Store
	core.Reader
	doc *pb.InstanceInfoPB
}

func (d oneDocument) Read(_ context.Context, keys ...[]byte) ([][]byte, error) {
	raw, err := proto.Marshal(d.doc)
	return append([][]byte{raw}, make([][]byte, len(keys)-1)...), err
}

func (d oneDocument) View(_ context.Context, _ core.ViewOptions, fn func(core.Reader) error) error {
	return fn(d)
}

func (d oneDocument) BatchGet(keys [][]byte) (map[string][]byte, error) {
	values, err := d.Read(context.Background(), keys[0])
	return map[string][]byte{string(keys[0]): values[0]}, err
}

func (f *fake) GetCluster(_ context.Context, r *pb.GetClusterRequest) (*pb.GetClusterResponse, error) {
	d, err := f.find("", r.GetCloudUniqueId())
	if err != nil {
		return nil, err
	}
	resp := &pb.GetClusterResponse{EnableStorageVault: new(true)}
	for _, c := range d.Clusters {
		if (r.GetClusterId() == "" || c.GetClusterId() == r.GetClusterId()) && (r.GetClusterName() == "" || c.GetClusterName() == r.GetClusterName()) &&
			(r.GetMysqlUserName() == "" || slices.Contains(c.MysqlUserName, r.GetMysqlUserName())) {
			resp.Cluster = append(resp.Cluster, c)
		}
	}
	if resp.Cluster == nil {
		return nil, core.Errorf(core.NotFound, "fail to get cluster")
	}
	return resp, nil
}

func (f *fake) GetClusterStatus(ctx context.Context, r *pb.GetClusterStatusRequest) (*pb.GetClusterStatusResponse, error) {
	resp := new(pb.GetClusterStatusResponse)
	for _, id := range r.InstanceIds {
		if d, err := f.find(id, ""); err == nil {
			resp.Details = append(resp.Details, &pb.GetClusterStatusResponse_GetClusterStatusResponseDetail{InstanceId: &id, Clusters: d.Clusters})
		}
	}
	return resp, f.did(ctx, "GetClusterStatus", r)
}

func (f *fake) GetObjStoreInfo(_ context.Context, r *pb.GetObjStoreInfoRequest) (*pb.GetObjStoreInfoResponse, error) {
	d, err := f.find("", r.GetCloudUniqueId())
	if err != nil {
		return nil, err
	}
	return &pb.GetObjStoreInfoResponse{ObjInfo: d.ObjInfo, DefaultStorageVaultId: new("2"), StorageVault: []*pb.StorageVaultPB{{Id: new("2"), Name: new("v")}}}, nil
}

func (f *fake) GetValue(ctx context.Context, q core.KeyQuery) (string, error) {
	f.calls = append(f.calls, fmt.Sprintf("GetValue %v", q))
	return f.value, nil
}

func (f *fake) SetValue(ctx context.Context, q core.KeyQuery, json []byte) (string, error) {
	f.call = core.CallOf(ctx)
	f.calls = append(f.calls, fmt.Sprintf("SetValue %v %s", q, json))
	return "changed", f.fail
}

func (f *fake) ListInstances(_ context.Context, after string, limit int) (docs []*pb.InstanceInfoPB, more bool, err error) {
	f.pages++
	for _, d := range f.docs {
		if d.GetInstanceId() <= after {
			continue
		}
		if len(docs) == limit {
			return docs, true, nil
		}
		docs = append(docs, seal.Redacted(d))
	}
	return docs, false, nil
}

func (f *fake) ChangedInstances(context.Context, uint64) (core.ChangedInstances, error) {
	return core.ChangedInstances{}, nil
}

func (f *fake) Version(context.Context) (uint64, error) { return 7, nil }

func (f *fake) History(_ context.Context, q core.HistoryQuery) ([]*pb.HistoryPB, []byte, error) {
	var some []*pb.HistoryPB
	for _, h := range f.hist {
		if q.Instance == "" || h.GetInstanceId() == q.Instance {
			some = append(some, h)
		}
	}
	from := len(q.After)
	to := min(len(some), from+q.Limit)
	if to < len(some) {
		return some[from:to], make([]byte, to), nil
	}
	return some[from:to], nil, nil
}

func (f *fake) CreateUser(ctx context.Context, u core.User) error {
	if _, had := f.users[u.Name]; had {
		return core.Errorf(core.AlreadyExisted, "user %s already existed", u.Name).About(core.TheUser)
	}
	return f.putUser(ctx, "CreateUser", u)
}

func (f *fake) AlterUser(ctx context.Context, name string, change core.UserChange) error {
	u, had := f.users[name]
	if !had {
		return core.Errorf(core.NotFound, "user %s does not exist", name).About(core.TheUser)
	}
	if change.Role != nil {
		u.Role = *change.Role
	}
	if change.Instance != nil {
		u.Instance = *change.Instance
	}
	if !change.Password.IsZero() {
		u.Password = change.Password
	}
	return f.putUser(ctx, "AlterUser", u)
}

func (f *fake) putUser(ctx context.Context, operation string, u core.User) error {
	f.call = core.CallOf(ctx)
	f.calls = append(f.calls, fmt.Sprintf("%s %s %s %q %s", operation, u.Name, u.Role, u.Instance, u.Password.Reveal()))
	f.users[u.Name] = u
	return f.fail
}

func (f *fake) DropUser(_ context.Context, name string) error {
	if _, had := f.users[name]; !had {
		return core.Errorf(core.NotFound, "user %s does not exist", name).About(core.TheUser)
	}
	delete(f.users, name)
	return nil
}

func (f *fake) GetUser(_ context.Context, name string) (*core.User, error) {
	if u, had := f.users[name]; had {
		return &u, nil
	}
	return nil, nil
}

func (f *fake) ListUsers(context.Context) (users []core.User, err error) {
	for _, u := range f.users {
		users = append(users, u)
	}
	return users, nil
}

func (f *fake) ListServers(context.Context) ([]core.Server, error) {
	return []core.Server{
		{ID: "a", HTTPAddr: "a:5000", MySQLAddr: "a:9030", Version: "1", Role: "gc-leader", Started: time.UnixMilli(1000), LastSeen: time.UnixMilli(2000)},
		{ID: "b", HTTPAddr: "b:5000", Version: "1", Role: "replica", Started: time.UnixMilli(1000), LastSeen: time.UnixMilli(2000)},
	}, nil
}

// secretCanary is the secret of everything the fake keeps.
const secretCanary = "CANARY-7f3a"

// newFake has the instance shop with two clusters, and lab with none.
func newFake() *fake {
	return &fake{
		value: "{}",
		users: map[string]core.User{"ann": {Name: "ann", Role: "reader", Password: seal.NewSecret("old")}},
		hist: []*pb.HistoryPB{
			{InstanceId: new("shop"), Revision: new(uint64(99)), Operation: new("rename_cluster"), Target: new("c1"), Front: new("sql"), Caller: new("ann"), TimeMs: new(int64(1000)), Request: new("{}"), Outcome: new("OK")},
			{InstanceId: new("lab"), Revision: new(uint64(50)), Operation: new("create_instance"), Front: new("rest"), TimeMs: new(int64(500))},
		},
		docs: []*pb.InstanceInfoPB{
			{InstanceId: new("lab"), Name: new(""), Status: pb.InstanceInfoPB_OVERDUE.Enum()},
			{
				InstanceId: new("shop"), UserId: new("u1"), Name: new("Shop"), Mtime: new(int64(100)), SseEnabled: new(true),
				RamUser: &pb.RamUserPB{UserId: new("r1"), Ak: new(secretCanary), Sk: new(secretCanary)},
				ObjInfo: []*pb.ObjectStoreInfoPB{
					{Id: new("1"), Ak: new(secretCanary), Sk: new(secretCanary), Bucket: new("b"), Endpoint: new("e"), Region: new("r"), Prefix: new(""), Provider: pb.ObjectStoreInfoPB_S3.Enum()},
					{Id: new("2"), Ak: new(secretCanary), Sk: new(secretCanary), Bucket: new("b2"), Endpoint: new("e"), Region: new("r"), Provider: pb.ObjectStoreInfoPB_OSS.Enum()},
				},
				Stages: []*pb.StagePB{{StageId: new("s1"), Name: new("st"), ObjInfo: &pb.ObjectStoreInfoPB{Id: new("1"), Prefix: new("p")}}},
				Clusters: []*pb.ClusterPB{
					{
						ClusterId: new("fe"), ClusterName: new("sql"), Type: pb.ClusterPB_SQL.Enum(),
						Nodes: []*pb.NodeInfoPB{{CloudUniqueId: new("1:shop:f1"), Ip: new("10.0.0.9"), EditLogPort: new(int32(9010)), NodeType: pb.NodeInfoPB_FE_MASTER.Enum()}},
					},
					{
						ClusterId: new("c1"), ClusterName: new("etl"), Type: pb.ClusterPB_COMPUTE.Enum(), ClusterStatus: pb.ClusterStatus_NORMAL.Enum(),
						MysqlUserName: []string{"ann", "o'neil"}, Mtime: new(int64(200)), Desc: new(`it's "x"`), Properties: map[string]string{"k.l": "v"},
						Nodes: []*pb.NodeInfoPB{
							{CloudUniqueId: new("1:shop:n1"), Ip: new("10.0.0.1"), HeartbeatPort: new(int32(9050)), Ctime: new(int64(50))},
							{CloudUniqueId: new("1:shop:n2"), Host: new("be2"), Ip: new("10.0.0.2"), HeartbeatPort: new(int32(9050))},
							{CloudUniqueId: new("1:shop:n3"), Ip: new("fd00::1"), HeartbeatPort: new(int32(9050))},
						},
					},
				},
			},
		},
	}
}

func admin() *session.Session {
	return &session.Session{User: "root", Role: session.Admin, Secure: true, Database: "shop", Registry: &sessions{}}
}

// sessions is a registry.
type sessions struct {
	all    []*session.Session
	killed []string
}

func (r *sessions) Sessions() []*session.Session { return r.all }

func (r *sessions) Kill(id uint64, query bool) bool {
	r.killed = append(r.killed, fmt.Sprint(id, query))
	return id < 100
}

// answer is a result with its rows read.
type answer struct {
	session.Result
	rows []session.Row
}

func exec(t testing.TB, b Backend, s *session.Session, text string, args ...any) (answer, error) {
	t.Helper()
	return execWith(t, Options{Backend: b}, s, text, args...)
}

func execWith(t testing.TB, o Options, s *session.Session, text string, args ...any) (answer, error) {
	t.Helper()
	stmt, ok, err := New(o).Prepare(s, text)
	if !ok {
		t.Fatalf("%s is not of this engine's kind", text)
	}
	if err != nil {
		return answer{}, err
	}
	result, err := stmt.Run(t.Context(), s, args)
	if err != nil {
		return answer{}, err
	}
	a := answer{Result: *result}
	if (result.Rows == nil) != (result.Columns == nil) {
		t.Fatalf("%s has rows or columns, but not both", text)
	}
	if result.Rows == nil {
		return a, nil
	}
	declared := stmt.Columns()
	if !slices.Equal(declared, result.Columns) {
		t.Errorf("%s declares the columns %v and answers with %v", text, declared, result.Columns)
	}
	for row, err := range result.Rows {
		if err != nil {
			return a, err
		}
		checkTypes(t, text, result.Columns, row)
		a.rows = append(a.rows, row)
	}
	return a, nil
}
