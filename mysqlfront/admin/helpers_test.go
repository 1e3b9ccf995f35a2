package admin

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"roster/mysqlfront/session"
)

// checkTypes holds a row to what its columns declare.
func checkTypes(t testing.TB, text string, columns []session.Column, row session.Row) {
	t.Helper()
	if len(row) != len(columns) {
		t.Fatalf("%s: a row has %d values for %d columns", text, len(row), len(columns))
	}
	for i, v := range row {
		ok := v == nil
		switch columns[i].Type {
		case session.Varchar, session.JSON:
			_, isText := v.(string)
			ok = ok || isText
		case session.BigInt:
			_, is := v.(int64)
			ok = ok || is
		case session.Unsigned:
			_, is := v.(uint64)
			ok = ok || is
		case session.DateTime:
			_, is := v.(time.Time)
			ok = ok || is
		default:
			ok = false
		}
		if !ok {
			t.Errorf("%s: %s is a %T, which its type is not", text, columns[i].Name, v)
		}
	}
}

// column is all values of a column.
func (a answer) column(t testing.TB, name string) []string {
	t.Helper()
	for i, c := range a.Columns {
		if c.Name == name {
			values := []string{}
			for _, row := range a.rows {
				values = append(values, fmt.Sprint(row[i]))
			}
			return values
		}
	}
	t.Fatalf("there is no column %s", name)
	return nil
}

func (a answer) names() string {
	names := make([]string, len(a.Columns))
	for i, c := range a.Columns {
		names[i] = c.Name
	}
	return strings.Join(names, " ")
}

func wantError(t testing.TB, err error, number uint16, part string) {
	t.Helper()
	if err == nil {
		t.Fatalf("got no error, want number %d", number)
	}
	shown := session.Shown(err)
	if shown.Number != number || !strings.Contains(shown.Msg, part) || len(shown.State) != 5 {
		t.Errorf("got %d %s %q, want %d with %q", shown.Number, shown.State, shown.Msg, number, part)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
