package tables_test

import (
	"context"
	"fmt"
	"net/netip"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"roster/core"
	pb "roster/core/metapb"
	"roster/mysqlfront/session"
	"roster/mysqlfront/tables"
)

// source is a tables.Source over memory, which counts what is read of it.
type source struct {
	mu      sync.Mutex
	docs    map[string]*pb.InstanceInfoPB
	history []*pb.HistoryPB
	reads   []string
	fail    error
	// at is the version of the last read of an instance.
	at uint64
}

// spy is a core.Store that learns at which version it is read.
type spy struct {
	core.Store
	version uint64
}

func (s *spy) View(_ context.Context, opts core.ViewOptions, _ func(core.Reader) error) error {
	s.version = opts.Version
	return nil
}

// versionOf is the version a context reads at.
func versionOf(ctx context.Context) uint64 {
	store := new(spy)
	service, err := core.New(core.Options{Store: store})
	if err != nil {
		panic(err)
	}
	if _, _, err := service.ListInstances(ctx, "", 1); err != nil {
		panic(err)
	}
	return store.version
}

const born = 1_767_225_600 // 2026-01-01 00:00:00 UTC

func newSource() *source {
	s := &source{docs: map[string]*pb.InstanceInfoPB{}}
	for i, id := range []string{"alpha", "beta", "gamma"} {
		doc := &pb.InstanceInfoPB{
			InstanceId: &id, Name: proto.String(strings.ToUpper(id[:1]) + id[1:]), UserId: proto.String(fmt.Sprint("u", i)),
			Status: pb.InstanceInfoPB_NORMAL.Enum(), Ctime: proto.Int64(born), Mtime: proto.Int64(born + int64(i)*3600),
		}
		for j := range i + 1 {
			cluster := &pb.ClusterPB{
				ClusterId: proto.String(fmt.Sprintf("c%d", j)), ClusterName: proto.String(fmt.Sprintf("Cluster%d", j)), Type: pb.ClusterPB_COMPUTE.Enum(),
				ClusterStatus: pb.ClusterStatus_NORMAL.Enum(), MysqlUserName: []string{"ann", fmt.Sprint("user", j)}, Ctime: proto.Int64(born),
			}
			if j == 1 {
				cluster.ClusterStatus = pb.ClusterStatus_SUSPENDED.Enum()
			}
			for k := range 2 {
				cluster.Nodes = append(cluster.Nodes, &pb.NodeInfoPB{
					CloudUniqueId: proto.String(fmt.Sprintf("1:%s:n%d%d", id, j, k)), Ip: proto.String(fmt.Sprintf("10.0.%d.%d", j, k)),
					HeartbeatPort: proto.Int32(9050), Ctime: proto.Int64(born),
				})
			}
			doc.Clusters = append(doc.Clusters, cluster)
		}
		doc.ObjInfo = []*pb.ObjectStoreInfoPB{{
			Id: proto.String("1"), Ak: proto.String("AKIAIOSFODNN7EXAMPLE"), Sk: proto.String("CANARY-SECRET"), Bucket: proto.String("b"), Prefix: proto.String(""),
			Provider: pb.ObjectStoreInfoPB_S3.Enum(),
		}}
		s.docs[id] = doc
	}
	for i := range 5 {
		s.history = append(s.history, &pb.HistoryPB{
			OperationId: proto.String(fmt.Sprint("op", i)), TimeMs: proto.Int64((born + int64(i)*60) * 1000), Front: proto.String("rest"), Caller: proto.String("root"),
			Operation: proto.String([]string{"create_instance", "add_cluster"}[min(i, 1)]), InstanceId: proto.String([]string{"alpha", "beta"}[i%2]),
			Target: proto.String("t"), Request: proto.String(fmt.Sprintf(`{"n": %d, "name": "x"}`, i)), Outcome: proto.String("OK"), Revision: proto.Uint64(uint64(i + 1)),
		})
	}
	return s
}

func (s *source) log(ctx context.Context, what string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads = append(s.reads, what)
	if s.fail != nil {
		return s.fail
	}
	return ctx.Err()
}

// took is what was read since it was last asked.
func (s *source) took() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := strings.Join(s.reads, " ")
	s.reads = nil
	return out
}

func (s *source) ListInstances(ctx context.Context, after string, limit int) ([]*pb.InstanceInfoPB, bool, error) {
	if err := s.log(ctx, "list"); err != nil {
		return nil, false, err
	}
	var ids []string
	for id := range s.docs {
		if id > after {
			ids = append(ids, id)
		}
	}
	sort.Strings(ids)
	var out []*pb.InstanceInfoPB
	for _, id := range ids[:min(limit, len(ids))] {
		out = append(out, s.docs[id])
	}
	return out, len(ids) > limit, nil
}

func (s *source) GetInstance(ctx context.Context, req *pb.GetInstanceRequest) (*pb.InstanceInfoPB, error) {
	if err := s.log(ctx, "get:"+req.GetInstanceId()); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.at = versionOf(ctx)
	s.mu.Unlock()
	if doc := s.docs[req.GetInstanceId()]; doc != nil {
		return doc, nil
	}
	return nil, core.Errorf(core.NotFound, "no instance %s", req.GetInstanceId())
}

func (s *source) History(ctx context.Context, q core.HistoryQuery) ([]*pb.HistoryPB, []byte, error) {
	if err := s.log(ctx, "history:"+q.Instance); err != nil {
		return nil, nil, err
	}
	var out []*pb.HistoryPB
	for i := len(s.history) - 1; i >= 0; i-- {
		if h := s.history[i]; q.Instance == "" || h.GetInstanceId() == q.Instance {
			out = append(out, h)
		}
	}
	return out, nil, nil
}

func (s *source) ListUsers(ctx context.Context) ([]core.User, error) {
	return []core.User{{Name: "bob", Role: "reader", Instance: "alpha"}}, s.log(ctx, "users")
}

func (s *source) Version(ctx context.Context) (uint64, error) {
	return core.VersionAt(time.Unix(born, 0)), s.log(ctx, "version")
}

func newEngine(t testing.TB, s tables.Source, options tables.Options) *tables.Engine {
	t.Helper()
	e := tables.New(s, options)
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func newSession() *session.Session {
	return &session.Session{ID: 7, User: "root", Role: session.Admin, From: netip.MustParseAddrPort("127.0.0.1:5555"), Location: time.UTC, Home: time.UTC, Vars: map[string]string{}, Server: facts{}}
}

// ask runs a statement and writes its answer as lines: the labels, then the rows.
func ask(t testing.TB, e *tables.Engine, s *session.Session, text string, args ...any) (string, error) {
	t.Helper()
	stmt, ok, err := e.Prepare(s, text)
	if err != nil {
		return "", err
	}
	if !ok {
		t.Fatalf("%s: not taken", text)
	}
	result, err := stmt.Run(t.Context(), s, args)
	if err != nil {
		return "", err
	}
	if result.Columns == nil {
		return "OK", nil
	}
	if len(result.Columns) != len(stmt.Columns()) {
		t.Errorf("%s: %d columns were announced, %d came", text, len(stmt.Columns()), len(result.Columns))
	}
	var lines []string
	var labels []string
	for _, c := range result.Columns {
		labels = append(labels, c.Name)
	}
	lines = append(lines, strings.Join(labels, "|"))
	for row, err := range result.Rows {
		if err != nil {
			return "", err
		}
		var cells []string
		for i, v := range row {
			checkType(t, text, result.Columns[i], v)
			switch v := v.(type) {
			case nil:
				cells = append(cells, "NULL")
			case time.Time:
				cells = append(cells, v.Format("2006-01-02 15:04:05"))
			default:
				cells = append(cells, fmt.Sprint(v))
			}
		}
		lines = append(lines, strings.Join(cells, "|"))
	}
	return strings.Join(lines, "\n"), nil
}

// checkType holds each value to what its column announces.
func checkType(t testing.TB, text string, c session.Column, v any) {
	t.Helper()
	ok := v == nil && !c.NotNull
	switch v.(type) {
	case string:
		ok = c.Type == session.Varchar || c.Type == session.JSON
	case int64:
		ok = c.Type == session.BigInt
	case uint64:
		ok = c.Type == session.Unsigned
	case float64:
		ok = c.Type == session.Double
	case time.Time:
		ok = c.Type == session.DateTime
	}
	if !ok {
		t.Errorf("%s: column %s of type %d (not null %v) holds %T", text, c.Name, c.Type, c.NotNull, v)
	}
}
