package tables

import (
	"iter"
	"strings"

	"roster/mysqlfront/session"
)

// column declares a column of a virtual table.
type column struct {
	name    string
	typ     session.Type
	notNull bool
	// exact columns compare bytes (utf8mb4_bin), the other texts fold case.
	exact bool
}

// row holds nil, int64, float64 or string for each column.
type row []any

// table is a virtual table.
type table struct {
	schema, name string
	columns      []column
	// key is the column whose equality is pushed down to of, -1 for none.
	key int
	// all yields every row; of those with the key given. of is nil without a key.
	all func(r *run, version uint64) iter.Seq2[row, error]
	of  func(r *run, version uint64, key string) iter.Seq2[row, error]
	// perInstance tables also exist in each instance's database.
	perInstance bool
}

func (t *table) index(name string) int {
	for i, c := range t.columns {
		if strings.EqualFold(c.name, name) {
			return i
		}
	}
	return -1
}

// systemSchemas are the databases that are not an instance.
var systemSchemas = []string{"information_schema", "mysql", "roster"}

// systemSchema is the schema of that name in any case, "" if it is none.
func systemSchema(name string) string {
	for _, s := range systemSchemas {
		if strings.EqualFold(s, name) {
			return s
		}
	}
	return ""
}

// catalogue is all virtual tables by schema and lower-case name.
var catalogue = map[string]map[string]*table{}

// tableList is the catalogue in the order it is listed in.
var tableList []*table

func init() {
	for _, group := range [][]*table{rosterTables(), informationTables(), mysqlTables()} {
		tableList = append(tableList, group...)
	}
	for _, t := range tableList {
		if catalogue[t.schema] == nil {
			catalogue[t.schema] = map[string]*table{}
		}
		catalogue[t.schema][strings.ToLower(t.name)] = t
	}
}

// Short spellings of column declarations.

func text(name string) column  { return column{name: name, typ: session.Varchar} }
func exact(name string) column { return column{name: name, typ: session.Varchar, exact: true} }
func id(name string) column {
	return column{name: name, typ: session.Varchar, exact: true, notNull: true}
}
func label(name string) column  { return column{name: name, typ: session.Varchar, notNull: true} }
func number(name string) column { return column{name: name, typ: session.BigInt} }
func count(name string) column  { return column{name: name, typ: session.BigInt, notNull: true} }
func moment(name string) column { return column{name: name, typ: session.DateTime} }
func asJSON(name string) column { return column{name: name, typ: session.JSON} }

// sqliteType is how a column is declared to SQLite. Times are text there, in the
// session's time zone, so that they compare with literals as MySQL's do.
func (c column) sqliteType() string {
	switch c.typ {
	case session.BigInt, session.Unsigned:
		return "INTEGER"
	case session.Double:
		return "REAL"
	case session.DateTime, session.JSON, session.Blob:
		return "TEXT"
	}
	if c.exact {
		return "TEXT"
	}
	return "TEXT COLLATE " + foldCase
}

// mysqlType is how information_schema and SHOW COLUMNS call the type.
func (c column) mysqlType() (dataType, columnType string) {
	switch c.typ {
	case session.BigInt:
		return "bigint", "bigint"
	case session.Unsigned:
		return "bigint", "bigint unsigned"
	case session.Double:
		return "double", "double"
	case session.DateTime:
		return "datetime", "datetime"
	case session.JSON:
		return "json", "json"
	case session.Blob:
		return "blob", "blob"
	}
	if c.exact || c.notNull {
		return "varchar", "varchar(256)"
	}
	return "varchar", "varchar(1024)"
}

// collation is that of a text column, "" for others.
func (c column) collation() string {
	switch {
	case c.typ != session.Varchar:
		return ""
	case c.exact:
		return "utf8mb4_bin"
	}
	return "utf8mb4_general_ci"
}

// rowsOf makes the all of a table from a function that lists its rows.
func rowsOf(list func(r *run) []row) func(*run, uint64) iter.Seq2[row, error] {
	return func(r *run, _ uint64) iter.Seq2[row, error] {
		return func(yield func(row, error) bool) {
			for _, v := range list(r) {
				if !yield(v, nil) {
					return
				}
			}
		}
	}
}

func empty(*run) []row { return nil }
