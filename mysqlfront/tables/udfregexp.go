package tables

import (
	"database/sql/driver"
	"io"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

var regexpFunctions = map[string]scalar{
	"m_regexp_like": func(r *run, a []driver.Value) (driver.Value, error) {
		at, err := r.match(asText(a[0]), asText(a[1]), asInt(a[2]) == 1)
		return at != nil, err
	},
	"m_regexp_instr": func(r *run, a []driver.Value) (driver.Value, error) {
		at, err := r.match(asText(a[0]), asText(a[1]), false)
		if err != nil || at == nil {
			return int64(0), err
		}
		return int64(utf8.RuneCountInString(asText(a[0])[:at[0]])) + 1, nil
	},
	"m_regexp_substr": func(r *run, a []driver.Value) (driver.Value, error) {
		at, err := r.match(asText(a[0]), asText(a[1]), false)
		if err != nil || at == nil {
			return nil, err
		}
		return asText(a[0])[at[0]:at[1]], nil
	},
	"m_regexp_replace": func(r *run, a []driver.Value) (driver.Value, error) {
		p, err := r.pattern(asText(a[1]), false)
		if err != nil {
			return nil, err
		}
		text, with := asText(a[0]), asText(a[2])
		// Nothing can end this one: in the worst case each match reads the whole text,
		// and each place of it is replaced, with itself for each $ there is.
		places := len(text) + 1
		if places*places > maxReplaceWork/p.size || places > maxReplaceBytes/(2*len(with)+1) {
			return nil, fail(3699, "HY000", "Timeout exceeded in regular expression match: the text of %d bytes is too long to replace in; narrow it with SUBSTRING", len(text))
		}
		return bounded(p.ReplaceAllString(text, with))
	},
}

const (
	// maxReplaceWork and maxReplaceBytes bound REGEXP_REPLACE: the steps of the
	// matcher, and the bytes held.
	maxReplaceWork  = 1 << 29
	maxReplaceBytes = 64 << 20
	// maxProgram bounds the program of a pattern, in instructions; maxPatterns how
	// many a statement keeps.
	maxProgram  = 10_000
	maxPatterns = 20
	// shortMatch is how many steps of the matcher are too few to interrupt.
	shortMatch = 1 << 20
)

// pattern is a compiled regular expression; size is the length of its program,
// the steps that one character may take.
type pattern struct {
	*regexp.Regexp
	size int
}

// pattern compiles a regular expression once; it folds case unless it is exact.
func (r *run) pattern(text string, exact bool) (*pattern, error) {
	full := text
	if !exact {
		full = "(?i)" + text
	}
	if p := r.patterns[full]; p != nil {
		return p, nil
	}
	if len(text) > maxPattern {
		return nil, fail(1139, "42000", "Got error 'pattern of %d bytes, at most %d' from regexp", len(text), maxPattern)
	}
	size, err := programSize(full)
	if err == nil && size > maxProgram {
		return nil, fail(1139, "42000", "Got error 'pattern too large, repeat less' from regexp")
	}
	var re *regexp.Regexp
	if err == nil {
		re, err = regexp.Compile(full)
	}
	if err != nil {
		return nil, fail(1139, "42000", "Got error '%s' from regexp", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	if r.patterns == nil || len(r.patterns) >= maxPatterns {
		r.patterns = map[string]*pattern{}
	}
	p := &pattern{re, size}
	r.patterns[full] = p
	return p, nil
}

// programSize is how many instructions a regular expression compiles to.
func programSize(text string) (int, error) {
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return 0, err
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return 0, err
	}
	return len(program.Inst), nil
}

// match is where a pattern first matches, nil for nowhere.
func (r *run) match(text, pattern string, exact bool) ([]int, error) {
	p, err := r.pattern(pattern, exact)
	if err != nil {
		return nil, err
	}
	if len(text) < shortMatch/p.size {
		return p.FindStringIndex(text), nil
	}
	in := &interruptible{run: r, text: strings.NewReader(text)}
	return p.FindReaderIndex(in), in.err
}

// interruptible is a text that ends when the statement does: a large pattern takes
// long for each character.
type interruptible struct {
	run  *run
	text io.RuneReader
	err  error
}

func (t *interruptible) ReadRune() (rune, int, error) {
	if t.err = t.run.ctx.Err(); t.err != nil {
		return 0, 0, t.err
	}
	return t.text.ReadRune()
}
