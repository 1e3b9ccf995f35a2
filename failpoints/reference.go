package failpoints

import (
	"fmt"
	"strings"
)

// parts are the titles of the parts of the server, in the order of the catalogue.
var parts = []struct{ name, title string }{
	{"store", "Around either store"},
	{"embedded", "In the embedded store"},
	{"tikv", "In the TiKV store"},
	{"servers", "Among the servers of a store"},
	{"rest", "In the REST front"},
	{"sql", "In the MySQL front"},
}

// Reference is the catalogue as docs/failpoints.md has it.
func Reference() string {
	var b strings.Builder
	for _, part := range parts {
		fmt.Fprintf(&b, "\n### %s\n", part.title)
		for _, p := range Catalogue {
			if strings.HasPrefix(p.Name, part.name+"/") {
				p.describe(&b)
			}
		}
	}
	return b.String()
}

func (p Point) describe(b *strings.Builder) {
	fmt.Fprintf(b, "\n#### `%s`\n\n%s", p.Name, p.Effect)
	if p.Breaks {
		b.WriteString(" **It breaks a guarantee**, so that a suite can show that it would notice.")
	}
	b.WriteString("\n\n")
	for _, line := range []struct{ title, text string }{
		{"REST client", p.REST}, {"MySQL client", p.SQL}, {"Values", p.Values}, {"Place", p.Place}, {"In GO_FAILPOINTS", "`" + p.Path() + "`"},
	} {
		if line.text != "" {
			fmt.Fprintf(b, "- %s: %s\n", line.title, line.text)
		}
	}
}
