package tables

import (
	"bytes"
	"cmp"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

var jsonFunctions = map[string]scalar{
	"m_json": func(_ *run, a []driver.Value) (driver.Value, error) {
		v, err := parseJSON(asText(a[0]))
		if err != nil {
			return nil, err
		}
		return bounded(formatJSON(v))
	},
	"m_json_extract": func(_ *run, a []driver.Value) (driver.Value, error) {
		doc, err := parseJSON(asText(a[0]))
		if err != nil {
			return nil, err
		}
		var found []any
		for _, path := range a[1:] {
			v, ok, err := walk(doc, asText(path))
			if err != nil {
				return nil, err
			}
			if ok {
				found = append(found, v)
			}
		}
		switch {
		case found == nil:
			return nil, nil
		case len(a) == 2:
			return formatJSON(found[0]), nil
		}
		return formatJSON(found), nil
	},
	"m_json_value": func(_ *run, a []driver.Value) (driver.Value, error) {
		v, ok, err := jsonAt(a)
		if err != nil || !ok || v == nil {
			return nil, err
		}
		if s, isText := v.(string); isText {
			return s, nil
		}
		return formatJSON(v), nil
	},
	"m_json_depth": func(_ *run, a []driver.Value) (driver.Value, error) {
		v, err := parseJSON(asText(a[0]))
		return depthJSON(v), err
	},
	"m_json_contains_path": func(_ *run, a []driver.Value) (driver.Value, error) {
		doc, err := parseJSON(asText(a[0]))
		if err != nil {
			return nil, err
		}
		all := strings.EqualFold(asText(a[1]), "all")
		if !all && !strings.EqualFold(asText(a[1]), "one") {
			return nil, fail(3154, "42000", "The oneOrAll argument to json_contains_path may take these values: 'one' or 'all'")
		}
		for _, path := range a[2:] {
			if _, ok, err := walk(doc, asText(path)); err != nil || ok != all {
				return ok, err
			}
		}
		return all, nil
	},
	"m_json_unquote": func(_ *run, a []driver.Value) (driver.Value, error) {
		text := asText(a[0])
		var s string
		if strings.HasPrefix(text, `"`) && json.Unmarshal([]byte(text), &s) == nil {
			return s, nil
		}
		return text, nil
	},
	"m_json_length": func(_ *run, a []driver.Value) (driver.Value, error) {
		v, ok, err := jsonAt(a)
		if err != nil || !ok {
			return nil, err
		}
		switch v := v.(type) {
		case []any:
			return int64(len(v)), nil
		case map[string]any:
			return int64(len(v)), nil
		}
		return int64(1), nil
	},
	"m_json_keys": func(_ *run, a []driver.Value) (driver.Value, error) {
		v, ok, err := jsonAt(a)
		object, isObject := v.(map[string]any)
		if err != nil || !ok || !isObject {
			return nil, err
		}
		keys := make([]any, 0, len(object))
		for _, k := range jsonKeys(object) {
			keys = append(keys, k)
		}
		return formatJSON(keys), nil
	},
	"m_json_type": func(_ *run, a []driver.Value) (driver.Value, error) {
		v, _, err := jsonAt(a)
		if err != nil {
			return nil, err
		}
		switch v := v.(type) {
		case nil:
			return "NULL", nil
		case bool:
			return "BOOLEAN", nil
		case string:
			return "STRING", nil
		case []any:
			return "ARRAY", nil
		case map[string]any:
			return "OBJECT", nil
		case json.Number:
			if _, err := v.Int64(); err == nil {
				return "INTEGER", nil
			}
		}
		return "DOUBLE", nil
	},
	"m_json_contains": func(r *run, a []driver.Value) (driver.Value, error) {
		v, ok, err := jsonAt(append(a[:1:1], a[2:]...))
		if err != nil || !ok {
			return nil, err
		}
		want, err := parseJSON(asText(a[1]))
		if err != nil {
			return nil, err
		}
		return r.contains(v, want)
	},
}

// jsonKeys are the names of an object in MySQL's order: short ones first.
func jsonKeys(object map[string]any) []string {
	return slices.SortedFunc(maps.Keys(object), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	})
}

// formatJSON writes a value as MySQL does, with a blank after each comma and colon.
func formatJSON(v any) string {
	var b strings.Builder
	writeJSON(&b, v)
	return b.String()
}

func writeJSON(b *strings.Builder, v any) {
	switch v := v.(type) {
	case []any:
		b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			writeJSON(b, item)
		}
		b.WriteByte(']')
	case map[string]any:
		b.WriteByte('{')
		for i, k := range jsonKeys(v) {
			if i > 0 {
				b.WriteString(", ")
			}
			writeJSON(b, k)
			b.WriteString(": ")
			writeJSON(b, v[k])
		}
		b.WriteByte('}')
	case string:
		var text bytes.Buffer
		e := json.NewEncoder(&text)
		e.SetEscapeHTML(false)
		// A text always has a form in JSON, and a buffer takes it.
		_ = e.Encode(v)
		b.Write(bytes.TrimSuffix(text.Bytes(), []byte("\n")))
	case nil:
		b.WriteString("null")
	default:
		fmt.Fprint(b, v)
	}
}

// depthJSON is how deep a value nests, 1 for what holds no other.
func depthJSON(v any) int64 {
	deepest := int64(0)
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			deepest = max(deepest, depthJSON(item))
		}
	case map[string]any:
		for _, item := range v {
			deepest = max(deepest, depthJSON(item))
		}
	}
	return deepest + 1
}

// parseJSON reads a whole text.
func parseJSON(text string) (any, error) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil || d.More() {
		return nil, fail(3141, "22032", "Invalid JSON text")
	}
	return v, nil
}

// jsonAt is the value of the first argument, or what the path after it finds in it.
func jsonAt(a []driver.Value) (v any, ok bool, err error) {
	if v, err = parseJSON(asText(a[0])); err != nil || len(a) < 2 {
		return v, err == nil, err
	}
	return walk(v, asText(a[1]))
}

// walk follows a path such as $.a[0]."b c".
func walk(v any, path string) (any, bool, error) {
	rest, ok := strings.CutPrefix(path, "$")
	for ok && rest != "" {
		switch {
		case strings.HasPrefix(rest, "["):
			index, after, found := strings.Cut(rest[1:], "]")
			n, err := strconv.Atoi(index)
			if !found || err != nil {
				return nil, false, badPath(path)
			}
			array, isArray := v.([]any)
			if !isArray || n < 0 || n >= len(array) {
				return nil, false, nil
			}
			v, rest = array[n], after
		case strings.HasPrefix(rest, "."):
			name, after, err := member(rest[1:])
			if err != nil {
				return nil, false, badPath(path)
			}
			object, isObject := v.(map[string]any)
			value, has := object[name]
			if !isObject || !has {
				return nil, false, nil
			}
			v, rest = value, after
		default:
			ok = false
		}
	}
	if !ok {
		return nil, false, badPath(path)
	}
	return v, true, nil
}

func badPath(path string) error {
	return fail(3143, "42000", "Invalid JSON path expression '%s'", path)
}

// member cuts the name of a member off a path.
func member(rest string) (name, after string, err error) {
	if strings.HasPrefix(rest, `"`) {
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			return "", "", err
		}
		name, err = strconv.Unquote(quoted)
		return name, rest[len(quoted):], err
	}
	if end := strings.IndexAny(rest, ".["); end >= 0 {
		return rest[:end], rest[end:], nil
	}
	return rest, "", nil
}

// contains is JSON_CONTAINS: each part of want is somewhere in its place in v.
func (r *run) contains(v, want any) (bool, error) {
	if err := r.tick(); err != nil {
		return false, err
	}
	switch v := v.(type) {
	case []any:
		wanted, isArray := want.([]any)
		if !isArray {
			wanted = []any{want}
		}
		for _, w := range wanted {
			found := false
			for _, have := range v {
				var err error
				if found, err = r.contains(have, w); err != nil {
					return false, err
				}
				if found {
					break
				}
			}
			if !found {
				return false, nil
			}
		}
		return true, nil
	case map[string]any:
		wanted, isObject := want.(map[string]any)
		for k, w := range wanted {
			have, has := v[k]
			if !has {
				return false, nil
			}
			if found, err := r.contains(have, w); err != nil || !found {
				return false, err
			}
		}
		return isObject, nil
	}
	return reflect.DeepEqual(v, want), nil
}
