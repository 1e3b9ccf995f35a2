package seal

import (
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// Redacted is a copy of m that is safe to print: see Mask.
func Redacted[M proto.Message](m M) M {
	if any(m) == nil {
		return m
	}
	c := proto.CloneOf(m)
	Mask(c)
	return c
}

// Mask makes m safe to print, in place and at any depth: set strings whose field
// is marked debug_redact become Masked, marked fields of other types and unknown
// fields, which might hold anything, go.
func Mask(m proto.Message) {
	if m != nil {
		mask(m.ProtoReflect())
	}
}

// Masks reports whether Mask hides what is in a field.
func Masks(f protoreflect.FieldDescriptor) bool {
	options, _ := f.Options().(*descriptorpb.FieldOptions)
	return options.GetDebugRedact()
}

func mask(m protoreflect.Message) {
	if len(m.GetUnknown()) > 0 {
		m.SetUnknown(nil)
	}
	fields := maskableOf(m.Descriptor())
	for _, f := range fields.secrets {
		if m.Has(f) {
			maskField(m, f)
		}
	}
	for _, f := range fields.messages {
		if m.Has(f) {
			descend(m, f)
		}
	}
}

func maskField(m protoreflect.Message, f protoreflect.FieldDescriptor) {
	masked := protoreflect.ValueOfString(Masked)
	switch {
	case f.IsMap() && f.MapValue().Kind() == protoreflect.StringKind:
		entries := m.Mutable(f).Map()
		entries.Range(func(k protoreflect.MapKey, _ protoreflect.Value) bool {
			entries.Set(k, masked)
			return true
		})
	case f.Kind() != protoreflect.StringKind:
		m.Clear(f)
	case f.IsList():
		list := m.Mutable(f).List()
		for i := range list.Len() {
			list.Set(i, masked)
		}
	default:
		m.Set(f, masked)
	}
}

func descend(m protoreflect.Message, f protoreflect.FieldDescriptor) {
	switch {
	case f.IsMap():
		m.Mutable(f).Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool {
			mask(v.Message())
			return true
		})
	case f.IsList():
		list := m.Mutable(f).List()
		for i := range list.Len() {
			mask(list.Get(i).Message())
		}
	default:
		mask(m.Mutable(f).Message())
	}
}

// maskable are the fields of a message type that masking has to look at. Every
// message below counts, not only those with secrets: unknown fields can be in any.
type maskable struct {
	secrets, messages []protoreflect.FieldDescriptor
}

// maskables caches one maskable per message type linked in.
var maskables sync.Map

func maskableOf(d protoreflect.MessageDescriptor) *maskable {
	if known, ok := maskables.Load(d); ok {
		return known.(*maskable)
	}
	found := new(maskable)
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		switch {
		case Masks(f):
			found.secrets = append(found.secrets, f)
		case f.IsMap() && f.MapValue().Message() == nil:
		case f.Message() != nil:
			found.messages = append(found.messages, f)
		}
	}
	known, _ := maskables.LoadOrStore(d, found)
	return known.(*maskable)
}
