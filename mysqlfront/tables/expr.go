package tables

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/mysql"
	"github.com/pingcap/tidb/pkg/parser/opcode"
	driver "github.com/pingcap/tidb/pkg/parser/test_driver"

	"roster/mysqlfront/session"
)

// mergeTypes is the type that holds values of both.
func mergeTypes(a, b session.Type) session.Type {
	numeric := func(t session.Type) bool {
		return t == session.BigInt || t == session.Unsigned || t == session.Double
	}
	switch {
	case a == b:
		return a
	case numeric(a) && numeric(b) && (a == session.Double || b == session.Double):
		return session.Double
	case numeric(a) && numeric(b):
		return session.BigInt
	}
	return session.Varchar
}

// common is the type of what is one of several expressions.
func commonType(list ...expr) (typ session.Type, notNull bool) {
	typ, notNull = session.Varchar, true
	first := true
	for _, e := range list {
		notNull = notNull && e.notNull
		switch {
		case e.null:
		case first:
			typ, first = e.typ, false
		default:
			typ = mergeTypes(typ, e.typ)
		}
	}
	return typ, notNull
}

// folded gives a text that has no collation MySQL's default one.
func (e expr) folded() expr {
	if e.typ == session.Varchar && !e.collated && !e.null {
		e.sql, e.collated = "("+e.sql+") COLLATE "+foldCase, true
	}
	return e
}

func integer(sql string) expr { return expr{sql: sql, typ: session.BigInt} }

// condition rebuilds an expression that is true or not.
func (t *translator) condition(n ast.ExprNode, sc *scope) (string, error) {
	e, err := t.expr(n, sc)
	return e.sql, err
}

// exprs rebuilds a list.
func (t *translator) exprs(nodes []ast.ExprNode, sc *scope) ([]expr, error) {
	out := make([]expr, len(nodes))
	for i, n := range nodes {
		var err error
		if out[i], err = t.expr(n, sc); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// list is expressions separated by commas.
func list(exprs []expr) string {
	parts := make([]string, len(exprs))
	for i, e := range exprs {
		parts[i] = e.sql
	}
	return strings.Join(parts, ", ")
}

// expr rebuilds an expression. Nodes it does not know are refused.
func (t *translator) expr(node ast.ExprNode, sc *scope) (expr, error) {
	defer t.leave()
	if err := t.enter(); err != nil {
		return expr{}, err
	}
	switch n := node.(type) {
	case *driver.ParamMarkerExpr:
		return expr{sql: "?" + strconv.Itoa(n.Order+1), typ: session.Varchar}, nil
	case *driver.ValueExpr:
		return literal(n)
	case *ast.ParenthesesExpr:
		e, err := t.expr(n.Expr, sc)
		e.sql = "(" + e.sql + ")"
		return e, err
	case *ast.ColumnNameExpr:
		return sc.resolve(n.Name)
	case *ast.VariableExpr:
		return t.variable(n)
	case *ast.UnaryOperationExpr:
		return t.unary(n, sc)
	case *ast.BinaryOperationExpr:
		return t.binary(n, sc)
	case *ast.IsNullExpr:
		e, err := t.expr(n.Expr, sc)
		return truth("(" + e.sql + " IS " + not(n.Not) + "NULL)"), err
	case *ast.IsTruthExpr:
		e, err := t.expr(n.Expr, sc)
		word := "FALSE"
		if n.True != 0 {
			word = "TRUE"
		}
		return truth("(" + e.sql + " IS " + not(n.Not) + word + ")"), err
	case *ast.FuncCallExpr:
		return t.call(n, sc)
	case *ast.FuncCastExpr:
		return t.cast(n, sc)
	case *ast.AggregateFuncExpr:
		return t.aggregate(n, sc)
	case *ast.WindowFuncExpr:
		return t.window(n, sc)
	case *ast.SetCollationExpr:
		return t.collate(n, sc)
	case *ast.RowExpr:
		values, err := t.exprs(n.Values, sc)
		return expr{sql: "(" + list(values) + ")", typ: session.Varchar, collated: true}, err
	}
	return t.predicate(node, sc)
}

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
		return integer("(" + not(n.Not) + "m_regexp_like(" + list(parts) + "))"), err
	case *ast.CaseExpr:
		return t.caseOf(n, sc)
	case *ast.SubqueryExpr:
		sql, fields, err := t.query(n.Query, sc, nil)
		if err != nil {
			return expr{}, err
		}
		e := expr{sql: "(" + sql + ")", typ: fields[0].typ, collated: fields[0].collated, exact: fields[0].exact}
		if len(fields) > 1 {
			e.collated = true
		}
		return e, nil
	case *ast.ExistsSubqueryExpr:
		e, err := t.expr(n.Sel, sc)
		return truth("(" + not(n.Not) + "EXISTS " + e.sql + ")"), err
	case *ast.CompareSubqueryExpr:
		return t.quantified(n, sc)
	}
	return expr{}, unsupported("this expression: %s", kind(node))
}

func kind(n ast.Node) string {
	return strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%T", n), "*ast."), "Expr")
}

func truth(sql string) expr { return expr{sql: sql, typ: session.BigInt, notNull: true} }

func not(yes bool) string {
	if yes {
		return "NOT "
	}
	return ""
}

// literal rebuilds a constant.
func literal(n *driver.ValueExpr) (expr, error) {
	switch n.Kind() {
	case driver.KindNull:
		return expr{sql: "NULL", null: true}, nil
	case driver.KindInt64:
		return expr{sql: strconv.FormatInt(n.GetInt64(), 10), typ: session.BigInt, notNull: true}, nil
	case driver.KindUint64:
		return expr{sql: strconv.FormatUint(n.GetUint64(), 10) + ".0", typ: session.Double, notNull: true}, nil
	case driver.KindFloat32, driver.KindFloat64:
		return expr{sql: strconv.FormatFloat(n.GetFloat64(), 'e', -1, 64), typ: session.Double, notNull: true}, nil
	case driver.KindString, driver.KindBytes:
		return textLiteral(n.GetString()), nil
	case driver.KindBinaryLiteral:
		return textLiteral(string(n.GetBinaryLiteral())), nil
	}
	return expr{}, unsupported("this kind of literal")
}

func textLiteral(s string) expr {
	return expr{sql: quoteText(s), typ: session.Varchar, notNull: true}
}

// quoteText is a text as SQLite reads it; one with a NUL would end the statement.
func quoteText(s string) string {
	if strings.ContainsRune(s, 0) {
		return fmt.Sprintf("CAST(x'%x' AS TEXT)", s)
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

func (t *translator) unary(n *ast.UnaryOperationExpr, sc *scope) (expr, error) {
	e, err := t.expr(n.V, sc)
	if err != nil {
		return expr{}, err
	}
	switch n.Op {
	case opcode.Not, opcode.Not2:
		return expr{sql: "(NOT " + e.sql + ")", typ: session.BigInt, notNull: e.notNull}, nil
	case opcode.Minus, opcode.Plus, opcode.BitNeg:
		typ := e.typ
		if typ != session.BigInt {
			typ = session.Double
		}
		// The blank keeps - - from becoming a comment.
		return expr{sql: "(" + unaryWord[n.Op] + " " + e.sql + ")", typ: typ, notNull: e.notNull}, nil
	}
	return expr{}, unsupported("the operator %s", n.Op)
}

var unaryWord = map[opcode.Op]string{opcode.Minus: "-", opcode.Plus: "+", opcode.BitNeg: "~"}

var comparison = map[opcode.Op]string{
	opcode.EQ: "=", opcode.NE: "<>", opcode.LT: "<", opcode.LE: "<=", opcode.GT: ">", opcode.GE: ">=", opcode.NullEQ: "IS",
}

var arithmetic = map[opcode.Op]string{
	opcode.Plus: "+", opcode.Minus: "-", opcode.Mul: "*",
	opcode.And: "&", opcode.Or: "|", opcode.LeftShift: "<<", opcode.RightShift: ">>",
}

func (t *translator) binary(n *ast.BinaryOperationExpr, sc *scope) (expr, error) {
	if n.Op == opcode.LogicAnd || n.Op == opcode.LogicOr {
		return t.chain(n, sc)
	}
	l, err := t.expr(n.L, sc)
	if err != nil {
		return expr{}, err
	}
	r, err := t.expr(n.R, sc)
	if err != nil {
		return expr{}, err
	}
	notNull := l.notNull && r.notNull
	if word, ok := comparison[n.Op]; ok {
		l, r = comparable(l, r)
		return expr{sql: "(" + l.sql + " " + word + " " + r.sql + ")", typ: session.BigInt, notNull: notNull || n.Op == opcode.NullEQ}, nil
	}
	if word, ok := arithmetic[n.Op]; ok {
		typ := session.Double
		if l.typ != session.Double && r.typ != session.Double && l.typ != session.Varchar && r.typ != session.Varchar || word == "&" || word == "|" || len(word) == 2 {
			typ = session.BigInt
		}
		return expr{sql: "(" + l.sql + " " + word + " " + r.sql + ")", typ: typ, notNull: notNull && typ == session.BigInt}, nil
	}
	switch n.Op {
	case opcode.Div:
		return expr{sql: "(CAST(" + l.sql + " AS REAL) / " + r.sql + ")", typ: session.Double}, nil
	case opcode.IntDiv:
		return integer("CAST(CAST(" + l.sql + " AS REAL) / " + r.sql + " AS INTEGER)"), nil
	case opcode.Mod:
		typ, _ := commonType(l, r)
		if typ != session.BigInt {
			typ = session.Double
		}
		return expr{sql: "m_mod(" + l.sql + ", " + r.sql + ")", typ: typ}, nil
	case opcode.Xor:
		return integer("m_bit_xor(" + l.sql + ", " + r.sql + ")"), nil
	case opcode.LogicXor:
		return integer("((NOT " + l.sql + ") <> (NOT " + r.sql + "))"), nil
	}
	return expr{}, unsupported("the operator %s", n.Op)
}

// chain rebuilds a run of AND or OR as a balanced tree: SQLite bounds the depth.
func (t *translator) chain(n *ast.BinaryOperationExpr, sc *scope) (expr, error) {
	var operands []string
	notNull := true
	var at ast.ExprNode = n
	for {
		b, ok := at.(*ast.BinaryOperationExpr)
		right := at
		if ok = ok && b.Op == n.Op; ok {
			right = b.R
		}
		e, err := t.expr(right, sc)
		if err != nil {
			return expr{}, err
		}
		notNull = notNull && e.notNull
		operands = append(operands, e.sql)
		if !ok {
			break
		}
		at = b.L
	}
	for i, j := 0, len(operands)-1; i < j; i, j = i+1, j-1 {
		operands[i], operands[j] = operands[j], operands[i]
	}
	word := " AND "
	if n.Op == opcode.LogicOr {
		word = " OR "
	}
	return expr{sql: balanced(operands, word), typ: session.BigInt, notNull: notNull}, nil
}

func balanced(operands []string, word string) string {
	if len(operands) == 1 {
		return operands[0]
	}
	half := len(operands) / 2
	return "(" + balanced(operands[:half], word) + word + balanced(operands[half:], word) + ")"
}

// comparable readies two operands: times and texts compare as times, and texts
// without a collation by MySQL's default one.
func comparable(l, r expr) (expr, expr) {
	switch {
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
		sub, err := t.expr(n.Sel, sc)
		if !sub.collated {
			e = e.folded()
		}
		return integer("(" + e.sql + " " + not(n.Not) + "IN " + sub.sql + ")"), err
	}
	values, err := t.exprs(n.List, sc)
	if err != nil {
		return expr{}, err
	}
	if e.typ == session.Varchar {
		e = e.folded()
	}
	for i := range values {
		if e.typ == session.DateTime {
			_, values[i] = comparable(e, values[i])
		}
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

// quantified rebuilds = ANY and <> ALL, which are IN.
func (t *translator) quantified(n *ast.CompareSubqueryExpr, sc *scope) (expr, error) {
	switch {
	case n.Op == opcode.EQ && !n.All:
		return t.in(&ast.PatternInExpr{Expr: n.L, Sel: n.R}, sc)
	case n.Op == opcode.NE && n.All:
		return t.in(&ast.PatternInExpr{Expr: n.L, Sel: n.R, Not: true}, sc)
	}
	return expr{}, unsupported("%s ANY or ALL of a subquery, use MIN or MAX in it", n.Op)
}

func (t *translator) like(n *ast.PatternLikeOrIlikeExpr, sc *scope) (expr, error) {
	parts, err := t.exprs([]ast.ExprNode{n.Expr, n.Pattern}, sc)
	if err != nil {
		return expr{}, err
	}
	escape := ""
	if n.Escape != 0 {
		escape = " ESCAPE " + quoteText(string(rune(n.Escape)))
	}
	return integer("(" + parts[0].sql + " " + not(n.Not) + "LIKE " + parts[1].sql + escape + ")"), nil
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
		b.WriteString(" " + value.folded().sql)
	}
	var results []expr
	for _, w := range n.WhenClauses {
		parts, err := t.exprs([]ast.ExprNode{w.Expr, w.Result}, sc)
		if err != nil {
			return expr{}, err
		}
		results = append(results, parts[1])
		b.WriteString(" WHEN " + parts[0].sql + " THEN " + parts[1].sql)
	}
	otherwise := expr{null: true}
	if n.ElseClause != nil {
		if otherwise, err = t.expr(n.ElseClause, sc); err != nil {
			return expr{}, err
		}
		b.WriteString(" ELSE " + otherwise.sql)
	}
	typ, notNull := commonType(append(results, otherwise)...)
	return expr{sql: b.String() + " END)", typ: typ, notNull: notNull}, nil
}

func (t *translator) collate(n *ast.SetCollationExpr, sc *scope) (expr, error) {
	e, err := t.expr(n.Expr, sc)
	name := foldCase
	if strings.HasSuffix(lower(n.Collate), "_bin") || lower(n.Collate) == "binary" {
		name, e.exact = "BINARY", true
	}
	return expr{sql: "(" + e.sql + " COLLATE " + name + ")", typ: e.typ, notNull: e.notNull, collated: true, exact: e.exact}, err
}

// cast rebuilds CAST, CONVERT and BINARY.
func (t *translator) cast(n *ast.FuncCastExpr, sc *scope) (expr, error) {
	e, err := t.expr(n.Expr, sc)
	if err != nil {
		return expr{}, err
	}
	switch n.Tp.GetType() {
	case mysql.TypeLonglong, mysql.TypeLong:
		return integer("m_signed(" + e.sql + ")"), nil
	case mysql.TypeNewDecimal, mysql.TypeDouble, mysql.TypeFloat:
		if n.Tp.GetType() == mysql.TypeNewDecimal {
			return expr{sql: "round(CAST(" + e.sql + " AS REAL), " + strconv.Itoa(max(n.Tp.GetDecimal(), 0)) + ")", typ: session.Double}, nil
		}
		return expr{sql: "CAST(" + e.sql + " AS REAL)", typ: session.Double}, nil
	case mysql.TypeDatetime, mysql.TypeTimestamp:
		return expr{sql: "m_datetime(" + e.sql + ")", typ: session.DateTime}, nil
	case mysql.TypeDate, mysql.TypeNewDate:
		return expr{sql: "m_date(" + e.sql + ")", typ: session.Varchar}, nil
	case mysql.TypeDuration:
		return expr{sql: "m_time(" + e.sql + ")", typ: session.Varchar}, nil
	case mysql.TypeJSON:
		return expr{sql: "json(" + e.sql + ")", typ: session.JSON}, nil
	case mysql.TypeVarString, mysql.TypeString, mysql.TypeVarchar:
		sql := "CAST(" + e.sql + " AS TEXT)"
		if n.Tp.GetFlen() > 0 {
			sql = "substr(" + sql + ", 1, " + strconv.Itoa(n.Tp.GetFlen()) + ")"
		}
		if n.FunctionType == ast.CastBinaryOperator || n.Tp.GetCharset() == "binary" {
			return expr{sql: "(" + sql + " COLLATE BINARY)", typ: session.Varchar, notNull: e.notNull, collated: true, exact: true}, nil
		}
		return expr{sql: sql, typ: session.Varchar, notNull: e.notNull}, nil
	}
	return expr{}, unsupported("CAST to this type")
}
