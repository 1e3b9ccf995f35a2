package metakey

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// EncodeType makes a key of a type in the catalogue from its parameters; param
// returns "" for one that is not given. The parameter "versionstamp", if it is
// 20 hex digits, is appended to a key of any type.
//
// The error of an unknown type, or of the first parameter missing, is fit for a
// reply. An integer parameter is read up to its first character that is no
// digit, 0 if there is none before, and confined to 64 bits, as clients of the
// existing service expect.
func EncodeType(keyType string, param func(name string) string) ([]byte, error) {
	l, ok := layoutOf(keyType)
	if !ok {
		return nil, fmt.Errorf("key_type not supported: %s", cmp.Or(echo(keyType), "(empty)"))
	}
	key := []byte{l.space}
	for _, c := range l.components {
		value := c.literal
		if c.param != "" {
			if value = param(c.param); value == "" {
				return nil, fmt.Errorf("%s is not given or empty", c.param)
			}
		}
		if c.kind == KindInt {
			key = appendInt(key, leadingInt(value))
		} else {
			key = appendString(key, value)
		}
	}
	if stamp, err := hex.DecodeString(param("versionstamp")); err == nil && len(stamp) == stampBytes {
		key = appendStamp(key, stamp)
	}
	return key, nil
}

func leadingInt(s string) int64 {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || end == 0 && (s[0] == '-' || s[0] == '+')) {
		end++
	}
	// Its value is the one wanted on failure too: 0, or the limit passed.
	n, _ := strconv.ParseInt(s[:end], 10, 64)
	return n
}

// maxEcho bounds how many bytes of a caller's text an error repeats.
const maxEcho = 256

func echo(s string) string {
	if len(s) <= maxEcho {
		return s
	}
	return strings.ToValidUTF8(s[:maxEcho], "")
}
