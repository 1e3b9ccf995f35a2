// Package pbjson writes messages as JSON with the names of their schema: what
// protobuf's own writer writes for messages that may lack required fields, but for
// its blanks, which vary on purpose. It takes a tenth of the time, as a table made
// once says where in the generated struct of a message its fields are.
package pbjson

import (
	"encoding/base64"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"roster/core/seal"
)

// lineRoom is enough for most requests.
const lineRoom = 512

// Line is a message on one line, without any blanks.
func Line(m proto.Message) (string, error) {
	return (&writer{buf: make([]byte, 0, lineRoom)}).line(m)
}

// Redacted is Line of seal.Redacted(m).
func Redacted(m proto.Message) (string, error) {
	return (&writer{buf: make([]byte, 0, lineRoom), redacts: true}).line(m)
}

// AppendIndented appends a message with each field and element on a line of its own,
// indented by four blanks more than what it is in, which is at level.
func AppendIndented(buf []byte, m proto.Message, level int) ([]byte, error) {
	w := &writer{buf: buf, indents: true, level: level}
	err := w.top(m)
	return w.buf, err
}

type writer struct {
	buf              []byte
	indents, redacts bool
	level            int
	// err is the first fault. What is written after it does not matter.
	err error
}

func (w *writer) line(m proto.Message) (string, error) {
	if err := w.top(m); err != nil {
		return "", err
	}
	return string(w.buf), nil
}

func (w *writer) top(m proto.Message) error {
	if m == nil {
		w.buf = append(w.buf, "{}"...)
		return nil
	}
	t, err := tableOf(m)
	if err != nil {
		return err
	}
	w.message(t, reflect.ValueOf(m))
	return w.err
}

// message writes the message that v points to; nil is an empty one.
func (w *writer) message(t *table, v reflect.Value) {
	w.open('{')
	empty := true
	var fields []field
	if !v.IsNil() {
		fields, v = t.fields, v.Elem()
	}
	for i := range fields {
		f := &fields[i]
		value := v.Field(f.index)
		if !f.has(value) || w.redacts && f.secret && !f.maskable() {
			continue
		}
		w.next(&empty)
		label := f.label
		if !w.indents {
			label = label[:len(label)-1]
		}
		w.buf = append(w.buf, label...)
		w.field(f, value)
	}
	w.shut('}', empty)
}

func (w *writer) field(f *field, v reflect.Value) {
	switch f.shape {
	case single:
		if f.kind != protoreflect.MessageKind && f.kind != protoreflect.BytesKind {
			v = v.Elem()
		}
		w.value(f, v)
	case list:
		w.open('[')
		empty := true
		for i := range v.Len() {
			w.next(&empty)
			w.value(f, v.Index(i))
		}
		w.shut(']', empty)
	case entries:
		w.entries(f, v.Interface().(map[string]string))
	}
}

// entries writes a map, which is in no order, in that of its keys.
func (w *writer) entries(f *field, all map[string]string) {
	w.open('{')
	empty := true
	for _, key := range slices.Sorted(maps.Keys(all)) {
		w.next(&empty)
		w.text(f, key)
		w.buf = append(w.buf, ':')
		if w.indents {
			w.buf = append(w.buf, ' ')
		}
		w.secret(f, all[key])
	}
	w.shut('}', empty)
}

func (w *writer) value(f *field, v reflect.Value) {
	switch f.kind {
	case protoreflect.MessageKind:
		w.message(f.message, v)
	case protoreflect.StringKind:
		w.secret(f, v.String())
	case protoreflect.BytesKind:
		w.buf = append(base64.StdEncoding.AppendEncode(append(w.buf, '"'), v.Bytes()), '"')
	case protoreflect.BoolKind:
		w.buf = strconv.AppendBool(w.buf, v.Bool())
	case protoreflect.EnumKind:
		w.enum(f, v.Int())
	case protoreflect.Int32Kind:
		w.buf = strconv.AppendInt(w.buf, v.Int(), 10)
	// What has 64 bits is a text, since not every reader of JSON has such numbers.
	case protoreflect.Int64Kind:
		w.buf = append(strconv.AppendInt(append(w.buf, '"'), v.Int(), 10), '"')
	case protoreflect.Uint64Kind:
		w.buf = append(strconv.AppendUint(append(w.buf, '"'), v.Uint(), 10), '"')
	}
}

// enum writes a name, or a number that has none.
func (w *writer) enum(f *field, number int64) {
	if known := f.names.ByNumber(protoreflect.EnumNumber(number)); known != nil {
		w.text(f, string(known.Name()))
		return
	}
	w.buf = strconv.AppendInt(w.buf, number, 10)
}

// secret writes a text that may have to be hidden.
func (w *writer) secret(f *field, s string) {
	if w.redacts && f.secret {
		s = seal.Masked
	}
	w.text(f, s)
}

func (w *writer) text(f *field, s string) {
	var ok bool
	if w.buf, ok = appendText(w.buf, s); !ok && w.err == nil {
		w.err = fmt.Errorf("field %s has a text that is not UTF-8", f.name)
	}
}

func (w *writer) open(bracket byte) {
	w.buf = append(w.buf, bracket)
	w.level++
}

// next begins an element or field.
func (w *writer) next(empty *bool) {
	if !*empty {
		w.buf = append(w.buf, ',')
	}
	*empty = false
	w.newline()
}

func (w *writer) shut(bracket byte, empty bool) {
	w.level--
	if !empty {
		w.newline()
	}
	w.buf = append(w.buf, bracket)
}

func (w *writer) newline() {
	if !w.indents {
		return
	}
	w.buf = append(w.buf, '\n')
	for range w.level {
		w.buf = append(w.buf, "    "...)
	}
}
