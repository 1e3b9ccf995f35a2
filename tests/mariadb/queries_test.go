package mariadb

import (
	"embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

//go:embed testdata/*.sql
var testdata embed.FS

// query is one of testdata: a line "-- name", perhaps a line "-- with [...]" of
// the values for its ?, and a line of SQL.
type query struct {
	name, text string
	args       []any
}

func readQueries(t *testing.T, file string) []query {
	t.Helper()
	raw, err := testdata.ReadFile("testdata/" + file)
	must(t, err)
	var list []query
	var next query
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSuffix(line, "\n")
		switch values, with := strings.CutPrefix(line, "-- with "); {
		case line == "":
		case with:
			decode := json.NewDecoder(strings.NewReader(values))
			decode.UseNumber()
			must(t, decode.Decode(&next.args))
			for i, v := range next.args {
				if n, ok := v.(json.Number); ok {
					next.args[i] = number(n)
				}
			}
		case strings.HasPrefix(line, "-- "):
			next.name = line[3:]
		default:
			next.text = line
			list, next = append(list, next), query{}
		}
	}
	return list
}

func number(n json.Number) any {
	if i, err := n.Int64(); err == nil {
		return i
	}
	f, err := n.Float64()
	if err != nil {
		return err.Error()
	}
	return f
}

// ordered queries end in an ORDER BY of their own, which decides every place.
var ordered = regexp.MustCompile(`(?i)ORDER BY [^()]*$`)

// forms are the two ways to send a statement.
var forms = []struct {
	name     string
	prepared bool
}{{"text", false}, {"prepared", true}}

func TestAnswersEqualMariaDB(t *testing.T) {
	p := newPair(t)
	t.Run("queries", func(t *testing.T) {
		entries, err := testdata.ReadDir("testdata")
		must(t, err)
		ran := 0
		for _, file := range entries {
			if file.Name() == "errors.sql" {
				continue
			}
			for _, q := range readQueries(t, file.Name()) {
				ran++
				t.Run(q.name, func(t *testing.T) { p.equal(t, q) })
			}
		}
		if ran < 150 {
			t.Errorf("%d queries ran, want at least 150", ran)
		}
	})
	t.Run("errors", func(t *testing.T) {
		list := readQueries(t, "errors.sql")
		for _, q := range list {
			t.Run(q.name, func(t *testing.T) { p.fail(t, q) })
		}
		if len(list) < 30 {
			t.Errorf("%d statements failed, want at least 30", len(list))
		}
	})
	t.Run("differences", func(t *testing.T) {
		for _, d := range differences {
			for text, want := range d.examples {
				t.Run(text, func(t *testing.T) { p.differ(t, text, want) })
			}
		}
	})
}

// equal holds the two answers to one query against each other.
func (p *pair) equal(t *testing.T, q query) {
	t.Helper()
	inOrder := ordered.MatchString(q.text)
	for _, form := range forms {
		want := ask(t.Context(), p.mariadb, form.prepared, q.text, q.args...)
		got := ask(t.Context(), p.roster, form.prepared, q.text, q.args...)
		if want.err != nil {
			t.Fatalf("%s: MariaDB refuses %s: %v", form.name, q.text, want.err)
		}
		if got.err != nil || got.text(inOrder) != want.text(inOrder) {
			t.Fatalf("%s: %s\nRoster answers\n%s%s\nMariaDB answers\n%s", form.name, q.text, got.text(inOrder), said(got.err), want.text(inOrder))
		}
	}
}

// fail holds the two errors of one statement against each other.
func (p *pair) fail(t *testing.T, q query) {
	t.Helper()
	want := ask(t.Context(), p.mariadb, false, q.text, q.args...)
	got := ask(t.Context(), p.roster, false, q.text, q.args...)
	if want.err == nil || got.fault() != want.fault() {
		t.Errorf("%s\nRoster fails with %q%s, MariaDB with %q%s", q.text, got.fault(), said(got.err), want.fault(), said(want.err))
	}
}

// differ says that a difference is one still, and that Roster's side of it is as
// documented.
func (p *pair) differ(t *testing.T, text, want string) {
	t.Helper()
	got, other := ask(t.Context(), p.roster, false, text), ask(t.Context(), p.mariadb, false, text)
	if content := outcome(got); content != want {
		t.Errorf("%s\nRoster answers %q%s, want %q", text, content, said(got.err), want)
	}
	if outcome(other) == want {
		t.Errorf("%s: MariaDB answers %q as well, it is no difference any more", text, want)
	}
}

// outcome is an answer without its header.
func outcome(a answer) string {
	_, rows, _ := strings.Cut(a.text(true), "\n")
	return a.fault() + rows
}

func said(err error) string {
	if err == nil {
		return ""
	}
	return fmt.Sprintf(" (%v)", err)
}
