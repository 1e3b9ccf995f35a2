package tables

import (
	"fmt"
	"slices"
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
		return expr{sql: "?" + strconv.Itoa(n.Order+1), typ: session.Varchar, param: true}, nil
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
	case *ast.SubqueryExpr:
		return t.scalar(n, sc)
	case *ast.RowExpr:
		values, err := t.exprs(n.Values, sc)
		return expr{sql: "(" + list(values) + ")", typ: session.Varchar, collated: true}, err
	}
	return t.predicate(node, sc)
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
	if v, ok := n.V.(*driver.ValueExpr); ok && n.Op == opcode.Minus && v.Kind() == driver.KindUint64 && v.GetUint64() == 1<<63 {
		return expr{sql: "(-9223372036854775808)", typ: session.BigInt, notNull: true}, nil
	}
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
	l, r = l.moment(), r.moment()
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

// moment makes of a time the number YYYYMMDDhhmmss that it counts as.
func (e expr) moment() expr {
	if e.typ == session.DateTime {
		return expr{sql: "m_time_number(" + e.sql + ")", typ: session.BigInt}
	}
	return e
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

// inherit gives a text made of others their collation: one that compares bytes wins.
func (e expr) inherit(from []expr) expr {
	if e.typ == session.Varchar && slices.ContainsFunc(from, func(f expr) bool { return f.exact && f.typ == session.Varchar }) {
		e.exact, e.collated = true, true
	}
	return e
}

func (t *translator) collate(n *ast.SetCollationExpr, sc *scope) (expr, error) {
	e, err := t.expr(n.Expr, sc)
	name := foldCase
	if !strings.HasPrefix(lower(n.Collate), "utf8mb4_") && lower(n.Collate) != "binary" {
		return expr{}, fail(1253, "42000", "COLLATION '%s' is not valid for CHARACTER SET 'utf8mb4'", n.Collate)
	}
	if e.of != nil {
		// The sign keeps SQLite from looking a column up by its own collation.
		e.sql = "+" + e.sql
	}
	if strings.HasSuffix(lower(n.Collate), "_bin") || lower(n.Collate) == "binary" {
		name = "BINARY"
	}
	return expr{sql: "(" + e.sql + " COLLATE " + name + ")", typ: e.typ, notNull: e.notNull, collated: true, exact: name == "BINARY"}, err
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
		return expr{sql: "m_json(" + e.sql + ")", typ: session.JSON}, nil
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
