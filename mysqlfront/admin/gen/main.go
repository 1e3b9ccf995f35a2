// Command gen writes what the table of statements says into a page of the
// documentation, between its markers.
package main

import (
	"bytes"
	"fmt"
	"os"

	"roster/mysqlfront/admin"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gen FILE")
		os.Exit(2)
	}
	if err := rewrite(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func rewrite(path string) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for name, text := range map[string]string{"statements": admin.Reference(), "grammar": "\n```ebnf\n" + admin.Grammar() + "```\n"} {
		if page, err = replace(page, name, text); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return os.WriteFile(path, page, 0o644) //nolint:gosec // a page everybody may read
}

// replace puts text between the markers of a name.
func replace(page []byte, name, text string) ([]byte, error) {
	begin, end := "<!-- "+name+": written by make generate -->\n", "\n<!-- end of "+name+" -->"
	head, rest, ok := bytes.Cut(page, []byte(begin))
	_, tail, closed := bytes.Cut(rest, []byte(end))
	if !ok || !closed {
		return nil, fmt.Errorf("the markers of %s are missing", name)
	}
	return append(append(append(bytes.Clone(head), begin+text...), end...), tail...), nil
}
