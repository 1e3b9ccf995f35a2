package tables

import "unicode/utf8"

// like says whether a whole text matches a pattern of LIKE. Letters fold case
// unless exact. A failed match goes back to the last % only: what an earlier one
// could match, the last can as well. Before each such step back it asks tick.
func like(text, pattern string, escape rune, exact bool, tick func() error) (bool, error) {
	var again, from string // the pattern behind the last %, the text it was tried at
	wild := false
	for text != "" || pattern != "" {
		if pattern != "" {
			c, rest, special := next(pattern, escape)
			if special && c == '%' {
				again, from, wild = rest, text, true
				pattern = rest
				continue
			}
			if text != "" && (special || sameRune(text, c, exact)) {
				_, n := utf8.DecodeRuneInString(text)
				text, pattern = text[n:], rest
				continue
			}
		}
		if !wild || from == "" {
			return false, nil
		}
		if err := tick(); err != nil {
			return false, err
		}
		_, n := utf8.DecodeRuneInString(from)
		from = from[n:]
		text, pattern = from, again
	}
	return true, nil
}

// next cuts the first element off a pattern; special ones are % and _.
func next(pattern string, escape rune) (c rune, rest string, special bool) {
	c, n := utf8.DecodeRuneInString(pattern)
	rest = pattern[n:]
	if c == escape && escape != utf8.RuneError && rest != "" {
		c, n = utf8.DecodeRuneInString(rest)
		return c, rest[n:], false
	}
	return c, rest, c == '%' || c == '_'
}

func sameRune(text string, c rune, exact bool) bool {
	r, _ := utf8.DecodeRuneInString(text)
	if r == c || exact {
		return r == c
	}
	x, _ := foldRune(text)
	y, _ := foldRune(string(c))
	return x == y
}
