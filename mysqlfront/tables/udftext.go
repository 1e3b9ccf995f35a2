package tables

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"database/sql/driver"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

var textFunctions = map[string]scalar{
	"m_concat": func(_ *run, a []driver.Value) (driver.Value, error) { return join("", a) },
	"m_concat_ws": func(_ *run, a []driver.Value) (driver.Value, error) {
		if a[0] == nil {
			return nil, nil
		}
		return join(asText(a[0]), a[1:])
	},
	"m_tuple": func(_ *run, a []driver.Value) (driver.Value, error) {
		parts := make([]driver.Value, len(a))
		for i, v := range a {
			parts[i] = strconv.Quote(fold(asText(v)))
		}
		return join(",", parts)
	},
	"m_lower":   onText(strings.ToLower),
	"m_upper":   onText(strings.ToUpper),
	"m_reverse": onText(reverse),
	"m_quote":   onText(quoteLiteral),
	"m_md5":     onText(func(s string) string { h := md5.Sum([]byte(s)); return hex.EncodeToString(h[:]) }),
	"m_sha1":    onText(func(s string) string { h := sha1.Sum([]byte(s)); return hex.EncodeToString(h[:]) }),
	"m_uuid":    func(*run, []driver.Value) (driver.Value, error) { return uuid.NewString(), nil },
	"m_char_length": func(_ *run, a []driver.Value) (driver.Value, error) {
		return int64(utf8.RuneCountInString(asText(a[0]))), nil
	},
	"m_hex": func(_ *run, a []driver.Value) (driver.Value, error) {
		if i, ok := a[0].(int64); ok {
			return strings.ToUpper(strconv.FormatUint(uint64(i), 16)), nil
		}
		return strings.ToUpper(hex.EncodeToString([]byte(asText(a[0])))), nil
	},
	"m_ascii": func(_ *run, a []driver.Value) (driver.Value, error) {
		if s := asText(a[0]); s != "" {
			return int64(s[0]), nil
		}
		return int64(0), nil
	},
	"m_substring": func(_ *run, a []driver.Value) (driver.Value, error) {
		runes := []rune(asText(a[0]))
		length := int64(len(runes))
		if len(a) == 3 {
			length = asInt(a[2])
		}
		return substring(runes, asInt(a[1]), length), nil
	},
	"m_left": func(_ *run, a []driver.Value) (driver.Value, error) {
		return substring([]rune(asText(a[0])), 1, asInt(a[1])), nil
	},
	"m_right": func(_ *run, a []driver.Value) (driver.Value, error) {
		runes := []rune(asText(a[0]))
		n := min(max(asInt(a[1]), 0), int64(len(runes)))
		return string(runes[int64(len(runes))-n:]), nil
	},
	"m_lpad": func(_ *run, a []driver.Value) (driver.Value, error) {
		padding, head, ok := pad(a)
		if !ok {
			return nil, nil
		}
		return padding + head, nil
	},
	"m_rpad": func(_ *run, a []driver.Value) (driver.Value, error) {
		padding, head, ok := pad(a)
		if !ok {
			return nil, nil
		}
		return head + padding, nil
	},
	"m_repeat": func(_ *run, a []driver.Value) (driver.Value, error) { return repeat(asText(a[0]), asInt(a[1])), nil },
	"m_space":  func(_ *run, a []driver.Value) (driver.Value, error) { return repeat(" ", asInt(a[0])), nil },
	"m_trim": func(_ *run, a []driver.Value) (driver.Value, error) {
		return trimAll(asText(a[1]), asText(a[2]), asText(a[0])), nil
	},
	"m_substring_index": func(_ *run, a []driver.Value) (driver.Value, error) {
		return substringIndex(asText(a[0]), asText(a[1]), asInt(a[2])), nil
	},
	"m_elt": func(_ *run, a []driver.Value) (driver.Value, error) {
		if a[0] == nil {
			return nil, nil
		}
		if i := asInt(a[0]); i >= 1 && i < int64(len(a)) {
			return a[i], nil
		}
		return nil, nil
	},
	"m_field": func(_ *run, a []driver.Value) (driver.Value, error) {
		for i, v := range a[1:] {
			if a[0] != nil && v != nil && compareFolded(asText(a[0]), asText(v)) == 0 {
				return int64(i + 1), nil
			}
		}
		return int64(0), nil
	},
	"m_find_in_set": func(_ *run, a []driver.Value) (driver.Value, error) {
		if asText(a[1]) == "" {
			return int64(0), nil
		}
		for i, v := range strings.Split(asText(a[1]), ",") {
			if compareFolded(asText(a[0]), v) == 0 {
				return int64(i + 1), nil
			}
		}
		return int64(0), nil
	},
	"m_instr": func(_ *run, a []driver.Value) (driver.Value, error) {
		return locate(asText(a[1]), asText(a[0]), 1), nil
	},
	"m_locate": func(_ *run, a []driver.Value) (driver.Value, error) {
		from := int64(1)
		if len(a) == 3 {
			from = asInt(a[2])
		}
		return locate(asText(a[0]), asText(a[1]), from), nil
	},
	"m_strcmp": func(_ *run, a []driver.Value) (driver.Value, error) {
		return int64(compareFolded(asText(a[0]), asText(a[1]))), nil
	},
	"m_like": func(r *run, a []driver.Value) (driver.Value, error) {
		pattern := asText(a[1])
		if len(pattern) > maxPattern {
			return nil, fail(1210, "HY000", "Incorrect arguments to LIKE: the pattern is longer than %d bytes", maxPattern)
		}
		escape, _ := utf8.DecodeRuneInString(asText(a[2]))
		return like(asText(a[0]), pattern, escape, asInt(a[3]) == 1, r.tick)
	},
	"m_join_list": func(_ *run, a []driver.Value) (driver.Value, error) {
		v, err := parseJSON(asText(a[0]))
		if err != nil {
			return nil, err
		}
		var parts []driver.Value
		for _, item := range v.([]any) {
			switch item := item.(type) {
			case nil:
			case string:
				parts = append(parts, item)
			default:
				parts = append(parts, formatJSON(item))
			}
		}
		if parts == nil {
			return nil, nil
		}
		return join(asText(a[1]), parts)
	},
	"m_bit_length": func(_ *run, a []driver.Value) (driver.Value, error) { return int64(8 * len(asText(a[0]))), nil },
	"m_ord": func(_ *run, a []driver.Value) (driver.Value, error) {
		text, code := asText(a[0]), int64(0)
		_, n := utf8.DecodeRuneInString(text)
		for i := range n {
			code = code<<8 | int64(text[i])
		}
		return code, nil
	},
	"m_sha2": func(_ *run, a []driver.Value) (driver.Value, error) {
		text := []byte(asText(a[0]))
		var sum []byte
		switch asInt(a[1]) {
		case 224:
			h := sha256.Sum224(text)
			sum = h[:]
		case 0, 256:
			h := sha256.Sum256(text)
			sum = h[:]
		case 384:
			h := sha512.Sum384(text)
			sum = h[:]
		case 512:
			h := sha512.Sum512(text)
			sum = h[:]
		default:
			return nil, nil
		}
		return hex.EncodeToString(sum), nil
	},
	"m_unhex": func(_ *run, a []driver.Value) (driver.Value, error) {
		text := asText(a[0])
		if len(text)%2 == 1 {
			text = "0" + text
		}
		out, err := hex.DecodeString(text)
		if err != nil {
			return nil, nil
		}
		return string(out), nil
	},
	"m_to_base64": onText(func(s string) string {
		var lines []string
		text := base64.StdEncoding.EncodeToString([]byte(s))
		for ; len(text) > base64Line; text = text[base64Line:] {
			lines = append(lines, text[:base64Line])
		}
		return strings.Join(append(lines, text), "\n")
	}),
	"m_from_base64": func(_ *run, a []driver.Value) (driver.Value, error) {
		out, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(asText(a[0])), ""))
		if err != nil {
			return nil, nil
		}
		return string(out), nil
	},
	"m_insert": func(_ *run, a []driver.Value) (driver.Value, error) {
		runes, at, length := []rune(asText(a[0])), asInt(a[1]), asInt(a[2])
		n := int64(len(runes))
		if at < 1 || at > n {
			return string(runes), nil
		}
		end := n
		if length >= 0 && length < n-at+1 {
			end = at - 1 + length
		}
		return bounded(string(runes[:at-1]) + asText(a[3]) + string(runes[end:]))
	},
	"m_replace": func(_ *run, a []driver.Value) (driver.Value, error) {
		text, old, new := asText(a[0]), asText(a[1]), asText(a[2])
		if old == "" {
			return text, nil
		}
		if err := fits(len(text) + strings.Count(text, old)*(len(new)-len(old))); err != nil {
			return nil, err
		}
		return strings.ReplaceAll(text, old, new), nil
	},
}

// maxPattern bounds a pattern of LIKE and REGEXP, in bytes.
const maxPattern = 1000

// base64Line is how long TO_BASE64 makes a line.
const base64Line = 76

func onText(f func(string) string) scalar {
	return func(_ *run, a []driver.Value) (driver.Value, error) { return f(asText(a[0])), nil }
}

func bounded(s string) (driver.Value, error) { return s, fits(len(s)) }

// fits refuses a result of so many bytes, best before it is made.
func fits(size int) error {
	if size > maxResult {
		return fail(1301, "HY000", "Result of a function was larger than max_allowed_packet (%d)", maxResult)
	}
	return nil
}

// join leaves out NULL.
func join(separator string, values []driver.Value) (driver.Value, error) {
	parts := make([]string, 0, len(values))
	size := 0
	for _, v := range values {
		if v != nil {
			parts = append(parts, asText(v))
			size += len(parts[len(parts)-1]) + len(separator)
		}
	}
	if err := fits(size - len(separator)); err != nil {
		return nil, err
	}
	return strings.Join(parts, separator), nil
}

func reverse(s string) string {
	runes := []rune(s)
	for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
		runes[i], runes[j] = runes[j], runes[i]
	}
	return string(runes)
}

func quoteLiteral(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\x00", `\0`, "\x1a", `\Z`).Replace(s) + "'"
}

// substring counts from 1, or from the end when at is negative.
func substring(runes []rune, at, length int64) string {
	n := int64(len(runes))
	if at < 0 {
		at += n + 1
	}
	if at < 1 || at > n || length < 1 {
		return ""
	}
	return string(runes[at-1 : at-1+min(length, n-at+1)])
}

func repeat(s string, n int64) driver.Value {
	if n < 1 || s == "" {
		return ""
	}
	if n > int64(maxResult/len(s)) {
		return nil
	}
	return strings.Repeat(s, int(n))
}

// pad is what to add to reach a length, and the text cut to it.
func pad(a []driver.Value) (padding, head string, ok bool) {
	runes, with := []rune(asText(a[0])), []rune(asText(a[2]))
	length := asInt(a[1])
	if length < 0 || length > maxResult/4 {
		return "", "", false
	}
	if n := int64(len(runes)); n < length {
		if len(with) == 0 {
			return "", "", true
		}
		fill := make([]rune, length-n)
		for i := range fill {
			fill[i] = with[i%len(with)]
		}
		return string(fill), string(runes), true
	}
	return "", string(runes[:length]), true
}

func trimAll(s, what, where string) string {
	if what == "" {
		return s
	}
	for where != "trailing" && strings.HasPrefix(s, what) {
		s = s[len(what):]
	}
	for where != "leading" && strings.HasSuffix(s, what) {
		s = s[:len(s)-len(what)]
	}
	return s
}

func substringIndex(s, separator string, n int64) string {
	if separator == "" || n == 0 {
		return ""
	}
	parts := strings.Split(s, separator)
	total := int64(len(parts))
	switch {
	case n > 0 && n < total:
		parts = parts[:n]
	case n < 0 && -n < total:
		parts = parts[total+n:]
	}
	return strings.Join(parts, separator)
}

// locate is the position of a text in another, from 1, ignoring case.
func locate(what, in string, from int64) int64 {
	runes := []rune(in)
	if from < 1 || from > int64(len(runes))+1 {
		return 0
	}
	haystack := strings.ToUpper(string(runes[from-1:]))
	at := strings.Index(haystack, strings.ToUpper(what))
	if at < 0 {
		return 0
	}
	return from + int64(utf8.RuneCountInString(haystack[:at]))
}
