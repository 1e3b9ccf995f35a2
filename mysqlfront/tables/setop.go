package tables

import (
	"strings"

	"github.com/pingcap/tidb/pkg/parser/ast"
)

// setWords are the set operations SQLite shares.
var setWords = map[ast.SetOprType]string{
	ast.Union: " UNION ", ast.UnionAll: " UNION ALL ", ast.Except: " EXCEPT ", ast.Intersect: " INTERSECT ",
}

// setOperation rebuilds UNION, EXCEPT and INTERSECT. ORDER BY and LIMIT go around
// it, as SQLite sorts a compound by its columns only.
func (t *translator) setOperation(s *ast.SetOprStmt, parent *scope, names []string) (string, []field, error) {
	sc := &scope{parent: parent}
	var b strings.Builder
	if err := t.with(&b, s.With, sc); err != nil {
		return "", nil, err
	}
	compound, fields, err := t.compound(s.SelectList.Selects, sc, names)
	if err != nil {
		return "", nil, err
	}
	if s.OrderBy == nil && s.Limit == nil {
		b.WriteString(compound)
		return b.String(), fields, nil
	}
	wrapped, err := t.wrap(compound, fields, s.OrderBy, s.Limit, sc)
	b.WriteString(wrapped)
	return b.String(), fields, err
}

// wrap sorts and cuts a query from around it.
func (t *translator) wrap(query string, fields []field, order *ast.OrderByClause, limit *ast.Limit, parent *scope) (string, error) {
	sc := &scope{parent: parent, sources: []*source{{name: "", alias: "compound", fields: fields}}}
	var b strings.Builder
	b.WriteString("SELECT * FROM (" + query + ") AS compound")
	err := t.orderLimit(&b, order, limit, sc)
	return b.String(), err
}

// compound rebuilds the members of a set operation.
func (t *translator) compound(members []ast.Node, sc *scope, names []string) (string, []field, error) {
	defer t.leave()
	if err := t.enter(); err != nil {
		return "", nil, err
	}
	var b, last strings.Builder
	var fields []field
	for i, member := range members {
		query, offered, op, err := t.member(member, sc, names)
		if err != nil {
			return "", nil, err
		}
		if i == 0 {
			fields = offered
		} else {
			word, ok := setWords[*op]
			if !ok {
				return "", nil, unsupported("%s", op.String())
			}
			if len(offered) != len(fields) {
				return "", nil, fail(1222, "21000", "The used SELECT statements have a different number of columns")
			}
			if *op == ast.Intersect {
				// It binds closer than the others; to SQLite all are the same.
				query = "SELECT * FROM (" + last.String() + word + query + ")"
			} else {
				b.WriteString(last.String() + word)
			}
			last.Reset()
			for j := range fields {
				fields[j].typ = mergeTypes(fields[j].typ, offered[j].typ)
				fields[j].notNull = fields[j].notNull && offered[j].notNull
			}
		}
		last.WriteString(query)
	}
	b.WriteString(last.String())
	for i := range fields {
		fields[i].schema, fields[i].table = "", ""
	}
	return b.String(), fields, nil
}

// member rebuilds one member; one with clauses of its own goes in a derived table.
func (t *translator) member(node ast.Node, sc *scope, names []string) (string, []field, *ast.SetOprType, error) {
	switch n := node.(type) {
	case *ast.SelectStmt:
		query, fields, err := t.selectStmt(n, sc, names, true)
		if n.OrderBy != nil || n.Limit != nil || n.With != nil {
			query = "SELECT * FROM (" + query + ")"
		}
		return query, fields, n.AfterSetOperator, err
	case *ast.SetOprSelectList:
		if n.With != nil {
			return "", nil, nil, unsupported("WITH inside a set operation")
		}
		query, fields, err := t.compound(n.Selects, sc, names)
		if err == nil && (n.OrderBy != nil || n.Limit != nil) {
			query, err = t.wrap(query, fields, n.OrderBy, n.Limit, sc)
		}
		return "SELECT * FROM (" + query + ")", fields, n.AfterSetOperator, err
	}
	return "", nil, nil, unsupported("this member of a set operation")
}
