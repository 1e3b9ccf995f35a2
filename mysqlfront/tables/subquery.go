package tables

import "github.com/pingcap/tidb/pkg/parser/ast"

// subquery rebuilds a query in parentheses, whatever its rows and columns.
func (t *translator) subquery(n *ast.SubqueryExpr, sc *scope) (expr, error) {
	sql, fields, err := t.query(n.Query, sc, nil)
	if err != nil {
		return expr{}, err
	}
	f := fields[0]
	return expr{sql: "(" + sql + ")", typ: f.typ, collated: f.collated || len(fields) > 1, exact: f.exact, columns: fields}, nil
}

// scalar rebuilds a subquery that stands for a value. SQLite would take the first
// of several rows, MySQL refuses them.
func (t *translator) scalar(n *ast.SubqueryExpr, sc *scope) (expr, error) {
	e, err := t.subquery(n, sc)
	if err != nil || len(e.columns) > 1 || oneRow(n.Query) {
		return e, err
	}
	e.sql = "(SELECT m_single(" + quoteName(e.columns[0].name) + ") FROM " + e.sql + ")"
	if e.collated = e.exact; e.exact {
		e.sql = "(" + e.sql + " COLLATE BINARY)"
	}
	return e, nil
}

// oneRow says that a query never has two rows.
func oneRow(query ast.ResultSetNode) bool {
	s, ok := query.(*ast.SelectStmt)
	return ok && (s.From == nil || s.GroupBy == nil && hasAggregate(s))
}
