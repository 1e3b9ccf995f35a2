package tables

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/opcode"

	"roster/mysqlfront/session"
)

// predicate rebuilds the rest: comparisons with several operands, and subqueries.
func (t *translator) predicate(node ast.ExprNode, sc *scope) (expr, error) {
	switch n := node.(type) {
	case *ast.BetweenExpr:
		return t.between(n, sc)
	case *ast.PatternInExpr:
		return t.in(n, sc)
	case *ast.PatternLikeOrIlikeExpr:
		return t.like(n, sc)
	case *ast.PatternRegexpExpr:
		parts, err := t.exprs([]ast.ExprNode{n.Expr, n.Pattern}, sc)
		parts = append(parts, exactness(parts...))
		return integer("(" + not(n.Not) + "m_regexp_like(" + list(parts) + "))"), err
	case *ast.CaseExpr:
		return t.caseOf(n, sc)
	case *ast.SubqueryExpr:
		return t.subquery(n, sc)
	case *ast.ExistsSubqueryExpr:
		e, err := t.predicate(n.Sel, sc)
		return truth("(" + not(n.Not) + "EXISTS " + e.sql + ")"), err
	case *ast.CompareSubqueryExpr:
		return t.quantified(n, sc)
	}
	return expr{}, unsupported("this expression: %s", kind(node))
}

// isNumber says that a type is of numbers.
func isNumber(t session.Type) bool {
	return t == session.BigInt || t == session.Unsigned || t == session.Double
}

// number makes a number of a text, which SQLite would not compare with one.
func (e expr) number() expr {
	if (e.typ == session.Varchar || e.typ == session.JSON) && !e.null {
		return expr{sql: "m_number(" + e.sql + ")", typ: session.Double, notNull: e.notNull}
	}
	return e
}

// unquoted is JSON as a text, which compares by bytes.
func (e expr) unquoted() expr {
	return expr{sql: "m_json_unquote(" + e.sql + ")", typ: session.Varchar, notNull: e.notNull, collated: true, exact: true}
}

// beside readies a text for a comparison with a ?: the value of that, whatever it
// is, becomes a text as well.
func (e expr) beside(other expr) expr {
	if other.param && !e.param && e.of == nil && e.typ == session.Varchar {
		e.sql = "CAST(" + e.sql + " AS TEXT)"
		if e.collated && e.exact {
			e.sql = "(" + e.sql + " COLLATE BINARY)"
		}
	}
	return e
}

// comparable readies two operands: times and texts compare as times, numbers and
// texts as numbers, and texts without a collation by MySQL's default one.
func comparable(l, r expr) (expr, expr) {
	if l.typ == session.JSON && r.typ == session.Varchar {
		l = l.unquoted()
	}
	if r.typ == session.JSON && l.typ == session.Varchar {
		r = r.unquoted()
	}
	l, r = l.beside(r), r.beside(l)
	switch {
	case isNumber(l.typ) && !l.null:
		r = r.number()
	case isNumber(r.typ) && !r.null:
		l = l.number()
	case l.of != nil && r.of != nil && l.typ == session.Varchar && r.typ == session.Varchar && l.exact != r.exact:
		// SQLite would take the collation of the left column.
		if r.exact {
			l.sql = "(" + l.sql + " COLLATE BINARY)"
		} else {
			r.sql = "(" + r.sql + " COLLATE BINARY)"
		}
	case l.typ == session.DateTime && r.typ == session.Varchar && !r.null:
		r.sql = "m_datetime(" + r.sql + ")"
	case r.typ == session.DateTime && l.typ == session.Varchar && !l.null:
		l.sql = "m_datetime(" + l.sql + ")"
	case l.typ == session.Varchar && r.typ == session.Varchar && !l.collated && !r.collated:
		l = l.folded()
	}
	return l, r
}

func (t *translator) between(n *ast.BetweenExpr, sc *scope) (expr, error) {
	parts, err := t.exprs([]ast.ExprNode{n.Expr, n.Left, n.Right}, sc)
	if err != nil {
		return expr{}, err
	}
	e, low := comparable(parts[0], parts[1])
	e, high := comparable(e, parts[2])
	return integer("(" + e.sql + " " + not(n.Not) + "BETWEEN " + low.sql + " AND " + high.sql + ")"), nil
}

func (t *translator) in(n *ast.PatternInExpr, sc *scope) (expr, error) {
	e, err := t.expr(n.Expr, sc)
	if err != nil {
		return expr{}, err
	}
	if n.Sel != nil {
		sub, err := t.predicate(n.Sel, sc)
		if !sub.collated {
			e = e.folded()
		}
		return integer("(" + e.sql + " " + not(n.Not) + "IN " + sub.sql + ")"), err
	}
	values, err := t.exprs(n.List, sc)
	if err != nil {
		return expr{}, err
	}
	if _, rows := n.Expr.(*ast.RowExpr); !rows {
		e = e.among(values)
	}
	if left, rows := n.Expr.(*ast.RowExpr); rows {
		for _, v := range n.List {
			if right, ok := v.(*ast.RowExpr); !ok || len(right.Values) != len(left.Values) {
				return expr{}, fail(1241, "21000", "Operand should contain %d column(s)", len(left.Values))
			}
		}
		return integer("(" + e.sql + " " + not(n.Not) + "IN (VALUES " + list(values) + "))"), nil
	}
	return integer("(" + e.sql + " " + not(n.Not) + "IN (" + list(values) + "))"), nil
}

// among readies an operand and those it is compared with, one by one.
func (e expr) among(values []expr) expr {
	numbers := 0
	for i := range values {
		if e.typ != session.Varchar {
			_, values[i] = comparable(e, values[i])
		}
		if isNumber(values[i].typ) && !values[i].null {
			numbers++
		}
	}
	if numbers == len(values) {
		return e.number()
	}
	return e.folded()
}

// quantified rebuilds comparisons with ANY and ALL. = ANY and <> ALL are IN, the
// others count the rows for which the comparison is true, false or NULL.
func (t *translator) quantified(n *ast.CompareSubqueryExpr, sc *scope) (expr, error) {
	switch {
	case n.Op == opcode.EQ && !n.All:
		return t.in(&ast.PatternInExpr{Expr: n.L, Sel: n.R}, sc)
	case n.Op == opcode.NE && n.All:
		return t.in(&ast.PatternInExpr{Expr: n.L, Sel: n.R, Not: true}, sc)
	}
	l, err := t.expr(n.L, sc)
	if err != nil {
		return expr{}, err
	}
	query, fields, err := t.query(n.R.(*ast.SubqueryExpr).Query, sc, []string{"v"})
	if err != nil {
		return expr{}, err
	}
	r := fields[0].expr(quantifiedAlias)
	r.of = nil
	l, r = comparable(l, r)
	form := "CASE WHEN count(*) = 0 THEN 0 WHEN max(%[1]s) THEN 1 WHEN count(%[1]s) < count(*) THEN NULL ELSE 0 END"
	if n.All {
		form = "CASE WHEN count(*) = 0 THEN 1 WHEN NOT min(%[1]s) THEN 0 WHEN count(%[1]s) < count(*) THEN NULL ELSE 1 END"
	}
	counted := fmt.Sprintf(form, "("+l.sql+" "+comparison[n.Op]+" "+r.sql+")")
	return integer("(SELECT " + counted + " FROM (" + query + ") AS " + quoteName(quantifiedAlias) + ")"), nil
}

// quantifiedAlias is no name that a client can write for a table.
const quantifiedAlias = "-quantified"

func (t *translator) like(n *ast.PatternLikeOrIlikeExpr, sc *scope) (expr, error) {
	parts, err := t.exprs([]ast.ExprNode{n.Expr, n.Pattern}, sc)
	if err != nil {
		return expr{}, err
	}
	escape := ""
	if n.Escape != 0 {
		escape = string(rune(n.Escape))
	}
	parts = append(parts, textLiteral(escape), exactness(parts...))
	return integer("(" + not(n.Not) + "m_like(" + list(parts) + "))"), nil
}

// exactness tells a function whether to tell letters of upper and lower case apart.
func exactness(texts ...expr) expr {
	if slices.ContainsFunc(texts, func(e expr) bool { return e.exact }) {
		return integer("1")
	}
	return integer("0")
}

func (t *translator) caseOf(n *ast.CaseExpr, sc *scope) (expr, error) {
	var b strings.Builder
	b.WriteString("(CASE")
	var value expr
	var err error
	if n.Value != nil {
		if value, err = t.expr(n.Value, sc); err != nil {
			return expr{}, err
		}
	}
	var whens, results []expr
	for _, w := range n.WhenClauses {
		parts, err := t.exprs([]ast.ExprNode{w.Expr, w.Result}, sc)
		if err != nil {
			return expr{}, err
		}
		whens, results = append(whens, parts[0]), append(results, parts[1])
	}
	if n.Value != nil {
		value = value.among(whens)
		b.WriteString(" " + value.sql)
	}
	for i, when := range whens {
		b.WriteString(" WHEN " + when.sql + " THEN " + results[i].sql)
	}
	otherwise := expr{null: true}
	if n.ElseClause != nil {
		if otherwise, err = t.expr(n.ElseClause, sc); err != nil {
			return expr{}, err
		}
		b.WriteString(" ELSE " + otherwise.sql)
	}
	results = append(results, otherwise)
	typ, notNull := commonType(results...)
	return expr{sql: b.String() + " END)", typ: typ, notNull: notNull}.inherit(results), nil
}
