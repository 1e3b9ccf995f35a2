package tables

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// foldCase is the collation of texts, as near to MySQL's utf8mb4_general_ci as
// folding each letter to its base in upper case gets: 'é' = 'E', and spaces at
// the end do not count.
const foldCase = "utf8mb4_general_ci"

// compareFolded orders two texts by foldCase.
func compareFolded(a, b string) int {
	a, b = strings.TrimRight(a, " "), strings.TrimRight(b, " ")
	for a != "" && b != "" {
		x, n := foldRune(a)
		y, m := foldRune(b)
		if x != y {
			return cmp.Compare(x, y)
		}
		a, b = a[n:], b[m:]
	}
	return cmp.Compare(len(a), len(b))
}

// fold is equal for texts that foldCase holds equal.
func fold(s string) string {
	s = strings.TrimRight(s, " ")
	var b strings.Builder
	b.Grow(len(s))
	for s != "" {
		r, n := foldRune(s)
		b.WriteRune(r)
		s = s[n:]
	}
	return b.String()
}

func foldRune(s string) (rune, int) {
	if c := s[0]; c < utf8.RuneSelf {
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		return rune(c), 1
	}
	r, n := utf8.DecodeRuneInString(s)
	if r == 'ß' {
		return 'S', n
	}
	if d := norm.NFD.PropertiesString(s).Decomposition(); len(d) > 0 {
		r, _ = utf8.DecodeRune(d)
	}
	return unicode.ToUpper(r), n
}
