package admin

import (
	"strings"
	"unicode/utf8"
)

// kind is the kind of a token.
type kind int

const (
	end kind = iota
	word
	quotedName
	text
	number
	param
	punct
)

// token is a piece of a statement. Its source is src[pos:stop], raw: quotes are
// part of it, so that no literal is mistaken for a keyword.
type token struct {
	kind      kind
	raw       string
	pos, stop int
}

// is reports whether the token is a keyword, or a mark.
func (t token) is(keyword string) bool {
	return (t.kind == word || t.kind == punct) && strings.EqualFold(t.raw, keyword)
}

// flaw is why the rest of a text could not be cut into tokens.
type flaw struct {
	pos int
	why string
}

// scan cuts a statement into tokens as MySQL does: comments are skipped, what
// stands in /*! */ is not. The tokens before a flaw are returned with it.
func scan(src string) ([]token, *flaw) {
	s := scanner{src: src}
	var tokens []token
	for {
		t, f := s.next()
		if f != nil {
			return tokens, f
		}
		if t.kind == end {
			return tokens, nil
		}
		tokens = append(tokens, t)
	}
}

type scanner struct {
	src string
	pos int
	// open is the depth of /*! comments being executed.
	open bool
}

func (s *scanner) next() (token, *flaw) {
	if f := s.blanks(); f != nil {
		return token{}, f
	}
	start := s.pos
	if start == len(s.src) {
		return token{}, nil
	}
	c := s.src[start]
	k := punct
	switch {
	case c == '\'' || c == '"' || c == '`':
		if !s.quoted(c) {
			return token{}, &flaw{start, "a quote is not closed"}
		}
		if k = text; c == '`' {
			k = quotedName
		}
	case isDigit(c), c == '-' && start+1 < len(s.src) && isDigit(s.src[start+1]):
		s.number()
		k = number
	case c == '?':
		s.pos++
		k = param
	case isWordByte(c):
		for s.pos < len(s.src) && isWordByte(s.src[s.pos]) {
			s.pos++
		}
		k = word
	default:
		s.mark()
	}
	return token{k, s.src[start:s.pos], start, s.pos}, nil
}

// blanks skips white space and comments.
func (s *scanner) blanks() *flaw {
	for s.pos < len(s.src) {
		rest := s.src[s.pos:]
		switch {
		case strings.IndexByte(" \t\r\n\v\f\x00", rest[0]) >= 0:
			s.pos++
		case rest[0] == '#', strings.HasPrefix(rest, "--") && (len(rest) == 2 || rest[2] <= ' '):
			s.pos += len(rest)
			if i := strings.IndexByte(rest, '\n'); i >= 0 {
				s.pos += i + 1 - len(rest)
			}
		case s.open && strings.HasPrefix(rest, "*/"):
			s.open = false
			s.pos += 2
		case !s.open && strings.HasPrefix(rest, "/*!"):
			s.open = true
			s.pos += 3
			for s.pos < len(s.src) && isDigit(s.src[s.pos]) {
				s.pos++
			}
		case strings.HasPrefix(rest, "/*"):
			i := strings.Index(rest[2:], "*/")
			if i < 0 {
				return &flaw{s.pos, "a comment is not closed"}
			}
			s.pos += i + 4
		default:
			return nil
		}
	}
	if s.open {
		return &flaw{s.pos, "a comment is not closed"}
	}
	return nil
}

// quoted steps over a literal and reports whether it is closed.
func (s *scanner) quoted(q byte) bool {
	for s.pos++; s.pos < len(s.src); s.pos++ {
		switch c := s.src[s.pos]; {
		case c == '\\' && q != '`':
			s.pos++
		case c == q && s.pos+1 < len(s.src) && s.src[s.pos+1] == q:
			s.pos++
		case c == q:
			s.pos++
			return true
		}
	}
	s.pos = len(s.src)
	return false
}

func (s *scanner) number() {
	s.pos++
	for s.pos < len(s.src) {
		c := s.src[s.pos]
		sign := (c == '-' || c == '+') && (s.src[s.pos-1] == 'e' || s.src[s.pos-1] == 'E')
		if !isWordByte(c) && c != '.' && !sign {
			return
		}
		s.pos++
	}
}

// mark steps over an operator or another character.
func (s *scanner) mark() {
	for _, m := range []string{"<=>", "<=", ">=", "<>", "!=", ":="} {
		if strings.HasPrefix(s.src[s.pos:], m) {
			s.pos += len(m)
			return
		}
	}
	_, n := utf8.DecodeRuneInString(s.src[s.pos:])
	s.pos += n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWordByte(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

var escapes = strings.NewReplacer(
	`\0`, "\x00", `\'`, "'", `\"`, `"`, `\b`, "\b", `\n`, "\n", `\r`, "\r", `\t`, "\t", `\Z`, "\x1a",
	`\\`, `\`, `\%`, `\%`, `\_`, `\_`,
)

// unquote is what a literal or a name says.
func unquote(raw string) string {
	if len(raw) < 2 || strings.IndexByte("'\"`", raw[0]) < 0 {
		return raw
	}
	q := raw[:1]
	body := raw[1 : len(raw)-1]
	if q == "`" {
		return strings.ReplaceAll(body, "``", "`")
	}
	var b strings.Builder
	for i := 0; i < len(body); i++ {
		switch {
		case body[i] == q[0]:
			i++
			b.WriteByte(q[0])
		case body[i] == '\\' && i+1 < len(body):
			if pair := escapes.Replace(body[i : i+2]); pair != body[i:i+2] || strings.IndexByte("%_", body[i+1]) >= 0 {
				b.WriteString(pair)
			} else {
				b.WriteByte(body[i+1])
			}
			i++
		default:
			b.WriteByte(body[i])
		}
	}
	return b.String()
}

// quote is a string literal that reads as s.
func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", "''", "\n", `\n`, "\r", `\r`, "\x00", `\0`, "\x1a", `\Z`).Replace(s) + "'"
}

// quoteName is a name that reads as s.
func quoteName(s string) string { return "`" + strings.ReplaceAll(s, "`", "``") + "`" }
