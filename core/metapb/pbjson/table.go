package pbjson

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"roster/core/seal"
)

// table is how a message type is written.
type table struct {
	fields []field // in the order of the schema
}

type field struct {
	name protoreflect.FullName
	// label is the name in quotes, the colon and a blank.
	label string
	// index is the field's in the generated struct.
	index  int
	shape  shape
	kind   protoreflect.Kind
	secret bool
	// message is of a field of messages, names of one of an enum.
	message *table
	names   protoreflect.EnumValueDescriptors
}

type shape int

const (
	single  shape = iota // a pointer, or the slice that is one of bytes
	list                 // a slice
	entries              // a map from text to text
)

// has reports whether a field is set.
func (f *field) has(v reflect.Value) bool {
	if f.shape == single {
		return !v.IsNil()
	}
	return v.Len() > 0
}

// maskable reports whether a secret is shown as a mask. Others are left out.
func (f *field) maskable() bool { return f.kind == protoreflect.StringKind }

// tables are those of the types that were written, by the type of the struct.
var tables sync.Map

func tableOf(m proto.Message) (*table, error) {
	goType := reflect.TypeOf(m)
	if known, ok := tables.Load(goType); ok {
		return known.(*table), nil
	}
	t, err := newTable(m.ProtoReflect().Descriptor(), goType, map[protoreflect.FullName]*table{})
	if err != nil {
		return nil, err
	}
	tables.Store(goType, t)
	return t, nil
}

// newTable is the table of a message type that goType points to. made are the tables
// made on the way: a type may be within itself.
func newTable(d protoreflect.MessageDescriptor, goType reflect.Type, made map[protoreflect.FullName]*table) (*table, error) {
	if t := made[d.FullName()]; t != nil {
		return t, nil
	}
	if d.ExtensionRanges().Len() > 0 || d.ParentFile().Package() == "google.protobuf" ||
		goType.Kind() != reflect.Pointer || goType.Elem().Kind() != reflect.Struct {
		return nil, unknown(d, goType)
	}
	t := &table{fields: make([]field, d.Fields().Len())}
	made[d.FullName()] = t
	places := structFields(goType.Elem())
	for i := range t.fields {
		fd := d.Fields().Get(i)
		place, ok := places[fd.Name()]
		if !ok {
			return nil, unknown(fd, goType)
		}
		var err error
		if t.fields[i], err = newField(fd, place, made); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// structFields are the fields of a generated struct by their names in the schema.
func structFields(generated reflect.Type) map[protoreflect.Name]reflect.StructField {
	places := map[protoreflect.Name]reflect.StructField{}
	for place := range generated.Fields() {
		name, _, _ := strings.Cut(place.Tag.Get("json"), ",")
		places[protoreflect.Name(name)] = place
	}
	return places
}

func newField(fd protoreflect.FieldDescriptor, place reflect.StructField, made map[protoreflect.FullName]*table) (f field, err error) {
	f = field{
		name: fd.FullName(), label: strconv.Quote(string(fd.Name())) + ": ", index: place.Index[0],
		kind: fd.Kind(), secret: seal.Masks(fd),
	}
	element := place.Type
	switch {
	case place.Type == reflect.TypeFor[map[string]string]():
		f.shape, f.kind = entries, protoreflect.StringKind
		return f, nil
	case fd.IsList():
		f.shape, element = list, place.Type.Elem()
	case fd.IsMap(), !fd.HasPresence(), fd.ContainingOneof() != nil:
		return f, unknown(fd, place.Type)
	}
	switch f.kind {
	case protoreflect.MessageKind:
		f.message, err = newTable(fd.Message(), element, made)
	case protoreflect.EnumKind:
		f.names = fd.Enum().Values()
	case protoreflect.StringKind, protoreflect.BytesKind, protoreflect.BoolKind,
		protoreflect.Int32Kind, protoreflect.Int64Kind, protoreflect.Uint64Kind:
	default:
		err = unknown(fd, place.Type)
	}
	return f, err
}

// unknown is about what no message of our schema is or has.
func unknown(d protoreflect.Descriptor, goType reflect.Type) error {
	return fmt.Errorf("package pbjson has to be taught how JSON shows %s, in Go a %s", d.FullName(), goType)
}
