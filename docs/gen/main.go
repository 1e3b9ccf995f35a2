// Command gen writes what the code tells of itself into the pages of the
// documentation, between their markers. It runs in the root of the module.
package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"

	"roster/failpoints"
	"roster/mysqlfront/admin"
)

func main() {
	for _, part := range []struct{ page, name, text string }{
		{"docs/sql.md", "statements", admin.Reference()},
		{"docs/sql.md", "grammar", "\n```ebnf\n" + admin.Grammar() + "```\n"},
		{"docs/failpoints.md", "catalogue", failpoints.Reference()},
	} {
		if err := rewrite(part.page, part.name, part.text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// rewrite puts text between the markers of a name.
func rewrite(path, name, text string) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	begin, end := "<!-- "+name+": written by make generate -->\n", "\n<!-- end of "+name+" -->"
	head, rest, ok := bytes.Cut(page, []byte(begin))
	_, tail, closed := bytes.Cut(rest, []byte(end))
	if !ok || !closed {
		return fmt.Errorf("%s: the markers of %s are missing", path, name)
	}
	page = slices.Concat(head, []byte(begin+text+end), tail)
	return os.WriteFile(path, page, 0o644) //nolint:gosec // a page everybody may read
}
