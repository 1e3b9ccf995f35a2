package metakey

import "encoding/hex"

// Unhex reads a key as clients write it: two hex digits a byte, in either case.
// It cannot fail: an odd last digit is dropped, and the bytes from the first
// pair that is not hex on are zero.
func Unhex(text string) []byte {
	key := make([]byte, len(text)/2)
	// Decode stops at that pair and leaves the bytes it has not reached alone.
	_, _ = hex.Decode(key, []byte(text[:2*len(key)]))
	return key
}

// Escaped writes a key as a string literal holds it: \x and two lower-case hex
// digits a byte.
func Escaped(key []byte) string {
	text := make([]byte, 0, 4*len(key))
	for i := range key {
		text = append(text, '\\', 'x')
		text = hex.AppendEncode(text, key[i:i+1])
	}
	return string(text)
}
