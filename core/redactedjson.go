package core

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"roster/core/seal"
)

// redactedJSON is compactJSON(seal.Redacted(m)) for a third of its cost: every change
// leaves its request in history.
func redactedJSON(m proto.Message) string {
	if m == nil {
		return compactJSON(m)
	}
	buf, ok := appendMessage(make([]byte, 0, 512), m.ProtoReflect())
	if !ok {
		return compactJSON(seal.Redacted(m))
	}
	return string(buf)
}

// jsonField is a field of a message type as redactedJSON writes it.
type jsonField struct {
	protoreflect.FieldDescriptor
	// label is the name in quotes, and the colon.
	label  string
	secret bool
}

// jsonFields caches the fields of each message type, nil for a type that takes
// more than redactedJSON knows.
var jsonFields sync.Map

func jsonFieldsOf(d protoreflect.MessageDescriptor) []jsonField {
	if known, ok := jsonFields.Load(d); ok {
		return known.([]jsonField)
	}
	fields := make([]jsonField, d.Fields().Len())
	for i := range fields {
		f := d.Fields().Get(i)
		fields[i] = jsonField{f, strconv.Quote(string(f.Name())) + ":", seal.Masks(f)}
	}
	if !usual(d) {
		fields = nil
	}
	jsonFields.Store(d, fields)
	return fields
}

// usual reports whether JSON treats a message type in no special way.
func usual(d protoreflect.MessageDescriptor) bool {
	if d.RequiredNumbers().Len() > 0 || d.ExtensionRanges().Len() > 0 || d.Oneofs().Len() > 0 || d.ParentFile().Package() == "google.protobuf" {
		return false
	}
	for i := range d.Fields().Len() {
		switch f := d.Fields().Get(i); {
		case f.IsMap() && (f.MapKey().Kind() != protoreflect.StringKind || f.MapValue().Kind() != protoreflect.StringKind):
			return false
		case f.IsMap():
		case seal.Masks(f) && (f.Kind() != protoreflect.StringKind || f.IsList()):
			return false
		case f.Kind() == protoreflect.FloatKind, f.Kind() == protoreflect.DoubleKind, f.Kind() == protoreflect.BytesKind, f.Kind() == protoreflect.GroupKind:
			return false
		}
	}
	return true
}

// appendMessage fails on what only compactJSON knows how to write or to refuse.
func appendMessage(buf []byte, m protoreflect.Message) (_ []byte, ok bool) {
	fields := jsonFieldsOf(m.Descriptor())
	if fields == nil {
		return nil, false
	}
	buf = append(buf, '{')
	first := true
	for i := range fields {
		f := &fields[i]
		if !m.Has(f.FieldDescriptor) {
			continue
		}
		if !first {
			buf = append(buf, ',')
		}
		first = false
		buf = append(buf, f.label...)
		if buf, ok = appendField(buf, f, m.Get(f.FieldDescriptor)); !ok {
			return nil, false
		}
	}
	return append(buf, '}'), true
}

func appendField(buf []byte, f *jsonField, v protoreflect.Value) (_ []byte, ok bool) {
	switch {
	case f.IsMap():
		return appendMap(buf, f, v.Map())
	case f.IsList():
		buf = append(buf, '[')
		for i := range v.List().Len() {
			if i > 0 {
				buf = append(buf, ',')
			}
			if buf, ok = appendValue(buf, f, v.List().Get(i)); !ok {
				return nil, false
			}
		}
		return append(buf, ']'), true
	}
	return appendValue(buf, f, v)
}

func appendMap(buf []byte, f *jsonField, m protoreflect.Map) (_ []byte, ok bool) {
	keys := make([]string, 0, m.Len())
	m.Range(func(k protoreflect.MapKey, _ protoreflect.Value) bool {
		keys = append(keys, k.String())
		return true
	})
	slices.Sort(keys)
	buf = append(buf, '{')
	for i, key := range keys {
		if i > 0 {
			buf = append(buf, ',')
		}
		if buf, ok = appendText(buf, key); !ok {
			return nil, false
		}
		buf = append(buf, ':')
		value := seal.Masked
		if !f.secret {
			value = m.Get(protoreflect.ValueOfString(key).MapKey()).String()
		}
		if buf, ok = appendText(buf, value); !ok {
			return nil, false
		}
	}
	return append(buf, '}'), true
}

func appendValue(buf []byte, f *jsonField, v protoreflect.Value) ([]byte, bool) {
	switch f.Kind() {
	case protoreflect.MessageKind:
		return appendMessage(buf, v.Message())
	case protoreflect.StringKind:
		if f.secret {
			return appendText(buf, seal.Masked)
		}
		return appendText(buf, v.String())
	case protoreflect.BoolKind:
		return strconv.AppendBool(buf, v.Bool()), true
	case protoreflect.EnumKind:
		if known := f.Enum().Values().ByNumber(v.Enum()); known != nil {
			return appendText(buf, string(known.Name()))
		}
		return strconv.AppendInt(buf, int64(v.Enum()), 10), true
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return strconv.AppendInt(buf, v.Int(), 10), true
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return strconv.AppendUint(buf, v.Uint(), 10), true
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return append(strconv.AppendInt(append(buf, '"'), v.Int(), 10), '"'), true
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return append(strconv.AppendUint(append(buf, '"'), v.Uint(), 10), '"'), true
	default:
		return nil, false
	}
}

const hexDigits = "0123456789abcdef"

// appendText writes a string as protojson does: it escapes only what JSON demands.
func appendText(buf []byte, s string) ([]byte, bool) {
	if !utf8.ValidString(s) {
		return nil, false
	}
	buf = append(buf, '"')
	for {
		i := strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' })
		if i < 0 {
			return append(append(buf, s...), '"'), true
		}
		buf = append(append(buf, s[:i]...), '\\')
		switch c := s[i]; c {
		case '"', '\\':
			buf = append(buf, c)
		case '\b':
			buf = append(buf, 'b')
		case '\f':
			buf = append(buf, 'f')
		case '\n':
			buf = append(buf, 'n')
		case '\r':
			buf = append(buf, 'r')
		case '\t':
			buf = append(buf, 't')
		default:
			buf = append(buf, 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		s = s[i+1:]
	}
}
