package lenient

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	pb "roster/core/metapb"
)

// alias is a second name of an enum value, taken but never given.
type alias struct {
	enum   protoreflect.FullName
	name   string
	number protoreflect.EnumNumber
}

// aliases holds what the published reference calls a value by another name.
var aliases = []alias{
	{pb.ClusterStatus_SUSPENDED.Descriptor().FullName(), "STOPPED", pb.ClusterStatus_SUSPENDED.Number()},
}

func toEnum(ed protoreflect.EnumDescriptor, l literal) (protoreflect.EnumNumber, bool) {
	if l.kind == text {
		if v := ed.Values().ByName(protoreflect.Name(l.text)); v != nil {
			return v.Number(), true
		}
		i := slices.IndexFunc(aliases, func(a alias) bool { return a.enum == ed.FullName() && a.name == l.text })
		if i >= 0 {
			return aliases[i].number, true
		}
	}
	n, ok := toInt(l, 32)
	number := protoreflect.EnumNumber(n)
	return number, ok && ed.Values().ByNumber(number) != nil
}

// allowed lists the names of an enum for an error.
func allowed(ed protoreflect.EnumDescriptor) string {
	var names []string
	for i := range ed.Values().Len() {
		name := string(ed.Values().Get(i).Name())
		for _, a := range aliases {
			if a.enum == ed.FullName() && a.number == ed.Values().Get(i).Number() {
				name = fmt.Sprintf("%s (or %s)", name, a.name)
			}
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}
