// Package pbtext writes messages in protobuf's text format with the bytes the
// existing meta-service writes: fields by number, unset ones left out, secrets
// masked. The library's own writer varies its blanks on purpose.
package pbtext

import (
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"roster/core/seal"
)

// Multi writes one field a line, nested ones indented by two blanks.
func Multi(m proto.Message) string {
	w := writer{}
	w.message(m.ProtoReflect())
	return w.String()
}

// Line writes all fields on one line, with a blank between them.
func Line(m proto.Message) string {
	w := writer{single: true}
	w.message(m.ProtoReflect())
	return strings.TrimSuffix(w.String(), " ")
}

type writer struct {
	strings.Builder
	single bool
	level  int
}

func (w *writer) message(m protoreflect.Message) {
	if !m.IsValid() {
		return
	}
	var set []protoreflect.FieldDescriptor
	for i := range m.Descriptor().Fields().Len() {
		if fd := m.Descriptor().Fields().Get(i); m.Has(fd) {
			set = append(set, fd)
		}
	}
	slices.SortFunc(set, func(a, b protoreflect.FieldDescriptor) int { return int(a.Number() - b.Number()) })
	for _, fd := range set {
		switch v := m.Get(fd); {
		case fd.IsMap():
			w.entries(fd, v.Map())
		case fd.IsList():
			for i := range v.List().Len() {
				w.field(fd, v.List().Get(i))
			}
		default:
			w.field(fd, v)
		}
	}
}

// entries writes a map as the list of messages it is on the wire, by key.
func (w *writer) entries(fd protoreflect.FieldDescriptor, m protoreflect.Map) {
	var keys []protoreflect.MapKey
	m.Range(func(k protoreflect.MapKey, _ protoreflect.Value) bool {
		keys = append(keys, k)
		return true
	})
	slices.SortFunc(keys, func(a, b protoreflect.MapKey) int { return strings.Compare(a.String(), b.String()) })
	for _, k := range keys {
		w.nested(string(fd.Name()), func() {
			w.field(fd.MapKey(), k.Value())
			w.field(fd.MapValue(), m.Get(k))
		})
	}
}

func (w *writer) field(fd protoreflect.FieldDescriptor, v protoreflect.Value) {
	if fd.Message() != nil {
		w.nested(string(fd.Name()), func() { w.message(v.Message()) })
		return
	}
	w.indent()
	w.WriteString(string(fd.Name()) + ": " + scalar(fd, v))
	w.stop()
}

func (w *writer) nested(name string, body func()) {
	w.indent()
	w.WriteString(name + " {")
	w.stop()
	w.level++
	body()
	w.level--
	w.indent()
	w.WriteByte('}')
	w.stop()
}

func (w *writer) indent() {
	if !w.single {
		w.WriteString(strings.Repeat("  ", w.level))
	}
}

func (w *writer) stop() {
	if w.single {
		w.WriteByte(' ')
		return
	}
	w.WriteByte('\n')
}

func scalar(fd protoreflect.FieldDescriptor, v protoreflect.Value) string {
	if options, _ := fd.Options().(*descriptorpb.FieldOptions); options.GetDebugRedact() {
		return `"` + seal.Masked + `"`
	}
	switch fd.Kind() {
	case protoreflect.StringKind:
		return quote(v.String())
	case protoreflect.BytesKind:
		return quote(string(v.Bytes()))
	case protoreflect.EnumKind:
		if name := fd.Enum().Values().ByNumber(v.Enum()); name != nil {
			return string(name.Name())
		}
		return strconv.Itoa(int(v.Enum()))
	default:
		return v.String()
	}
}

// quote escapes as C does; a byte that is no printable ASCII is three octal digits.
func quote(s string) string {
	b := make([]byte, 0, len(s)+2)
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\t':
			b = append(b, `\t`...)
		case c == '"', c == '\'', c == '\\':
			b = append(b, '\\', c)
		case c < ' ' || c > '~':
			b = append(b, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
		default:
			b = append(b, c)
		}
	}
	return string(append(b, '"'))
}
