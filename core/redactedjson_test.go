package core

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"pgregory.net/rapid"

	pb "roster/core/metapb"
	"roster/core/seal"
)

func TestRedactedJSONIsThatOfTheRedactedMessage(t *testing.T) {
	for _, kind := range []proto.Message{
		new(pb.CreateInstanceRequest), new(pb.AlterInstanceRequest), new(pb.AlterClusterRequest), new(pb.AlterObjStoreInfoRequest),
		new(pb.UpdateAkSkRequest), new(pb.AbortTxnRequest), new(pb.FinishTabletJobRequest), new(pb.UserPB), new(pb.InstanceInfoPB),
	} {
		t.Run(string(kind.ProtoReflect().Descriptor().Name()), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				m := kind.ProtoReflect().New()
				draw(t, m, 4)
				if got, want := redactedJSON(m.Interface()), compactJSON(seal.Redacted(m.Interface())); got != want {
					t.Fatalf("got  %s\nwant %s", got, want)
				}
			})
		})
	}
}

// draw sets some of the fields of a message, secret ones too.
func draw(t *rapid.T, m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if rapid.IntRange(0, 2).Draw(t, "absent") == 0 {
			continue
		}
		switch {
		case f.IsMap():
			for range rapid.IntRange(0, 3).Draw(t, "entries") {
				m.Mutable(f).Map().Set(drawn(t, f.MapKey()).MapKey(), drawn(t, f.MapValue()))
			}
		case f.IsList() && f.Message() != nil:
			for range rapid.IntRange(0, 2).Draw(t, "elements") {
				draw(t, m.Mutable(f).List().AppendMutable().Message(), depth-1)
			}
		case f.IsList():
			for range rapid.IntRange(0, 2).Draw(t, "elements") {
				m.Mutable(f).List().Append(drawn(t, f))
			}
		case f.Message() == nil:
			m.Set(f, drawn(t, f))
		case depth > 0:
			draw(t, m.Mutable(f).Message(), depth-1)
		}
	}
}

func drawn(t *rapid.T, f protoreflect.FieldDescriptor) protoreflect.Value {
	switch f.Kind() {
	case protoreflect.StringKind:
		text := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.RuneFrom([]rune("\x00\x1f\x7f\"\\\b\f\n\r\t<>&\u2028"))))
		if rapid.IntRange(0, 500).Draw(t, "broken") == 0 {
			return protoreflect.ValueOfString("\xff")
		}
		return protoreflect.ValueOfString(text.Draw(t, "text"))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(rapid.Bool().Draw(t, "bool"))
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(rapid.Int32Range(-2, 20).Draw(t, "enum")))
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(rapid.Int32().Draw(t, "int32"))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(rapid.Int64().Draw(t, "int64"))
	case protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(rapid.Uint64().Draw(t, "uint64"))
	default:
		t.Fatalf("%s is of kind %s: draw values of it here", f.FullName(), f.Kind())
		return protoreflect.Value{}
	}
}
