package metapb_test

import (
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"pgregory.net/rapid"

	pb "roster/core/metapb"
)

// fast is a message with the methods that encode without reflection.
type fast interface {
	proto.Message
	SizeVT() int
	MarshalVT() ([]byte, error)
}

var fastMessages = []fast{new(pb.InstanceInfoPB), new(pb.HistoryPB), new(pb.RequestPB), new(pb.NodeIndexPB)}

func TestGeneratedEncodingDecodesToWhatItWasMadeOf(t *testing.T) {
	for _, kind := range fastMessages {
		t.Run(string(kind.ProtoReflect().Descriptor().Name()), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				m := kind.ProtoReflect().New()
				fill(t, m, 3)
				want := m.Interface().(fast)

				raw, err := want.MarshalVT()
				if err != nil {
					t.Fatal(err)
				}
				if len(raw) != proto.Size(want) || len(raw) != want.SizeVT() {
					t.Fatalf("%d bytes, sizes are %d and %d", len(raw), proto.Size(want), want.SizeVT())
				}
				got := m.New().Interface()
				if err := proto.Unmarshal(raw, got); err != nil {
					t.Fatal(err)
				}
				if !proto.Equal(got, want) {
					t.Fatalf("got %v, want %v", got, want)
				}
			})
		})
	}
}

// fill sets fields of every kind the schema has, and adds unknown ones.
func fill(t *rapid.T, m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		switch {
		case rapid.IntRange(0, 2).Draw(t, "absent") == 0:
		case fd.IsMap():
			for range rapid.IntRange(0, 2).Draw(t, "entries") {
				key := value(t, m, fd.MapKey()).MapKey()
				m.Mutable(fd).Map().Set(key, value(t, m, fd.MapValue()))
			}
		case fd.IsList():
			for range rapid.IntRange(0, 3).Draw(t, "elements") {
				list := m.Mutable(fd).List()
				if fd.Message() != nil {
					fill(t, list.AppendMutable().Message(), depth-1)
				} else {
					list.Append(value(t, m, fd))
				}
			}
		case fd.Message() != nil:
			if depth > 0 {
				fill(t, m.Mutable(fd).Message(), depth-1)
			}
		default:
			m.Set(fd, value(t, m, fd))
		}
	}
	if rapid.Bool().Draw(t, "unknown") {
		unknown := protowire.AppendTag(nil, 5000, protowire.BytesType)
		unknown = protowire.AppendString(unknown, rapid.String().Draw(t, "unknown text"))
		unknown = protowire.AppendTag(unknown, 6000, protowire.Fixed32Type)
		m.SetUnknown(protowire.AppendFixed32(unknown, 7))
	}
}

// value draws a scalar: texts need not be UTF-8, numbers of enums need not be known.
func value(t *rapid.T, m protoreflect.Message, fd protoreflect.FieldDescriptor) protoreflect.Value {
	switch fd.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(string(rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "text")))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes(rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "bytes"))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(rapid.Bool().Draw(t, "bool"))
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(rapid.Int32Range(-2, 200).Draw(t, "enum")))
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(rapid.Int32().Draw(t, "int32"))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(rapid.Int64().Draw(t, "int64"))
	case protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(rapid.Uint64().Draw(t, "uint64"))
	default:
		t.Fatalf("%s of %s is of kind %s: draw values of it here", fd.Name(), m.Descriptor().Name(), fd.Kind())
		return protoreflect.Value{}
	}
}
