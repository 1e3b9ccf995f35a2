// Command gen writes the catalogue of failpoints into a page of the
// documentation, between its markers.
package main

import (
	"bytes"
	"fmt"
	"os"

	"roster/failpoints"
)

const begin, end = "<!-- catalogue: written by make generate -->\n", "\n<!-- end of catalogue -->"

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
	head, rest, ok := bytes.Cut(page, []byte(begin))
	_, tail, closed := bytes.Cut(rest, []byte(end))
	if !ok || !closed {
		return fmt.Errorf("%s: the markers of the catalogue are missing", path)
	}
	page = append(append(append(bytes.Clone(head), begin+failpoints.Reference()...), end...), tail...)
	return os.WriteFile(path, page, 0o644) //nolint:gosec // a page everybody may read
}
