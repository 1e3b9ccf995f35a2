package metakey

import "testing"

func TestUnhex(t *testing.T) {
	tests := []struct{ name, text, bytes string }{
		{"reads both cases", "01aBFf", "\x01\xab\xff"},
		{"drops an odd last digit", "0110a", "\x01\x10"},
		{"drops a lone digit", "1", ""},
		{"reads nothing as nothing", "", ""},
		{"leaves zeros from a pair that is not hex on", "01zz10", "\x01\x00\x00"},
		{"leaves zeros from a pair that starts with a digit on", "011g10", "\x01\x00\x00"},
		{"leaves zeros for a prefix of another notation", "0x0110", "\x00\x00\x00"},
		{"counts bytes and not characters", "01é", "\x01\x00"},
		{"does not look at an odd last character", "01é2", "\x01\x00"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Unhex(test.text); string(got) != test.bytes {
				t.Errorf("%q reads as %x, want %x", test.text, got, test.bytes)
			}
		})
	}
}

func TestEscapedWritesTwoDigitsAByte(t *testing.T) {
	const want = `\x01\x10\x69\x6e\x73\x74\x61\x6e\x63\x65\x00\x01\x10\x74\x65\x73\x74\x00\x01`
	if got := Escaped(Instance("test")); got != want {
		t.Errorf("escaped to %s, want %s", got, want)
	}
	if got := Escaped(nil); got != "" {
		t.Errorf("nothing is escaped to %q", got)
	}
}
