package lenient

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// quoted reads a string from its opening quote, " or ', on.
func (s *scanner) quoted() (string, error) {
	start, quote := s.pos, s.data[s.pos]
	var content []byte
	chunk := start + 1
	for s.pos = chunk; s.pos < len(s.data); {
		switch s.data[s.pos] {
		case quote:
			last := s.data[chunk:s.pos]
			s.pos++
			if content == nil {
				return string(last), nil
			}
			return string(append(content, last...)), nil
		case '\\':
			content = append(content, s.data[chunk:s.pos]...)
			r, err := s.escape()
			if err != nil {
				return "", err
			}
			content = utf8.AppendRune(content, r)
			chunk = s.pos
		default:
			s.pos++
		}
	}
	return "", s.syntax(start, "Closing quote expected in string.")
}

// escape reads what a backslash begins. One that means nothing stands for the
// character after it.
func (s *scanner) escape() (rune, error) {
	at := s.pos
	r, size := utf8.DecodeRune(s.data[at+1:])
	s.pos += 1 + size
	switch r {
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'v':
		return '\v', nil
	case 'u':
		return s.codePoint(at)
	default:
		return r, nil
	}
}

// codePoint reads the digits of a \u escape, and the second half of a surrogate
// pair.
func (s *scanner) codePoint(at int) (rune, error) {
	high, ok := s.hex4()
	if !ok {
		return 0, s.syntax(at, "Illegal hex string.")
	}
	if !utf16.IsSurrogate(high) {
		return high, nil
	}
	if bytes.HasPrefix(s.data[s.pos:], []byte(`\u`)) {
		s.pos += 2
		if low, ok := s.hex4(); ok {
			if r := utf16.DecodeRune(high, low); r != utf8.RuneError {
				return r, nil
			}
		}
	}
	return 0, s.syntax(at, "Invalid unicode code point.")
}

func (s *scanner) hex4() (rune, bool) {
	if len(s.data)-s.pos < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(s.data[s.pos:s.pos+4]), 16, 16)
	s.pos += 4
	return rune(n), err == nil
}
