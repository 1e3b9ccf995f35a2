package lenient

import "strings"

type scanner struct {
	data []byte
	pos  int
}

// peek is the next byte, or 0 at the end: no value, name or bracket starts so.
func (s *scanner) peek() byte {
	if s.pos == len(s.data) {
		return 0
	}
	return s.data[s.pos]
}

func (s *scanner) accept(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

// space skips white space and reports whether a line ended in it.
func (s *scanner) space() (broken bool) {
	for ; s.pos < len(s.data); s.pos++ {
		switch s.data[s.pos] {
		case '\n':
			broken = true
		case ' ', '\t', '\r':
		default:
			return broken
		}
	}
	return broken
}

// word steps over w, if it is the next word.
func (s *scanner) word(w string) bool {
	rest := s.data[s.pos:]
	if len(rest) < len(w) || string(rest[:len(w)]) != w {
		return false
	}
	if len(rest) > len(w) && isWordPart(rest[len(w)]) {
		return false
	}
	s.pos += len(w)
	return true
}

// name reads the name of a member.
func (s *scanner) name() (string, error) {
	switch c := s.peek(); {
	case isQuote(c):
		return s.quoted()
	case isWordStart(c):
		return s.run(isWordPart), nil
	case s.pos == len(s.data):
		return "", s.syntax(s.pos, "Unexpected end of string. Expected an object key or }.")
	default:
		return "", s.syntax(s.pos, "Expected an object key or }.")
	}
}

// kind is what a literal was written as.
type kind int

const (
	text kind = iota
	number
	boolean
	null
	// bare is a word that is none of JSON's.
	bare
)

// literal is a value that is no object and no array.
type literal struct {
	kind kind
	// text is the content of a string, or the literal as it was written.
	text string
	// at is where it starts.
	at int
}

func (s *scanner) literal() (literal, error) {
	at := s.pos
	switch c := s.peek(); {
	case isQuote(c):
		content, err := s.quoted()
		return literal{text, content, at}, err
	case c == '-' || isDigit(c):
		digits := s.run(isNumberPart)
		if !isNumber(digits) {
			return literal{}, s.syntax(at, numberFault(digits))
		}
		return literal{number, digits, at}, nil
	case isWordStart(c):
		w := s.run(isWordPart)
		switch w {
		case "true", "false":
			return literal{boolean, w, at}, nil
		case "null":
			return literal{null, w, at}, nil
		}
		return literal{bare, w, at}, nil
	case s.pos == len(s.data):
		return literal{}, s.syntax(at, "Unexpected end of string. Expected a value.")
	default:
		return literal{}, s.syntax(at, "Expected a value.")
	}
}

// run reads as far as bytes are part of something.
func (s *scanner) run(part func(byte) bool) string {
	start := s.pos
	for s.pos < len(s.data) && part(s.data[s.pos]) {
		s.pos++
	}
	return string(s.data[start:s.pos])
}

// isNumber reports whether t is a number in JSON's grammar.
func isNumber(t string) bool {
	t = strings.TrimPrefix(t, "-")
	whole := leadingDigits(t)
	if whole == 0 || whole > 1 && t[0] == '0' {
		return false
	}
	t = t[whole:]
	if strings.HasPrefix(t, ".") {
		fraction := leadingDigits(t[1:])
		if fraction == 0 {
			return false
		}
		t = t[1+fraction:]
	}
	if t == "" {
		return true
	}
	if t[0] != 'e' && t[0] != 'E' {
		return false
	}
	t = t[1:]
	if t != "" && (t[0] == '+' || t[0] == '-') {
		t = t[1:]
	}
	return t != "" && leadingDigits(t) == len(t)
}

func numberFault(t string) string {
	t = strings.TrimPrefix(t, "-")
	if len(t) > 1 && t[0] == '0' && (isDigit(t[1]) || t[1] == 'x' || t[1] == 'X') {
		return "Octal/hex numbers are not valid JSON values."
	}
	return "Unable to parse number."
}

func leadingDigits(t string) int {
	n := 0
	for n < len(t) && isDigit(t[n]) {
		n++
	}
	return n
}

func isQuote(c byte) bool { return c == '"' || c == '\'' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isWordStart(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '$'
}

func isWordPart(c byte) bool { return isWordStart(c) || isDigit(c) }

func isNumberPart(c byte) bool { return isWordPart(c) || c == '.' || c == '+' || c == '-' }
