package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"roster/core"
	pb "roster/core/metapb"
	"roster/tests/harness"
)

// TestOperations holds both fronts to the cases every client has to pass.
func TestOperations(t *testing.T) {
	for _, level := range levels {
		t.Run("REST compat "+level, func(t *testing.T) {
			t.Parallel()
			RunOperations(t, level, false, func(t *testing.T) core.API { return restAt(t, level) })
		})
		t.Run("SQL compat "+level, func(t *testing.T) {
			t.Parallel()
			RunOperations(t, level, true, func(t *testing.T) core.API { return sqlAt(t, level) })
		})
	}
}

// RunOperations runs the operation cases of a compat level over an
// implementation of core.API, which may be one that masks keys even from admins.
func RunOperations(t *testing.T, level string, masks bool, open func(t *testing.T) core.API) {
	s := &suite{api: open(t), level: level, masks: masks}
	for name, cases := range map[string]func(*testing.T, *suite){
		"instance":        instanceCases,
		"deleted":         deletedCases,
		"unknown":         unknownInstanceCases,
		"cluster":         clusterCases,
		"cluster reading": clusterReadingCases,
		"node":            nodeCases,
		"frontend":        frontendCases,
		"status":          statusCases,
		"mtime":           mtimeCases,
		"object store":    objectStoreCases,
		"keys":            keyRotationCases,
		"tablet":          tabletCases,
		"txn":             txnCases,
		"tablet job":      tabletJobCases,
		"request id":      requestIDCases,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cases(t, s)
		})
	}
}

type suite struct {
	api   core.API
	level string
	masks bool
}

// shown is how the api shows an access key.
func (s *suite) shown(ak string) string {
	if s.masks {
		return "******"
	}
	return ak
}

// mutation is an operation that takes a request as JSON.
type mutation func(ctx context.Context, api core.API, body string) error

func mutate[T any, M interface {
	*T
	proto.Message
}](f func(core.API, context.Context, M) error) mutation {
	return func(ctx context.Context, api core.API, body string) error {
		req := M(new(T))
		if err := protojson.Unmarshal([]byte(body), req); err != nil {
			return err
		}
		return f(api, ctx, req)
	}
}

func discard[M, R proto.Message](f func(core.API, context.Context, M) (R, error)) func(core.API, context.Context, M) error {
	return func(api core.API, ctx context.Context, req M) error {
		_, err := f(api, ctx, req)
		return err
	}
}

// operations are all operations of core.API that take a message, by route.
var operations = map[string]mutation{
	"create_instance":                mutate(core.API.CreateInstance),
	"drop_instance":                  mutate(core.API.DropInstance),
	"set_instance_status":            mutate(core.API.SetInstanceStatus),
	"enable_instance_sse":            mutate(core.API.EnableInstanceSSE),
	"disable_instance_sse":           mutate(core.API.DisableInstanceSSE),
	"get_instance":                   mutate(discard(core.API.GetInstance)),
	"add_cluster":                    mutate(core.API.AddCluster),
	"drop_cluster":                   mutate(core.API.DropCluster),
	"rename_cluster":                 mutate(core.API.RenameCluster),
	"update_cluster_mysql_user_name": mutate(core.API.UpdateClusterMysqlUserName),
	"set_cluster_status":             mutate(core.API.SetClusterStatus),
	"add_node":                       mutate(core.API.AddNode),
	"drop_node":                      mutate(core.API.DropNode),
	"get_cluster":                    mutate(discard(core.API.GetCluster)),
	"get_cluster_status":             mutate(discard(core.API.GetClusterStatus)),
	"get_obj_store_info":             mutate(discard(core.API.GetObjStoreInfo)),
	"add_obj_info":                   mutate(core.API.AddObjInfo),
	"update_ak_sk":                   mutate(core.API.UpdateAkSk),
	"legacy_update_ak_sk":            mutate(core.API.LegacyUpdateAkSk),
	"get_tablet_stats":               mutate(discard(core.API.GetTabletStats)),
	"abort_txn":                      mutate(discard(core.API.AbortTxn)),
	"abort_tablet_job":               mutate(discard(core.API.AbortTabletJob)),
}

// step is one operation and what it has to answer.
type step struct {
	name, op, body string
	code           core.Code
	// text is the message of a refusal; one that ends in … is only its begin,
	// and "" leaves it open.
	text string
}

// scenario is a list of steps on an instance of its own; $I in a body or text
// stands for its id.
type scenario struct {
	name  string
	setup []step
	steps []step
}

// play runs a scenario: refused steps must leave the instance as it was.
func (s *suite) play(t *testing.T, sc scenario) {
	t.Helper()
	check(t, sc.name, func(t *testing.T) {
		id := s.instance(t)
		for _, st := range sc.setup {
			s.must(t, st.op, fill(id, st.body))
		}
		for _, st := range sc.steps {
			s.step(t, id, st)
		}
	})
}

func (s *suite) step(t *testing.T, id string, st step) {
	t.Helper()
	name := st.name
	if name == "" {
		name = st.op
	}
	checkInTurn(t, name, func(t *testing.T) {
		if st.code == core.OK {
			s.must(t, st.op, fill(id, st.body))
			return
		}
		before := s.read(t, id)
		wantRefusal(t, s.do(t, st.op, fill(id, st.body)), st.code, fill(id, st.text))
		if after := s.read(t, id); !proto.Equal(before, after) {
			t.Errorf("a refused %s changed the instance\nfrom %v\n  to %v", st.op, before, after)
		}
	})
}

// do runs an operation by the name of its route.
func (s *suite) do(t *testing.T, op, body string) error {
	t.Helper()
	return operations[op](reveal(t), s.api, body)
}

func (s *suite) must(t *testing.T, op, body string) {
	t.Helper()
	if err := s.do(t, op, body); err != nil {
		t.Fatalf("%s %s: %v, want success", op, body, err)
	}
}

// instance creates an instance and returns its id.
func (s *suite) instance(t *testing.T) string {
	t.Helper()
	id := newID("instance")
	s.must(t, "create_instance", fill(id, newInstance))
	return id
}

const newInstance = `{"instance_id":"$I","name":"n","user_id":"u","obj_info":{"ak":"ak1","sk":"sk1","bucket":"b","prefix":"p",
	"endpoint":"e","region":"r","external_endpoint":"x","provider":"S3","user_id":"bucket_user"}}`

// read is the instance as it is now.
func (s *suite) read(t *testing.T, id string) *pb.InstanceInfoPB {
	t.Helper()
	doc, err := s.api.GetInstance(reveal(t), &pb.GetInstanceRequest{InstanceId: &id})
	if err != nil {
		t.Fatalf("get_instance %s: %v", id, err)
	}
	return doc
}

// rewrite changes the stored record of an instance in place, for states no
// operation leads to.
func (s *suite) rewrite(t *testing.T, id string, change func(*pb.InstanceInfoPB)) {
	t.Helper()
	query := core.KeyQuery{Type: "InstanceKey", Params: map[string]string{"instance_id": id}}
	stored, err := s.api.GetValue(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	doc := new(pb.InstanceInfoPB)
	if err := protojson.Unmarshal([]byte(stored), doc); err != nil {
		t.Fatal(err)
	}
	change(doc)
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.api.SetValue(t.Context(), query, text); err != nil {
		t.Fatal(err)
	}
}

func reveal(t *testing.T) context.Context {
	return core.WithCall(t.Context(), core.Call{Reveal: true})
}

func fill(id, text string) string { return strings.ReplaceAll(text, "$I", id) }

// wantRefusal fails t unless err is a refusal with the code and the text.
func wantRefusal(t *testing.T, err error, code core.Code, text string) {
	t.Helper()
	var refusal *core.Error
	if !errors.As(err, &refusal) {
		t.Fatalf("got %v, want a %v", err, code)
	}
	if refusal.Code != code {
		t.Errorf("got %v %q, want %v", refusal.Code, refusal.Msg, code)
	}
	if harness.RefusedAsSQL(err) {
		text = "" // no operation has seen the request, so the words are SQL's
	}
	wantText(t, refusal.Msg, text)
}

func wantText(t *testing.T, got, want string) {
	t.Helper()
	if begin, open := strings.CutSuffix(want, "…"); open {
		if !strings.HasPrefix(got, begin) {
			t.Errorf("got the text\n%q, want one that begins with\n%q", got, begin)
		}
	} else if want != "" && got != want {
		t.Errorf("got the text\n%q, want\n%q", got, want)
	}
	if got == "" {
		t.Error("the refusal has no text")
	}
}

// clusterC1 is the cluster most cases work on.
func clusterC1(t *testing.T, doc *pb.InstanceInfoPB) *pb.ClusterPB {
	t.Helper()
	for _, c := range doc.GetClusters() {
		if c.GetClusterId() == "c1" {
			return c
		}
	}
	t.Fatalf("instance %s has no cluster c1", doc.GetInstanceId())
	return nil
}

// compact is JSON without the blanks between its parts, in the order given.
func compact(t *testing.T, text string) string {
	t.Helper()
	var raw json.RawMessage
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		t.Fatalf("%v: %.300s", err, text)
	}
	out, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
