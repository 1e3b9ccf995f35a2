package mysqlfront

import (
	"bytes"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-mysql-org/go-mysql/client"
	"github.com/go-mysql-org/go-mysql/mysql"

	"roster/mysqlfront/session"
)

// table has a column of every type and rows with what is hard to get right.
func table() ([]session.Column, []session.Row) {
	day := time.Date(2026, 11, 23, 18, 5, 9, 0, time.UTC)
	columns := []session.Column{
		{Database: "roster", Table: "t", Name: "s", Type: session.Varchar},
		{Database: "roster", Table: "t", Name: "i", Type: session.BigInt, NotNull: true},
		{Name: "u", Type: session.Unsigned},
		{Name: "d", Type: session.Double},
		{Name: "t", Type: session.DateTime},
		{Name: "j", Type: session.JSON},
		{Name: "b", Type: session.Blob},
	}
	return columns, []session.Row{
		{nil, int64(math.MinInt64), nil, nil, nil, nil, nil}, // NULL before any value
		{"", int64(0), uint64(0), 0.0, day, "{}", []byte{}},
		{"naïve ✓\x00", int64(-1), uint64(math.MaxUint64), -0.1, day.Add(123456 * time.Microsecond), `{"a": 1}`, []byte{0, 255}},
		{strings.Repeat("x", 70_000), int64(math.MaxInt64), uint64(1), 1e300, day, "[]", bytes.Repeat([]byte("y"), 300)},
	}
}

// printed is what a client must see of a row.
func printed(row session.Row, in *time.Location) []string {
	texts := make([]string, len(row))
	for i, v := range row {
		switch v := v.(type) {
		case nil:
			texts[i] = "NULL"
		case []byte:
			texts[i] = string(v)
		case float64:
			texts[i] = string(appendDouble(nil, v))
		case time.Time:
			texts[i] = string(appendDateTime(nil, v, in))
		default:
			texts[i] = fmt.Sprint(v)
		}
	}
	return texts
}

func TestRowsReachClients(t *testing.T) {
	r := start(t)
	r.engine.typed, r.engine.records = table()
	for _, protocol := range []string{"text", "binary"} {
		t.Run("go-sql-driver, "+protocol, func(t *testing.T) {
			db := r.db("root", "", "?parseTime=true")
			query := func() (*sql.Rows, error) { return db.QueryContext(t.Context(), "typed") }
			if protocol == "binary" {
				st, err := db.PrepareContext(t.Context(), "typed")
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = st.Close() }()
				query = func() (*sql.Rows, error) { return st.QueryContext(t.Context()) }
			}
			rows, err := query()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = rows.Close() }()
			kinds, err := rows.ColumnTypes()
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range []string{"VARCHAR", "BIGINT", "UNSIGNED BIGINT", "DOUBLE", "DATETIME", "JSON", "BLOB"} {
				nullable, _ := kinds[i].Nullable()
				if kinds[i].DatabaseTypeName() != want || nullable != (i != 1) || kinds[i].Name() != r.engine.typed[i].Name {
					t.Errorf("column %d is %s %s, nullable %v", i, kinds[i].Name(), kinds[i].DatabaseTypeName(), nullable)
				}
			}
			for _, want := range r.engine.records {
				if !rows.Next() {
					t.Fatal("a row is missing: ", rows.Err())
				}
				got := make([]any, len(want))
				into := make([]any, len(want))
				for i := range got {
					into[i] = &got[i]
				}
				if err := rows.Scan(into...); err != nil {
					t.Fatal(err)
				}
				if got, want := printed(got, time.UTC), printed(want, time.UTC); !slices.Equal(got, want) {
					t.Errorf("got  %.300q\nwant %.300q", got, want)
				}
			}
			if rows.Next() || rows.Err() != nil {
				t.Errorf("after the last row: %v", rows.Err())
			}
		})
		t.Run("the library's client, "+protocol, func(t *testing.T) {
			c, err := client.Connect(r.addr, "root", "", "")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			execute := func() (*mysql.Result, error) { return c.Execute("typed") }
			if protocol == "binary" {
				st, err := c.Prepare("typed")
				if err != nil {
					t.Fatal(err)
				}
				execute = func() (*mysql.Result, error) { return st.Execute() }
			}
			result, err := execute()
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range r.engine.records {
				for j, w := range printed(want, time.UTC) {
					null, err := result.IsNull(i, j)
					if err != nil || null != (want[j] == nil) {
						t.Errorf("row %d column %d: NULL is %v, %v", i, j, null, err)
					}
					if _, isFloat := want[j].(float64); null || isFloat {
						continue
					}
					if got, err := result.GetString(i, j); err != nil || got != w {
						t.Errorf("row %d column %d: got %.50q, %v, want %.50q", i, j, got, err, w)
					}
				}
			}
		})
	}
}

func TestNoRowsKeepNamesAndTypes(t *testing.T) {
	r := start(t)
	r.engine.typed, _ = table()
	for _, args := range [][]any{nil, {1}} {
		text := "typed"
		if args != nil {
			text = "typed ?"
		}
		rows, err := r.db("root", "", "").QueryContext(t.Context(), text, args...)
		if err != nil {
			t.Fatal(err)
		}
		kinds, err := rows.ColumnTypes()
		if err != nil || rows.Next() {
			t.Fatal(err)
		}
		for i, k := range kinds {
			if k.Name() != r.engine.typed[i].Name || k.DatabaseTypeName() == "NULL" {
				t.Errorf("column %d is %s %s", i, k.Name(), k.DatabaseTypeName())
			}
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestResultStreams(t *testing.T) {
	r := start(t)
	t.Run("many rows arrive", func(t *testing.T) {
		rows, err := r.single().QueryContext(t.Context(), "count 50000")
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for rows.Next() {
			n++
		}
		if err := rows.Err(); err != nil || n != 50000 {
			t.Errorf("%d rows, %v", n, err)
		}
	})
	t.Run("an error after rows reaches the client", func(t *testing.T) {
		if err := drain(r.single().QueryContext(t.Context(), "count 5000 error")); errnoOf(err) != 1815 {
			t.Errorf("got %v, want 1815", err)
		}
	})
	t.Run("an error before the first row comes in place of columns", func(t *testing.T) {
		c := r.loggedIn()
		c.command(3, "count 0 error")
		c.expect(0xff)
	})
	t.Run("a value of another type than its column's is an error", func(t *testing.T) {
		for _, v := range []any{1, "x", 1.5, true} {
			r.engine.typed = []session.Column{{Name: "n", Type: session.BigInt}}
			r.engine.records = []session.Row{{v}}
			for _, args := range [][]any{nil, {1}} {
				text := "typed"
				if args != nil {
					text = "typed ?"
				}
				if err := drain(r.single().QueryContext(t.Context(), text, args...)); errnoOf(err) != 1815 {
					t.Errorf("%T: got %v, want 1815", v, err)
				}
			}
		}
	})
	t.Run("a row of another length than the columns is an error", func(t *testing.T) {
		r.engine.typed = []session.Column{{Name: "n", Type: session.BigInt}}
		r.engine.records = []session.Row{{}}
		if err := drain(r.single().QueryContext(t.Context(), "typed")); errnoOf(err) != 1815 {
			t.Errorf("got %v, want 1815", err)
		}
	})
}

func TestValuesAsText(t *testing.T) {
	shanghai := time.FixedZone("+08:00", 8*3600)
	at := time.Date(2026, 1, 1, 20, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		kind session.Type
		v    any
		want string
	}{
		{session.Double, 0.1, "0.1"},
		{session.Double, 0.0, "0"},
		{session.Double, 123456789.0, "123456789"},
		{session.Double, 1e14, "100000000000000"},
		{session.Double, 1e15, "1e15"},
		{session.Double, 1.5e-7, "1.5e-07"},
		{session.Double, math.Inf(1), "NULL"},
		{session.Double, math.NaN(), "NULL"},
		{session.DateTime, at, "2026-01-02 04:00:00"},
		{session.DateTime, at.Add(time.Millisecond), "2026-01-02 04:00:00.001000"},
		{session.DateTime, time.Time{}, "NULL"},
		{session.DateTime, time.Unix(1<<40, 0), "NULL"},
		{session.DateTime, time.Unix(-1<<40, 0), "NULL"},
		{session.Varchar, "", ""},
	} {
		got, err := appendTextRow(nil, []session.Column{{Type: test.kind}}, session.Row{test.v}, shanghai)
		if err != nil {
			t.Fatal(err)
		}
		want := "\xfb"
		if test.want != "NULL" {
			want = string(appendString(nil, test.want))
		}
		if string(got) != want {
			t.Errorf("%v: got %q, want %q", test.v, got, want)
		}
	}
}

func BenchmarkRows(b *testing.B) {
	columns, records := table()
	records = records[:3]
	for name, encode := range map[string]func([]byte, []session.Column, session.Row, *time.Location) ([]byte, error){"text": appendTextRow, "binary": appendBinaryRow} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var p []byte
			for b.Loop() {
				for _, row := range records {
					p, _ = encode(p[:0], columns, row, time.UTC)
				}
			}
		})
	}
}
