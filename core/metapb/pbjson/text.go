package pbjson

import (
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// appendText appends a text in quotes, with nothing escaped but what JSON demands.
// It is not ok if the text is not UTF-8.
func appendText(buf []byte, s string) (_ []byte, ok bool) {
	buf = append(buf, '"')
	plain, ascii := 0, true
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			ascii = ascii && c < utf8.RuneSelf
			continue
		}
		buf = append(append(buf, s[plain:i]...), '\\')
		plain = i + 1
		switch c {
		case '"', '\\':
			buf = append(buf, c)
		case '\b':
			buf = append(buf, 'b')
		case '\f':
			buf = append(buf, 'f')
		case '\n':
			buf = append(buf, 'n')
		case '\r':
			buf = append(buf, 'r')
		case '\t':
			buf = append(buf, 't')
		default:
			buf = append(buf, 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(buf, s[plain:]...), '"'), ascii || utf8.ValidString(s)
}
