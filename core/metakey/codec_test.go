package metakey

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFieldsEncodeToTheRuledBytes(t *testing.T) {
	tests := []struct {
		name  string
		got   []byte
		bytes string
	}{
		{"a string with a zero byte", appendString(nil, "\xde\xad\x00\xbe\xef"), "\x10\xde\xad\x00\xff\xbe\xef\x00\x01"},
		{"the empty string", appendString(nil, ""), "\x10\x00\x01"},
		{"zero", appendInt(nil, 0), "\x12\x00\x00\x00\x00\x00\x00\x00\x00"},
		{"the largest int", appendInt(nil, math.MaxInt64), "\x12\x7f\xff\xff\xff\xff\xff\xff\xff"},
		{"a negative int, by its absolute value", appendInt(nil, -2), "\x11\x00\x00\x00\x00\x00\x00\x00\x02"},
		{"the least int", appendInt(nil, math.MinInt64), "\x11\x80\x00\x00\x00\x00\x00\x00\x00"},
		{"a versionstamp", appendStamp(nil, []byte("0123456789")), "\x130123456789\xff"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if string(test.got) != test.bytes {
				t.Errorf("encoded to %x, want %x", test.got, test.bytes)
			}
		})
	}
}

// awkwardString draws strings of the bytes the codec treats specially.
func awkwardString() *rapid.Generator[string] {
	special := rapid.SampledFrom([]byte{0, 1, 2, 0x10, 0x12, 'a', 'b', 0xfe, 0xff})
	return rapid.Map(rapid.SliceOfN(special, 0, 6), func(b []byte) string { return string(b) })
}

func TestKeysSortAsTheirFields(t *testing.T) {
	t.Run("strings", rapid.MakeCheck(func(t *rapid.T) {
		a, b := awkwardString().Draw(t, "a"), awkwardString().Draw(t, "b")
		if got, want := bytes.Compare(appendString(nil, a), appendString(nil, b)), strings.Compare(a, b); got != want {
			t.Fatalf("%q and %q compare as %d, want %d", a, b, got, want)
		}
	}))
	t.Run("integers from 0 up", rapid.MakeCheck(func(t *rapid.T) {
		a, b := rapid.Int64Min(0).Draw(t, "a"), rapid.Int64Min(0).Draw(t, "b")
		if got, want := bytes.Compare(appendInt(nil, a), appendInt(nil, b)), cmp.Compare(a, b); got != want {
			t.Fatalf("%d and %d compare as %d, want %d", a, b, got, want)
		}
	}))
	t.Run("tuples", rapid.MakeCheck(func(t *rapid.T) {
		type tuple struct {
			instance string
			db       int64
			label    string
		}
		draw := func(name string) tuple {
			return tuple{
				awkwardString().Draw(t, name+".instance"),
				rapid.Int64Range(0, 3).Draw(t, name+".db"),
				awkwardString().Draw(t, name+".label"),
			}
		}
		a, b := draw("a"), draw("b")
		got := bytes.Compare(TxnLabel(a.instance, a.db, a.label), TxnLabel(b.instance, b.db, b.label))
		want := cmp.Or(strings.Compare(a.instance, b.instance), cmp.Compare(a.db, b.db), strings.Compare(a.label, b.label))
		if got != want {
			t.Fatalf("%+v and %+v compare as %d, want %d", a, b, got, want)
		}
	}))
	t.Run("history by version and then seq", rapid.MakeCheck(func(t *rapid.T) {
		version := rapid.Uint64Max(math.MaxInt64)
		v, w := version.Draw(t, "v"), version.Draw(t, "w")
		i, j := rapid.Int64Min(0).Draw(t, "i"), rapid.Int64Min(0).Draw(t, "j")
		got := bytes.Compare(History("x", v, i), History("x", w, j))
		if want := cmp.Or(cmp.Compare(v, w), cmp.Compare(i, j)); got != want {
			t.Fatalf("(%d,%d) and (%d,%d) compare as %d, want %d", v, i, w, j, got, want)
		}
	}))
}

// isCanonical tells whether the field at the start of b is as encoding writes
// it. Integers over 63 bits, and a negative zero, decode but are never written.
func isCanonical(b []byte) bool {
	switch b[0] {
	case tagInt:
		return binary.BigEndian.Uint64(b[1:]) <= math.MaxInt64
	case tagNegative:
		n := binary.BigEndian.Uint64(b[1:])
		return n > 0 && n <= 1<<63
	default:
		return true
	}
}

func reencode(f Field, size int) []byte {
	switch f.Kind {
	case KindInt:
		return appendInt(nil, f.Int)
	case KindVersionstamp:
		return appendStamp(nil, []byte(f.Str))[:size]
	default:
		return appendString(nil, f.Str)
	}
}

func FuzzDecodedKeysEncodeToTheSameBytes(f *testing.F) {
	for _, v := range readVectors(f) {
		f.Add(Unhex(v.hex))
	}
	for _, seed := range []string{
		"", "\x01", "\x80\x10\x00\x01", "\x01\x10\x00", "\x01\x10\x00\x02\x00\x01", "\x01\xff",
		"\x01\x12\xff\xff\xff\xff\xff\xff\xff\xff", "\x01\x11\x00\x00\x00\x00\x00\x00\x00\x00",
		"\x03\x130123456789", "\x03\x130123456789\xff", "\x03\x130123456789\xff\x10a\x00\x01", "\x03\x13012345678",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		key, err := Decode(raw)
		if err != nil {
			return
		}
		if byte(key.Space) != raw[0] {
			t.Fatalf("%x has key space %d", raw, key.Space)
		}
		end := len(raw)
		for i := len(key.Fields) - 1; i >= 0; i-- {
			field := raw[key.Fields[i].Offset:end]
			end = key.Fields[i].Offset
			if got := reencode(key.Fields[i], len(field)); isCanonical(field) && !bytes.Equal(got, field) {
				t.Fatalf("field %d of %x encodes to %x, was %x", i, raw, got, field)
			}
		}
		if end != 1 {
			t.Fatalf("%x decodes from byte %d on, want 1", raw, end)
		}
	})
}

func FuzzEncodedFieldsDecodeToTheSame(f *testing.F) {
	f.Add("", int64(0), []byte(nil), "")
	f.Add("i\x00\x01", int64(math.MinInt64), []byte("0123456789"), "\x00")
	f.Add("\xff\x00\xff", int64(-1), []byte("\x00\xff\x00\xff\x00\xff\x00\xff\x00\xff"), "\x00\x00")
	f.Fuzz(func(t *testing.T, s string, n int64, stamp []byte, last string) {
		raw := appendInt(appendString([]byte{userSpace}, s), n)
		want := []Field{{1, KindString, s, 0}, {len(raw) - intBytes, KindInt, "", n}}
		if len(stamp) == stampBytes {
			want = append(want, Field{len(raw), KindVersionstamp, string(stamp), 0})
			raw = appendStamp(raw, stamp)
		}
		want = append(want, Field{len(raw), KindString, last, 0})
		raw = appendString(raw, last)

		got, err := Decode(raw)
		if err != nil {
			t.Fatalf("%x: %v", raw, err)
		}
		if len(got.Fields) != len(want) {
			t.Fatalf("%x has fields %+v, want %+v", raw, got.Fields, want)
		}
		for i := range want {
			if got.Fields[i] != want[i] {
				t.Errorf("field %d of %x is %+v, want %+v", i, raw, got.Fields[i], want[i])
			}
		}
	})
}
