package metakey

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
)

// Key is a decoded key.
type Key struct {
	// Space is the key space: 1 user, 2 system, 3 versioned. Others decode too.
	Space int8
	// Fields are the rest of the key, in order. A key may have none.
	Fields []Field
}

// Kind is the type of a Field.
type Kind int

const (
	// KindString is a field of any bytes, in Field.Str.
	KindString Kind = iota
	// KindInt is an integer, in Field.Int.
	KindInt
	// KindVersionstamp is ten bytes, in Field.Str: a version, then an order
	// within it, both big-endian.
	KindVersionstamp
)

// Field is one component of a decoded key.
type Field struct {
	// Offset is where the field's tag byte is in the key, in bytes.
	Offset int
	Kind   Kind
	Str    string
	Int    int64
}

// String is the field as a drawing shows it: a string as it is, an integer in
// decimal, a versionstamp in hex.
func (f Field) String() string {
	switch f.Kind {
	case KindInt:
		return strconv.FormatInt(f.Int, 10)
	case KindVersionstamp:
		return hex.EncodeToString([]byte(f.Str))
	default:
		return f.Str
	}
}

// Decode splits a key into its fields. The error tells the offset of the first
// field that breaks the encoding. Integers over 63 bits wrap around.
func Decode(key []byte) (Key, error) {
	if len(key) == 0 {
		return Key{}, errors.New("key has no key-space byte")
	}
	k := Key{Space: int8(key[0])}
	for offset := 1; offset < len(key); {
		f, size, err := readField(key[offset:])
		if err != nil {
			return Key{}, fmt.Errorf("key byte %d: %w", offset, err)
		}
		f.Offset = offset
		k.Fields = append(k.Fields, f)
		offset += size
	}
	return k, nil
}
