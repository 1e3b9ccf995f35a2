package tables

import (
	"strings"

	"github.com/pingcap/tidb/pkg/parser/ast"

	"roster/mysqlfront/session"
)

// expr is an expression translated to SQLite.
type expr struct {
	sql string
	typ session.Type
	// null marks the literal NULL, which takes any type.
	null    bool
	notNull bool
	// collated texts bring a collation of their own.
	collated bool
	// exact texts compare bytes.
	exact bool
	// param marks a ?, whose type is that of its value.
	param bool
	// columns are those of a subquery, nil for others.
	columns []field
	// of is the column the expression is, nil for others.
	of *field
}

// field is a column that a table or a query offers.
type field struct {
	name          string
	schema, table string
	typ           session.Type
	notNull       bool
	collated      bool
	exact         bool
	// merged columns are the second of two that USING made one.
	merged bool
}

func (f field) column() session.Column {
	return session.Column{Database: f.schema, Table: f.table, Name: f.name, Type: f.typ, NotNull: f.notNull}
}

// source is a table or derived table in a FROM clause.
type source struct {
	// name is what the statement calls it, alias what SQLite does.
	name, schema, alias string
	fields              []field
}

// scope is where names are looked up: a query block, then those around it.
type scope struct {
	parent  *scope
	sources []*source
	// using are the columns that two tables share, which go without a table.
	using map[string]bool
	ctes  map[string][]field
	// aliases are the select list, visible after WHERE; aliasFirst in ORDER BY.
	aliases    map[string]expr
	aliasFirst bool
	clause     string
}

// cte is the fields of a common table expression, nil if there is none.
func (s *scope) cte(name string) []field {
	for ; s != nil; s = s.parent {
		if fields, ok := s.ctes[name]; ok {
			return fields
		}
	}
	return nil
}

// add registers a source under a name that SQLite can tell from the others.
func (s *scope) add(src *source) error {
	src.alias = src.name
	for _, other := range s.sources {
		if !strings.EqualFold(other.alias, src.alias) {
			continue
		}
		if strings.EqualFold(other.schema, src.schema) {
			return fail(1066, "42000", "Not unique table/alias: '%s'", src.name)
		}
		src.alias = src.schema + "." + src.name
	}
	s.sources = append(s.sources, src)
	return nil
}

// resolve finds a column.
func (s *scope) resolve(name *ast.ColumnName) (expr, error) {
	for at := s; at != nil; at = at.parent {
		found, ok, err := at.find(name)
		if ok || err != nil {
			return found, err
		}
	}
	return expr{}, fail(1054, "42S22", "Unknown column '%s' in '%s'", name.String(), s.clause)
}

func (s *scope) find(name *ast.ColumnName) (expr, bool, error) {
	if name.Table.O == "" && s.aliasFirst {
		if e, ok := s.aliases[name.Name.L]; ok {
			return e, true, nil
		}
	}
	var found expr
	hits := 0
	for _, src := range s.sources {
		if !src.answers(name) {
			continue
		}
		for i := range src.fields {
			f := &src.fields[i]
			if !strings.EqualFold(f.name, name.Name.O) || (f.merged && name.Table.O == "") {
				continue
			}
			hits++
			found = f.expr(src.alias)
			if name.Table.O == "" && s.using[name.Name.L] {
				found.sql = quoteName(f.name)
			}
		}
	}
	switch {
	case hits > 1:
		return expr{}, false, fail(1052, "23000", "Column '%s' in %s is ambiguous", name.String(), s.clause)
	case hits == 1:
		return found, true, nil
	case name.Table.O == "":
		e, ok := s.aliases[name.Name.L]
		return e, ok, nil
	}
	return expr{}, false, nil
}

// answers says whether a qualified name may mean the source.
func (src *source) answers(name *ast.ColumnName) bool {
	return (name.Table.O == "" || strings.EqualFold(src.name, name.Table.O)) &&
		(name.Schema.O == "" || strings.EqualFold(src.schema, name.Schema.O))
}

func (f *field) expr(alias string) expr {
	return expr{
		sql: quoteName(alias) + "." + quoteName(f.name),
		typ: f.typ, notNull: f.notNull, collated: f.collated, exact: f.exact, of: f,
	}
}
