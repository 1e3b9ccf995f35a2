package httpfront

import (
	"iter"
	"net/url"
	"strings"
)

// query is a raw query string. As in the existing service a plus is a plus and
// the last of several values counts; unlike there, %XX is decoded, since clients
// encode the colons of a cloud_unique_id.
type query string

// all yields names and values, decoded.
func (q query) all() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for pair := range strings.SplitSeq(string(q), "&") {
			name, value, _ := strings.Cut(pair, "=")
			if pair != "" && !yield(unescape(name), unescape(value)) {
				return
			}
		}
	}
}

func (q query) get(name string) (value string) {
	for n, v := range q.all() {
		if n == name {
			value = v
		}
	}
	return value
}

// count is how often name is given.
func (q query) count(name string) (n int) {
	for given := range q.all() {
		if given == name {
			n++
		}
	}
	return n
}

// raw is the value of the last name as it was sent.
func (q query) raw(name string) (value string) {
	for pair := range strings.SplitSeq(string(q), "&") {
		if n, v, _ := strings.Cut(pair, "="); unescape(n) == name {
			value = v
		}
	}
	return value
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
