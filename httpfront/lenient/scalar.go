package lenient

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"roster/core/seal"
)

// scalar reads a value of the field's type. The types are those the requests of
// the meta-service have.
func (d *decoder) scalar(fd protoreflect.FieldDescriptor) (protoreflect.Value, error) {
	if c := d.peek(); c == '{' || c == '[' {
		return protoreflect.Value{}, d.mismatch(d.pos, "must be a single value of type %s", typeName(fd))
	}
	l, err := d.literal()
	if err != nil {
		return protoreflect.Value{}, err
	}
	v, rule := convert(fd, l)
	if rule != "" {
		return v, d.mismatch(l.at, "invalid value %s for type %s: %s", shown(fd, l), typeName(fd), rule)
	}
	return v, nil
}

// convert makes a value of the field's type, or says which rule the literal breaks.
func convert(fd protoreflect.FieldDescriptor, l literal) (v protoreflect.Value, rule string) {
	switch fd.Kind() {
	case protoreflect.StringKind:
		if l.kind == boolean || l.kind == null {
			return v, "it takes a string"
		}
		return protoreflect.ValueOfString(l.text), ""
	case protoreflect.BoolKind:
		b, ok := toBool(l)
		if !ok {
			return v, "it takes true or false"
		}
		return protoreflect.ValueOfBool(b), ""
	case protoreflect.Int32Kind:
		n, ok := toInt(l, 32)
		if !ok {
			return v, fmt.Sprintf("it takes an integer from %d to %d", math.MinInt32, math.MaxInt32)
		}
		return protoreflect.ValueOfInt32(int32(n)), ""
	case protoreflect.Int64Kind:
		n, ok := toInt(l, 64)
		if !ok {
			return v, fmt.Sprintf("it takes an integer from %d to %d", math.MinInt64, math.MaxInt64)
		}
		return protoreflect.ValueOfInt64(n), ""
	case protoreflect.EnumKind:
		n, ok := toEnum(fd.Enum(), l)
		if !ok {
			return v, "it takes one of " + allowed(fd.Enum())
		}
		return protoreflect.ValueOfEnum(n), ""
	default:
		return v, "no request has a field of this type"
	}
}

func toBool(l literal) (b, ok bool) {
	if l.kind != boolean && l.kind != text {
		return false, false
	}
	switch l.text {
	case "true", "1":
		return true, true
	case "false", "0":
		return false, true
	}
	return false, false
}

// maxExact is the largest float up to which every integer is a float of its own.
const maxExact = 1 << 53

// toInt takes digits, or a float without a fraction, as a number or in a string.
func toInt(l literal, bits int) (int64, bool) {
	if l.kind != number && l.kind != text || strings.HasPrefix(l.text, "+") {
		return 0, false
	}
	if n, err := strconv.ParseInt(l.text, 10, bits); err == nil {
		return n, true
	}
	if !isNumber(l.text) || !strings.ContainsAny(l.text, ".eE") {
		return 0, false
	}
	f, err := strconv.ParseFloat(l.text, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > maxExact {
		return 0, false
	}
	n := int64(f)
	if bits == 32 && n != int64(int32(n)) {
		return 0, false
	}
	return n, true
}

// shown is a literal for an error.
func shown(fd protoreflect.FieldDescriptor, l literal) string {
	options, _ := fd.Options().(*descriptorpb.FieldOptions)
	switch {
	case options.GetDebugRedact():
		return seal.Masked
	case l.kind == text:
		return excerpt(l.text)
	default:
		return l.text[:min(len(l.text), maxExcerpt)]
	}
}

func typeName(fd protoreflect.FieldDescriptor) string {
	return "TYPE_" + strings.ToUpper(fd.Kind().String())
}
