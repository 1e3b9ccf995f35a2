// Package metakey knows the keys the meta-service stores its records under: how
// they are encoded, which types there are, and how one is drawn for a reader.
//
// A key is one key-space byte and then typed fields. Within one type, keys sort
// as their fields do: strings bytewise, integers from 0 up numerically.
package metakey

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
)

const (
	userSpace      byte = 1
	systemSpace    byte = 2
	versionedSpace byte = 3
)

const (
	tagString   byte = 0x10
	tagNegative byte = 0x11
	tagInt      byte = 0x12
	tagStamp    byte = 0x13
	// tagStampEnd may follow a versionstamp and belongs to its field.
	tagStampEnd byte = 0xff

	escape     = 0x00
	escapedNUL = 0xff
	terminator = 0x01

	intBytes   = 1 + 8
	stampBytes = 10
)

func appendString(key []byte, s string) []byte {
	key = append(key, tagString)
	for {
		i := strings.IndexByte(s, escape)
		if i < 0 {
			key = append(key, s...)
			return append(key, escape, terminator)
		}
		key = append(key, s[:i]...)
		key = append(key, escape, escapedNUL)
		s = s[i+1:]
	}
}

func appendInt(key []byte, n int64) []byte {
	if n < 0 {
		return binary.BigEndian.AppendUint64(append(key, tagNegative), -uint64(n))
	}
	return binary.BigEndian.AppendUint64(append(key, tagInt), uint64(n))
}

func appendStamp(key, stamp []byte) []byte {
	key = append(append(key, tagStamp), stamp...)
	return append(key, tagStampEnd)
}

// readField decodes the field b starts with and tells how many bytes it takes.
func readField(b []byte) (f Field, size int, err error) {
	switch b[0] {
	case tagString:
		f.Kind = KindString
		f.Str, size, err = readString(b)
	case tagInt, tagNegative:
		if len(b) < intBytes {
			return Field{}, 0, fmt.Errorf("integer needs %d bytes, %d are left", intBytes, len(b))
		}
		n := binary.BigEndian.Uint64(b[1:])
		if b[0] == tagNegative {
			n = -n
		}
		f.Kind, f.Int, size = KindInt, int64(n), intBytes
	case tagStamp:
		size = 1 + stampBytes
		if len(b) < size {
			return Field{}, 0, fmt.Errorf("versionstamp needs %d bytes, %d are left", size, len(b))
		}
		f.Kind, f.Str = KindVersionstamp, string(b[1:size])
		if len(b) > size && b[size] == tagStampEnd {
			size++
		}
	default:
		err = fmt.Errorf("unknown field tag %#02x", b[0])
	}
	return f, size, err
}

func readString(b []byte) (s string, size int, err error) {
	var content []byte
	for pos := 1; ; {
		i := bytes.IndexByte(b[pos:], escape)
		if i < 0 || pos+i+1 == len(b) {
			return "", 0, fmt.Errorf("string of %d bytes has no terminator", len(b)-1)
		}
		content = append(content, b[pos:pos+i]...)
		pos += i + 2
		switch b[pos-1] {
		case terminator:
			return string(content), pos, nil
		case escapedNUL:
			content = append(content, 0)
		default:
			return "", 0, fmt.Errorf("string has %#02x after a zero byte, not %#02x or %#02x",
				b[pos-1], terminator, escapedNUL)
		}
	}
}
