package tables

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"reflect"
	"sort"
	"strconv"
	"strings"
)

var jsonFunctions = map[string]scalar{
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
		keys := make([]string, 0, len(object))
		for k := range object {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		out, err := json.Marshal(keys)
		return string(out), err
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
	"m_json_contains": func(_ *run, a []driver.Value) (driver.Value, error) {
		v, ok, err := jsonAt(append(a[:1:1], a[2:]...))
		if err != nil || !ok {
			return nil, err
		}
		want, err := parseJSON(asText(a[1]))
		if err != nil {
			return nil, err
		}
		return contains(v, want), nil
	},
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
func contains(v, want any) bool {
	switch v := v.(type) {
	case []any:
		wanted, isArray := want.([]any)
		if !isArray {
			wanted = []any{want}
		}
		for _, w := range wanted {
			found := false
			for _, have := range v {
				found = found || contains(have, w)
			}
			if !found {
				return false
			}
		}
		return true
	case map[string]any:
		wanted, isObject := want.(map[string]any)
		for k, w := range wanted {
			have, has := v[k]
			if !has || !contains(have, w) {
				return false
			}
		}
		return isObject
	}
	return reflect.DeepEqual(v, want)
}
