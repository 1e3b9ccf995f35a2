package lenient

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Error says what is wrong with a request and where. It holds no text of the
// request but the value of a field that is no secret, and map keys.
type Error struct {
	// Path is the field, "cluster.nodes[0].ip", or "" for an error of syntax.
	Path string
	What string
	// Line and Column, in characters, count from 1. 0 for an empty request.
	Line, Column int
}

func (e *Error) Error() string {
	var b strings.Builder
	if e.Path != "" {
		fmt.Fprintf(&b, "(%s) ", e.Path)
	}
	b.WriteString(e.What)
	if e.Line > 0 {
		fmt.Fprintf(&b, " (line %d, column %d)", e.Line, e.Column)
	}
	return b.String()
}

// syntax is an error of the text as such.
func (s *scanner) syntax(at int, what string) *Error {
	before := s.data[:at]
	start := bytes.LastIndexByte(before, '\n') + 1
	return &Error{
		What:   what,
		Line:   bytes.Count(before, []byte("\n")) + 1,
		Column: utf8.RuneCount(before[start:]) + 1,
	}
}

// mismatch is an error of the value of the field the decoder is at.
func (d *decoder) mismatch(at int, format string, args ...any) *Error {
	e := d.syntax(at, fmt.Sprintf(format, args...))
	e.Path = d.path.String()
	return e
}

// step is one part of a path: a field, or with no name an element of a list.
type step struct {
	name  string
	index int
}

type path []step

func (p *path) push(s step) { *p = append(*p, s) }

func (p *path) pop() { *p = (*p)[:len(*p)-1] }

func (p path) String() string {
	var b strings.Builder
	for _, s := range p {
		switch {
		case s.name == "":
			fmt.Fprintf(&b, "[%d]", s.index)
		case b.Len() > 0:
			b.WriteString("." + s.name)
		default:
			b.WriteString(s.name)
		}
	}
	return b.String()
}

// maxExcerpt bounds, in bytes, how much of a value an error repeats.
const maxExcerpt = 64

// excerpt is the start of a text, quoted.
func excerpt(text string) string {
	if len(text) <= maxExcerpt {
		return strconv.Quote(text)
	}
	return strconv.Quote(strings.ToValidUTF8(text[:maxExcerpt], "")) + "..."
}
