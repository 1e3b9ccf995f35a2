// Package lenient reads the JSON that clients of the meta-service send into
// protobuf messages, as tolerantly as the existing service does and a little
// more, since its published samples are not all JSON:
//
//   - names in snake_case or lowerCamelCase, quoted with " or ', or bare;
//   - fields the schema does not know, skipped;
//   - trailing commas, and none between members where a line or an object ends;
//   - integers as strings or as floats without a fraction, booleans as strings,
//     enums by name, number or number in a string;
//   - a number, or a bare word, where a string is expected: its text is kept;
//   - a byte order mark at the start;
//   - null, which leaves a field as it is;
//   - a name given twice: the last scalar counts, lists add up, messages merge.
//
// An enum name or number the schema does not know is an error, since leaving it
// out would turn one status or filter into another.
package lenient

import (
	"bytes"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"roster/core"
)

// MaxDepth is how deep objects and arrays may nest.
const MaxDepth = 100

// Unmarshal reads one JSON object into m, on top of what m holds. The error is
// an *Error; m is then in no particular state.
func Unmarshal(data []byte, m proto.Message) error {
	// Some editors begin a file with a byte order mark.
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	d := decoder{scanner: scanner{data: data}}
	if at := invalidUTF8(data); at >= 0 {
		return d.syntax(at, "Encountered non UTF-8 code points.")
	}
	return d.document(m.ProtoReflect())
}

// invalidUTF8 is the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	at := 0
	for {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size <= 1 {
			return at
		}
		at += size
	}
}

type decoder struct {
	scanner
	path  path
	depth int
}

func (d *decoder) document(m protoreflect.Message) error {
	d.space()
	if d.pos == len(d.data) {
		return &Error{What: "Unexpected end of string. Expected a value."}
	}
	if d.peek() != '{' {
		return d.syntax(d.pos, "Root element must be a message.")
	}
	if err := d.message(m); err != nil {
		return err
	}
	if d.space(); d.pos < len(d.data) {
		return d.syntax(d.pos, "Parsing terminated before end of input.")
	}
	return nil
}

func (d *decoder) message(m protoreflect.Message) error {
	fields := m.Descriptor().Fields()
	start := d.pos
	err := d.members(func(name string) error {
		fd := fields.ByName(protoreflect.Name(name))
		if fd == nil {
			fd = fields.ByJSONName(name)
		}
		if fd == nil {
			return d.skip()
		}
		d.path.push(step{name: string(fd.Name())})
		defer d.path.pop()
		return d.field(m, fd)
	})
	if err != nil {
		return err
	}
	return d.required(m, start)
}

// required refuses a message that could not be stored for want of a field.
func (d *decoder) required(m protoreflect.Message, at int) error {
	numbers := m.Descriptor().RequiredNumbers()
	for i := range numbers.Len() {
		if fd := m.Descriptor().Fields().ByNumber(numbers.Get(i)); !m.Has(fd) {
			d.path.push(step{name: string(fd.Name())})
			return d.mismatch(at, "is required but not given")
		}
	}
	return nil
}

func (d *decoder) field(m protoreflect.Message, fd protoreflect.FieldDescriptor) error {
	if d.word("null") {
		return nil
	}
	switch {
	case fd.IsMap():
		entries := m.Mutable(fd).Map()
		return d.object(func(key string) error {
			d.path.push(step{name: excerpt(key)})
			defer d.path.pop()
			if d.word("null") {
				return nil
			}
			v, err := d.element(fd.MapValue(), entries.NewValue)
			if err == nil {
				entries.Set(protoreflect.ValueOfString(key).MapKey(), v)
			}
			return err
		})
	case fd.IsList():
		return d.list(m, fd)
	case fd.Message() != nil:
		if d.peek() != '{' {
			return d.mismatch(d.pos, "must be an object")
		}
		return d.message(m.Mutable(fd).Message())
	default:
		v, err := d.scalar(fd)
		if err == nil {
			m.Set(fd, v)
		}
		return err
	}
}

// list appends an array. An empty one leaves a slice that is not nil: replacing a
// list by none differs from not naming it.
func (d *decoder) list(m protoreflect.Message, fd protoreflect.FieldDescriptor) error {
	list := m.Mutable(fd).List()
	if list.Len() == 0 {
		list.Append(list.NewElement())
		list.Truncate(0)
	}
	had := list.Len()
	if fd.Kind() == protoreflect.StringKind {
		return d.texts(m, fd, had)
	}
	return d.entries(had, func() error {
		v, err := d.element(fd, list.NewElement)
		if err == nil {
			list.Append(v)
		}
		return err
	})
}

// texts appends strings by way of the wire format: a list of them takes each one alone
// by reflection, several times slower.
func (d *decoder) texts(m protoreflect.Message, fd protoreflect.FieldDescriptor, had int) error {
	var wire []byte
	err := d.entries(had, func() error {
		v, err := d.scalar(fd)
		if err == nil {
			wire = protowire.AppendString(protowire.AppendTag(wire, fd.Number(), protowire.BytesType), v.String())
		}
		return err
	})
	if err != nil {
		return err
	}
	return proto.UnmarshalOptions{Merge: true, AllowPartial: true}.Unmarshal(wire, m.Interface())
}

// entries reads an array into a list that has some entries already.
func (d *decoder) entries(had int, entry func() error) error {
	return d.array(func(i int) error {
		if had+i >= core.MaxListed {
			return d.mismatch(d.pos, "has more than %d entries, the limit of one call: split it", core.MaxListed)
		}
		d.path.push(step{index: i})
		defer d.path.pop()
		return entry()
	})
}

// element reads one element of a list or value of a map.
func (d *decoder) element(fd protoreflect.FieldDescriptor, empty func() protoreflect.Value) (protoreflect.Value, error) {
	if fd.Message() == nil {
		return d.scalar(fd)
	}
	v := empty()
	if d.peek() != '{' {
		return v, d.mismatch(d.pos, "must be an object")
	}
	return v, d.message(v.Message())
}

func (d *decoder) object(member func(name string) error) error {
	if d.peek() != '{' {
		return d.mismatch(d.pos, "must be an object")
	}
	return d.members(member)
}

func (d *decoder) array(element func(i int) error) error {
	if d.peek() != '[' {
		return d.mismatch(d.pos, "must be an array")
	}
	return d.elements(element)
}

// skip passes over a value of a field the schema does not know.
func (d *decoder) skip() error {
	switch d.peek() {
	case '{':
		return d.members(func(string) error { return d.skip() })
	case '[':
		return d.elements(func(int) error { return d.skip() })
	default:
		_, err := d.literal()
		return err
	}
}
