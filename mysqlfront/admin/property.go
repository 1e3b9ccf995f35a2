package admin

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// assign sets fields of a message by properties. A path is the names of the
// schema with dots between: obj_info.bucket, properties.key. A message, a map or
// a list is given as JSON, or through the paths below it; NULL unsets.
func (x *execution) assign(m proto.Message, given *properties) error {
	if given == nil {
		return nil
	}
	for i := range given.List {
		p := &given.List[i]
		path, err := x.name(&p.Path)
		if err != nil {
			return err
		}
		target, field, rest, err := locate(m.ProtoReflect(), path)
		if err != nil {
			return err
		}
		var l literal
		switch {
		case p.Value.Store == "":
			l, err = x.literal(&p.Value)
		case !isSecret(field):
			err = invalid("property %q is no secret, SECRET FROM may not stand for it", clip(path))
		default:
			l.text, err = x.secret(&p.Value)
		}
		if err != nil {
			return err
		}
		if err := setField(target, field, rest, l, path); err != nil {
			return err
		}
	}
	return nil
}

// pathAliases are short spellings of the beginning of a path.
var pathAliases = map[string]string{"obj": "obj_info"}

// locate walks a path to the message and field to set; rest is a key below a map.
func locate(m protoreflect.Message, path string) (protoreflect.Message, protoreflect.FieldDescriptor, string, error) {
	rest := path
	for {
		head, tail, more := strings.Cut(rest, ".")
		head = strings.ToLower(head)
		fields := m.Descriptor().Fields()
		field := fields.ByName(protoreflect.Name(head))
		if alias := pathAliases[head]; field == nil && alias != "" {
			field = fields.ByName(protoreflect.Name(alias))
		}
		switch {
		case field == nil:
			return nil, nil, "", invalid("property %q is unknown, want one of %s", clip(path), fieldNames(m.Descriptor()))
		case !more:
			return m, field, "", nil
		case field.IsMap(), isPairs(field):
			return m, field, tail, nil
		case field.Message() == nil:
			return nil, nil, "", invalid("property %q is unknown: nothing is below %s", clip(path), head)
		case field.IsList():
			list := m.Mutable(field).List()
			if list.Len() == 0 {
				list.AppendMutable()
			}
			m = list.Get(list.Len() - 1).Message()
		default:
			m = m.Mutable(field).Message()
		}
		rest = tail
	}
}

func fieldNames(d protoreflect.MessageDescriptor) string {
	var names []string
	for i := range d.Fields().Len() {
		names = append(names, string(d.Fields().Get(i).Name()))
	}
	return strings.Join(names, ", ")
}

// isPairs reports whether a field is a list of keys and values.
func isPairs(f protoreflect.FieldDescriptor) bool {
	return f.IsList() && f.Message() != nil && f.Message().Fields().Len() == 2 &&
		f.Message().Fields().ByName("key") != nil && f.Message().Fields().ByName("value") != nil
}

// isSecret reports whether a field's value must not be shown.
func isSecret(f protoreflect.FieldDescriptor) bool {
	if isPairs(f) {
		f = f.Message().Fields().ByName("value")
	}
	options, _ := f.Options().(*descriptorpb.FieldOptions)
	return options.GetDebugRedact()
}

func setField(m protoreflect.Message, f protoreflect.FieldDescriptor, key string, l literal, path string) error {
	switch {
	case l.null:
		m.Clear(f)
	case key != "" && f.IsMap():
		m.Mutable(f).Map().Set(protoreflect.ValueOfString(key).MapKey(), protoreflect.ValueOfString(l.text))
	case key != "":
		pair := m.Mutable(f).List().AppendMutable().Message()
		pair.Set(f.Message().Fields().ByName("key"), protoreflect.ValueOfString(key))
		pair.Set(f.Message().Fields().ByName("value"), protoreflect.ValueOfString(l.text))
	case f.IsList() && f.Kind() == protoreflect.StringKind && !strings.HasPrefix(l.text, "["):
		m.Mutable(f).List().Append(protoreflect.ValueOfString(l.text))
	case f.IsList(), f.IsMap(), f.Message() != nil:
		return setJSON(m, f, l.text, path)
	default:
		v, err := scalar(f, l.text, path)
		if err != nil {
			return err
		}
		m.Set(f, v)
	}
	return nil
}

// setJSON replaces a field by JSON. What the parser says of a fault may hold a
// secret, so the error only names the property.
func setJSON(m protoreflect.Message, f protoreflect.FieldDescriptor, text, path string) error {
	fresh := m.New()
	whole := []byte(`{"` + string(f.Name()) + `":` + text + "}")
	// A text that is no JSON by itself could close the brace and set other fields.
	if !json.Valid([]byte(text)) || protojson.Unmarshal(whole, fresh.Interface()) != nil {
		return invalid("property %q is not the JSON it must be: a %s", clip(path), kindName(f))
	}
	m.Clear(f)
	if fresh.Has(f) {
		m.Set(f, fresh.Get(f))
	}
	return nil
}

func kindName(f protoreflect.FieldDescriptor) string {
	name := f.Kind().String()
	if f.Message() != nil {
		name = string(f.Message().Name())
	}
	if f.IsList() {
		return "list of " + name
	}
	return name
}

func scalar(f protoreflect.FieldDescriptor, text, path string) (protoreflect.Value, error) {
	shown := clip(text)
	if isSecret(f) {
		shown = "******"
	}
	switch f.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(text), nil
	case protoreflect.BoolKind:
		word, err := oneOf("property "+path, text, "true", "false", "1", "0")
		return protoreflect.ValueOfBool(word == "true" || word == "1"), err
	case protoreflect.EnumKind:
		n, err := enumNumber(path, f.Enum(), text)
		return protoreflect.ValueOfEnum(n), err
	case protoreflect.Int32Kind:
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return protoreflect.Value{}, invalid("property %q is %q, want a whole number of 32 bits", clip(path), shown)
		}
		return protoreflect.ValueOfInt32(int32(n)), nil
	case protoreflect.Int64Kind:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return protoreflect.Value{}, invalid("property %q is %q, want a whole number of 64 bits", clip(path), shown)
		}
		return protoreflect.ValueOfInt64(n), nil
	}
	return protoreflect.Value{}, invalid("property %q cannot be set", clip(path))
}

// enumNumber reads the name of an enum's value, whatever its case.
func enumNumber(field string, d protoreflect.EnumDescriptor, given string) (protoreflect.EnumNumber, error) {
	var names []string
	for i := range d.Values().Len() {
		v := d.Values().Get(i)
		if strings.EqualFold(string(v.Name()), given) || strconv.Itoa(int(v.Number())) == given {
			return v.Number(), nil
		}
		names = append(names, string(v.Name()))
	}
	return 0, wrongValue(field, given, strings.Join(names, ", "))
}

// pair is a property as SHOW CREATE prints it.
type pair struct{ path, value string }

// redactedText is what SHOW CREATE prints for a secret.
const redactedText = "<redacted>"

// describe is assign backwards: the properties that make m, but for fields named
// in skip, which the server sets itself.
func describe(m protoreflect.Message, under string, skip ...string) (pairs []pair) {
	for i := range m.Descriptor().Fields().Len() {
		f := m.Descriptor().Fields().Get(i)
		path := under + string(f.Name())
		if !m.Has(f) || slices.Contains(skip, string(f.Name())) {
			continue
		}
		switch {
		case f.IsMap():
			m.Get(f).Map().Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
				pairs = append(pairs, pair{path + "." + k.String(), v.String()})
				return true
			})
		case isPairs(f):
			for n := range m.Get(f).List().Len() {
				p := m.Get(f).List().Get(n).Message()
				pairs = append(pairs, pair{path + "." + p.Get(p.Descriptor().Fields().ByName("key")).String(), redactedText})
			}
		case f.IsList():
			only := m.New()
			only.Set(f, m.Get(f))
			text := jsonOf(only.Interface())
			pairs = append(pairs, pair{path, text[strings.Index(text, ":")+1 : len(text)-1]})
		case f.Message() != nil:
			below := describe(m.Get(f).Message(), path+".", skip...)
			if below == nil {
				below = []pair{{path, "{}"}}
			}
			pairs = append(pairs, below...)
		case isSecret(f):
			pairs = append(pairs, pair{path, redactedText})
		case f.Kind() == protoreflect.EnumKind:
			pairs = append(pairs, pair{path, enumName(f.Enum(), m.Get(f).Enum())})
		default:
			pairs = append(pairs, pair{path, m.Get(f).String()})
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return strings.Compare(a.path, b.path) })
	return pairs
}

func enumName(d protoreflect.EnumDescriptor, n protoreflect.EnumNumber) string {
	if v := d.Values().ByNumber(n); v != nil {
		return string(v.Name())
	}
	return strconv.Itoa(int(n))
}
