package httpfront

import (
	"iter"
	"net/url"
	"strings"
)

// query is a query string. As in the existing service a plus is a plus and the
// last of several values counts; unlike there, %XX is decoded, since clients
// encode the colons of a cloud_unique_id.
type query []parameter

// parameter is one name=value, decoded; raw is its value as it was sent.
type parameter struct{ name, value, raw string }

func parseQuery(s string) query {
	if s == "" {
		return nil
	}
	q := make(query, 0, 1+strings.Count(s, "&"))
	for more := true; more; {
		var pair string
		pair, s, more = strings.Cut(s, "&")
		if pair != "" {
			name, raw, _ := strings.Cut(pair, "=")
			q = append(q, parameter{unescape(name), unescape(raw), raw})
		}
	}
	return q
}

// all yields names and values, decoded.
func (q query) all() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, p := range q {
			if !yield(p.name, p.value) {
				return
			}
		}
	}
}

func (q query) get(name string) string { return q.last(name).value }

// last is the parameter of a name that counts.
func (q query) last(name string) (found parameter) {
	for _, p := range q {
		if p.name == name {
			found = p
		}
	}
	return found
}

// count is how often name is given.
func (q query) count(name string) (n int) {
	for _, p := range q {
		if p.name == name {
			n++
		}
	}
	return n
}

// unescape leaves text that is not properly escaped as it is.
func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}
