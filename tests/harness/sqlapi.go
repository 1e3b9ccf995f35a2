package harness

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"roster/core"
	pb "roster/core/metapb"
)

var _ core.API = (*SQL)(nil)

// change runs a statement that changes something, with what the context knows of
// the caller at its end.
func (c *SQL) change(ctx context.Context, s *statement) error {
	call := core.CallOf(ctx)
	if call.Force {
		s.add(" FORCE")
	}
	if call.RequestID != "" {
		s.add(" REQUEST ID ?", call.RequestID)
	}
	_, err := c.Query(ctx, s.text.String(), s.args...)
	return err
}

// read runs a statement that answers one row with a message.
func (c *SQL) read(ctx context.Context, s *statement, into proto.Message) error {
	rows, err := c.Query(ctx, s.text.String(), s.args...)
	if err != nil {
		return err
	}
	if len(rows) != 1 {
		return fmt.Errorf("%s answered %d rows, want one", s.text.String(), len(rows))
	}
	return rows[0].define(into)
}

// define reads the message of a row from its column Definition.
func (r Row) define(into proto.Message) error {
	text, ok := r["Definition"]
	if !ok {
		return errors.New("the answer has no Definition")
	}
	return protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal([]byte(text), into)
}

// caller is what requests have that may name their instance in two ways.
type caller interface{ GetCloudUniqueId() string }

// in adds the scope of a request: the instance, its caller's cloud_unique_id, or
// both; a request with neither has none.
func (s *statement) in(instance string, req caller) *statement {
	unique := req.GetCloudUniqueId()
	switch {
	case instance != "" && unique != "":
		return s.add(" IN INSTANCE ? UNIQUE ID ?", instance, unique)
	case instance != "":
		return s.add(" IN INSTANCE ?", instance)
	case unique != "":
		return s.add(" IN UNIQUE ID ?", unique)
	}
	return s
}

// of adds the scope of a request that knows its instance by a cloud_unique_id
// alone.
func (s *statement) of(req caller) *statement {
	return s.add(" IN UNIQUE ID ?", req.GetCloudUniqueId())
}

// properties adds the fields of a message, but for those that the statement has
// said already.
func (s *statement) properties(m proto.Message, said ...string) *statement {
	names, values := fields(m.ProtoReflect(), "", said)
	if len(names) == 0 {
		return s
	}
	return s.add(" PROPERTIES ('"+strings.Join(names, "' = ?, '")+"' = ?)", values...)
}

func fields(m protoreflect.Message, under string, said []string) (names []string, values []any) {
	for i := range m.Descriptor().Fields().Len() {
		f := m.Descriptor().Fields().Get(i)
		path := under + string(f.Name())
		if !m.Has(f) || slices.Contains(said, path) {
			continue
		}
		if f.Message() != nil && !f.IsList() && !f.IsMap() {
			if below, belowValues := fields(m.Get(f).Message(), path+".", said); below != nil {
				names, values = append(names, below...), append(values, belowValues...)
				continue
			}
		}
		names, values = append(names, path), append(values, literal(m, f))
	}
	return names, values
}

// literal is the value of a field as a statement takes it: lists and messages as
// JSON.
func literal(m protoreflect.Message, f protoreflect.FieldDescriptor) any {
	v := m.Get(f)
	switch {
	case f.IsList() || f.IsMap() || f.Message() != nil:
		only := m.New()
		only.Set(f, v)
		raw, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(only.Interface())
		if err != nil {
			return err.Error()
		}
		_, value, _ := strings.Cut(strings.TrimSuffix(string(raw), "}"), ":")
		return value
	case f.Kind() == protoreflect.EnumKind:
		if value := f.Enum().Values().ByNumber(v.Enum()); value != nil {
			return string(value.Name())
		}
		return int64(v.Enum())
	case f.Kind() == protoreflect.Int32Kind || f.Kind() == protoreflect.Int64Kind:
		return v.Int()
	case f.Kind() == protoreflect.BoolKind:
		return v.Bool()
	}
	return v.String()
}

// CreateInstance implements core.Instances.
func (c *SQL) CreateInstance(ctx context.Context, req *pb.CreateInstanceRequest) error {
	return c.change(ctx, say("CREATE INSTANCE ?", req.GetInstanceId()).properties(req, "instance_id"))
}

// DropInstance implements core.Instances.
func (c *SQL) DropInstance(ctx context.Context, req *pb.AlterInstanceRequest) error {
	return c.change(ctx, say("DROP INSTANCE ?", req.GetInstanceId()))
}

// SetInstanceStatus implements core.Instances. An operation that is none on the
// status is sent as the status it is not.
func (c *SQL) SetInstanceStatus(ctx context.Context, req *pb.AlterInstanceRequest) error {
	status := strings.TrimPrefix(req.GetOp().String(), "SET_")
	return c.change(ctx, say("ALTER INSTANCE ? SET STATUS ?", req.GetInstanceId(), status))
}

// EnableInstanceSSE implements core.Instances.
func (c *SQL) EnableInstanceSSE(ctx context.Context, req *pb.AlterInstanceRequest) error {
	return c.change(ctx, say("ALTER INSTANCE ? ENABLE SSE", req.GetInstanceId()))
}

// DisableInstanceSSE implements core.Instances.
func (c *SQL) DisableInstanceSSE(ctx context.Context, req *pb.AlterInstanceRequest) error {
	return c.change(ctx, say("ALTER INSTANCE ? DISABLE SSE", req.GetInstanceId()))
}

// GetInstance implements core.Instances.
func (c *SQL) GetInstance(ctx context.Context, req *pb.GetInstanceRequest) (*pb.InstanceInfoPB, error) {
	s := say("SHOW INSTANCE")
	if req.GetInstanceId() != "" {
		s.add(" ?", req.GetInstanceId())
	}
	if req.GetInstanceId() == "" || req.GetCloudUniqueId() != "" {
		s.add(" UNIQUE ID ?", req.GetCloudUniqueId())
	}
	doc := new(pb.InstanceInfoPB)
	return doc, c.read(ctx, s, doc)
}
