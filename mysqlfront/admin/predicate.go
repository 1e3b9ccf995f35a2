package admin

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"roster/mysqlfront/session"
)

// truth is the three-valued logic of SQL.
type truth int

const (
	no truth = iota - 1
	unknown
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// test decides on a row.
type test func(session.Row) truth

// predicate compiles LIKE and WHERE.
func (x *execution) predicate(l list, f *filter) (func(session.Row) bool, error) {
	var tests []test
	if f.Like != nil {
		t, err := x.like(l.columns, column{quoteName(l.like)}, f.Like)
		if err != nil {
			return nil, err
		}
		tests = append(tests, t)
	}
	if f.Where != nil {
		t, err := x.expr(l.columns, f.Where)
		if err != nil {
			return nil, err
		}
		tests = append(tests, t)
	}
	return func(row session.Row) bool {
		for _, t := range tests {
			if t(row) != yes {
				return false
			}
		}
		return true
	}, nil
}

func (x *execution) expr(columns []session.Column, e *expr) (test, error) {
	return x.combine(len(e.Any), yes, func(i int) (test, error) {
		all := e.Any[i].All
		return x.combine(len(all), no, func(j int) (test, error) { return x.term(columns, &all[j]) })
	})
}

// combine joins tests: the first that answers decisive decides, as yes does for
// OR and no for AND; else an unknown makes the whole unknown.
func (x *execution) combine(n int, decisive truth, part func(int) (test, error)) (test, error) {
	parts := make([]test, n)
	for i := range n {
		var err error
		if parts[i], err = part(i); err != nil {
			return nil, err
		}
	}
	return func(row session.Row) truth {
		answer := -decisive
		for _, t := range parts {
			switch t(row) {
			case decisive:
				return decisive
			case unknown:
				answer = unknown
			}
		}
		return answer
	}, nil
}

func (x *execution) term(columns []session.Column, t *term) (inner test, err error) {
	if t.Group != nil {
		inner, err = x.expr(columns, t.Group)
	} else {
		inner, err = x.comparison(columns, t.Test)
	}
	if err != nil || !t.Not {
		return inner, err
	}
	return negate(inner), nil
}

func negate(t test) test { return func(row session.Row) truth { return -t(row) } }

func (x *execution) comparison(columns []session.Column, c *comparison) (t test, err error) {
	i, err := columnNamed(columns, c.Column)
	if err != nil {
		return nil, err
	}
	switch {
	case c.Null != nil:
		return func(row session.Row) truth { return truthOf((row[i] == nil) != c.Null.Not) }, nil
	case c.Op != "":
		return x.compare(columns[i], i, c.Op, c.Value)
	case c.Like != nil:
		t, err = x.like(columns, c.Column, c.Like)
	default:
		in := c.In.List
		t, err = x.combine(len(in), yes, func(n int) (test, error) { return x.compare(columns[i], i, "=", &in[n]) })
	}
	if err != nil || !c.Not {
		return t, err
	}
	return negate(t), nil
}

// compare tests a column against a literal, as the type of the column has it.
func (x *execution) compare(c session.Column, i int, op string, v *value) (test, error) {
	l, err := x.literal(v)
	if err != nil {
		return nil, err
	}
	var want any
	if !l.null {
		if want, err = x.typed(c, l.text); err != nil {
			return nil, err
		}
	}
	accept := map[string]func(int) bool{
		"=": func(n int) bool { return n == 0 }, "<=>": func(n int) bool { return n == 0 },
		"!=": func(n int) bool { return n != 0 }, "<>": func(n int) bool { return n != 0 },
		"<": func(n int) bool { return n < 0 }, "<=": func(n int) bool { return n <= 0 },
		">": func(n int) bool { return n > 0 }, ">=": func(n int) bool { return n >= 0 },
	}[op]
	return func(row session.Row) truth {
		if op != "<=>" && (row[i] == nil || want == nil) {
			return unknown
		}
		return truthOf(accept(compareNull(row[i], want)))
	}, nil
}

// typed is a literal as a value of a column's type.
func (x *execution) typed(c session.Column, s string) (any, error) {
	switch c.Type {
	case session.BigInt, session.Unsigned, session.Double:
		n, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return nil, invalid("column %s is compared with %q, want a number", c.Name, clip(s))
		}
		if i, err := strconv.ParseInt(s, 10, 64); err == nil && c.Type == session.BigInt {
			return i, nil
		}
		if u, err := strconv.ParseUint(s, 10, 64); err == nil && c.Type == session.Unsigned {
			return u, nil
		}
		return n, nil
	case session.DateTime:
		for _, layout := range []string{time.DateTime, time.RFC3339, time.DateOnly, "2006-01-02T15:04:05"} {
			if t, err := time.ParseInLocation(layout, s, x.location()); err == nil {
				return t, nil
			}
		}
		return nil, invalid("column %s is compared with %q, want 'YYYY-MM-DD hh:mm:ss'", c.Name, clip(s))
	}
	return s, nil
}

func (x *execution) location() *time.Location {
	if x.session.Location == nil {
		return time.UTC
	}
	return x.session.Location
}

// compareNull orders values of a column; NULL is before all.
func compareNull(a, b any) int {
	if a == nil || b == nil {
		return cmp.Compare(truthOf(a != nil), truthOf(b != nil))
	}
	switch a := a.(type) {
	case int64:
		if b, ok := b.(int64); ok {
			return cmp.Compare(a, b)
		}
		return cmp.Compare(float64(a), float(b))
	case uint64:
		if b, ok := b.(uint64); ok {
			return cmp.Compare(a, b)
		}
		return cmp.Compare(float64(a), float(b))
	case float64:
		return cmp.Compare(a, float(b))
	case time.Time:
		if b, ok := b.(time.Time); ok {
			return a.Compare(b)
		}
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(a, b)
		}
	}
	return 0
}

func float(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case uint64:
		return float64(v)
	case float64:
		return v
	}
	return 0
}

// like tests a column against a pattern, whatever the case.
func (x *execution) like(columns []session.Column, c column, v *value) (test, error) {
	i, err := columnNamed(columns, c)
	if err != nil {
		return nil, err
	}
	l, err := x.literal(v)
	if err != nil {
		return nil, err
	}
	pattern := []rune(strings.ToLower(l.text))
	return func(row session.Row) truth {
		s, ok := row[i].(string)
		if !ok && row[i] != nil {
			s = strconv.FormatFloat(float(row[i]), 'f', -1, 64)
		}
		if row[i] == nil || l.null {
			return unknown
		}
		return truthOf(matches(pattern, []rune(strings.ToLower(s))))
	}, nil
}

// matches is LIKE: % stands for any text, _ for one character, \ takes both as
// they are. It looks back to the last % only, so it is never slow.
func matches(pattern, s []rune) bool {
	p, i, star, from := 0, 0, -1, 0
	for i < len(s) {
		step, one := 1, false
		if p < len(pattern) {
			switch c := pattern[p]; {
			case c == '%':
				star, from = p, i
				p++
				continue
			case c == '_':
				one = true
			case c == '\\' && p+1 < len(pattern):
				step, one = 2, pattern[p+1] == s[i]
			default:
				one = c == s[i]
			}
		}
		switch {
		case one:
			p, i = p+step, i+1
		case star < 0:
			return false
		default:
			from++
			p, i = star+1, from
		}
	}
	for p < len(pattern) && pattern[p] == '%' {
		p++
	}
	return p == len(pattern)
}
