// Package random draws messages for tests of properties.
package random

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
	"pgregory.net/rapid"
)

// Fill sets some fields of a message and of those in it, so many levels deep, and
// adds unknown ones. The strings are drawn from texts.
func Fill(t *rapid.T, m protoreflect.Message, depth int, texts *rapid.Generator[string]) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		switch {
		case rapid.IntRange(0, 2).Draw(t, "absent") == 0:
		case f.IsMap():
			for range rapid.IntRange(0, 3).Draw(t, "entries") {
				m.Mutable(f).Map().Set(value(t, f.MapKey(), texts).MapKey(), value(t, f.MapValue(), texts))
			}
		case f.IsList():
			for range rapid.IntRange(0, 3).Draw(t, "elements") {
				list := m.Mutable(f).List()
				if f.Message() != nil {
					Fill(t, list.AppendMutable().Message(), depth-1, texts)
				} else {
					list.Append(value(t, f, texts))
				}
			}
		case f.Message() == nil:
			m.Set(f, value(t, f, texts))
		case depth > 0:
			Fill(t, m.Mutable(f).Message(), depth-1, texts)
		}
	}
	if rapid.Bool().Draw(t, "unknown") {
		unknown := protowire.AppendTag(nil, 5000, protowire.BytesType)
		unknown = protowire.AppendString(unknown, rapid.String().Draw(t, "unknown text"))
		unknown = protowire.AppendTag(unknown, 6000, protowire.Fixed32Type)
		m.SetUnknown(protowire.AppendFixed32(unknown, 7))
	}
}

// value draws a scalar: numbers of enums need not be known.
func value(t *rapid.T, f protoreflect.FieldDescriptor, texts *rapid.Generator[string]) protoreflect.Value {
	switch f.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(texts.Draw(t, "text"))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
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
		t.Fatalf("%s is of kind %s: draw values of it here", f.FullName(), f.Kind())
		return protoreflect.Value{}
	}
}
