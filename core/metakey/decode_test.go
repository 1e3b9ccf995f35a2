package metakey

import (
	"slices"
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	tests := []struct {
		name  string
		key   string
		space int8
		texts []string
	}{
		{"a space without fields", "\x01", 1, nil},
		{"a space above 0x7f, as negative", "\x80", -128, nil},
		{"every type of field", "\x03\x10a\x00\xff\x00\x01\x12\x00\x00\x00\x00\x00\x00\x00\x07\x11\x00\x00\x00\x00\x00\x00\x00\x07\x13\x00\x01\x02\x03\x04\x05\x06\x07\x08\xab\xff",
			3, []string{"a\x00", "7", "-7", "0001020304050607" + "08ab"}},
		{"a versionstamp without an end tag", "\x03\x130123456789\x10a\x00\x01", 3, []string{"30313233343536373839", "a"}},
		{"an int over 63 bits, wrapped", "\x01\x12\xff\xff\xff\xff\xff\xff\xff\xff", 1, []string{"-1"}},
		{"the least int", "\x01\x11\x80\x00\x00\x00\x00\x00\x00\x00", 1, []string{"-9223372036854775808"}},
		{"a negative zero", "\x01\x11\x00\x00\x00\x00\x00\x00\x00\x00", 1, []string{"0"}},
	}
	for _, test := range tests {
		t.Run("reads "+test.name, func(t *testing.T) {
			key, err := Decode([]byte(test.key))
			if err != nil {
				t.Fatal(err)
			}
			var texts []string
			for _, f := range key.Fields {
				texts = append(texts, f.String())
			}
			if key.Space != test.space || !slices.Equal(texts, test.texts) {
				t.Errorf("decoded to space %d and %q, want %d and %q", key.Space, texts, test.space, test.texts)
			}
		})
	}
}

func TestDecodeRefusesWhatIsNotAKey(t *testing.T) {
	tests := []struct {
		name string
		key  string
		err  string
	}{
		{"no bytes", "", "no key-space byte"},
		{"an unknown tag", "\x01\x14", "key byte 1: unknown field tag 0x14"},
		{"an end tag that ends nothing", "\x01\xff", "unknown field tag 0xff"},
		{"a second end tag", "\x03\x130123456789\xff\xff", "key byte 13: unknown field tag 0xff"},
		{"a string tag alone", "\x01\x10", "string of 0 bytes has no terminator"},
		{"a string without a terminator", "\x01\x10ab", "string of 2 bytes has no terminator"},
		{"a string that ends within its terminator", "\x01\x10a\x00", "string of 2 bytes has no terminator"},
		{"a string with an unknown escape", "\x01\x10a\x00\x02\x00\x01", "0x02 after a zero byte, not 0x01 or 0xff"},
		{"a truncated int", "\x01\x12\x00\x00\x00\x00\x00\x00\x00", "integer needs 9 bytes, 8 are left"},
		{"a truncated negative int", "\x01\x10a\x00\x01\x11", "key byte 5: integer needs 9 bytes, 1 are left"},
		{"a truncated versionstamp", "\x03\x13012345678", "versionstamp needs 11 bytes, 10 are left"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			key, err := Decode([]byte(test.key))
			if err == nil {
				t.Fatalf("decoded to %+v", key)
			}
			if !strings.Contains(err.Error(), test.err) {
				t.Errorf("error is %q, want %q in it", err, test.err)
			}
		})
	}
}
