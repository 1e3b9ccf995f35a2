package metakey

import "slices"

// TypeOf names the type in the catalogue that a key has, or "" if it has none.
func TypeOf(key []byte) string {
	decoded, err := Decode(key)
	if err != nil {
		return ""
	}
	fields := slices.DeleteFunc(decoded.Fields, func(f Field) bool { return f.Kind == KindVersionstamp })
	for _, l := range catalogue {
		if int8(l.space) == decoded.Space && l.components.match(fields) {
			return l.name
		}
	}
	return ""
}

func (p parts) match(fields []Field) bool {
	return slices.EqualFunc(p, fields, func(c component, f Field) bool {
		return c.kind == f.Kind && (c.param != "" || c.literal == f.Str)
	})
}
