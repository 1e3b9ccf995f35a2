package tables

import (
	"regexp"
	"strings"

	"github.com/pingcap/tidb/pkg/parser/ast"
	driver "github.com/pingcap/tidb/pkg/parser/test_driver"

	"roster/mysqlfront/session"
)

// call rebuilds a function call.
func (t *translator) call(n *ast.FuncCallExpr, sc *scope) (expr, error) {
	name := n.FnName.L
	if n.Schema.O != "" {
		return expr{}, unsupported("functions of a schema")
	}
	if f, ok := t.special(name); ok {
		return f(n.Args, sc)
	}
	f, ok := functions[name]
	if !ok {
		return expr{}, fail(1305, "42000", "FUNCTION %s does not exist here", n.FnName.O)
	}
	if len(n.Args) < f.min || (f.max >= 0 && len(n.Args) > max(f.max, f.min)) {
		return expr{}, wrongArguments(n.FnName.O)
	}
	args, err := t.exprs(n.Args, sc)
	if err != nil {
		return expr{}, err
	}
	switch name {
	case "nullif":
		args[0], args[1] = comparable(args[0], args[1])
	case "greatest", "least":
		if typ, _ := commonType(args...); typ == session.Varchar {
			for i, a := range args {
				if isNumber(a.typ) {
					args[i].sql = "m_concat(" + a.sql + ")"
				}
			}
			args[0] = args[0].folded()
		}
	case "regexp_like":
		args = append(args, exactness(args...))
	case "str_to_date":
		if form, ok := n.Args[1].(*driver.ValueExpr); ok && !timeLetters.MatchString(form.GetString()) {
			f.typ = session.Varchar
		}
	}
	e := expr{sql: f.as + "(" + list(args) + ")", typ: f.typ, notNull: f.notNull}.inherit(args)
	if f.same || f.notNull && len(args) > 0 && f.typ != session.DateTime {
		typ, notNull := commonType(args...)
		e.notNull = e.notNull && notNull
		if f.same {
			e.typ = typ
		}
	}
	switch name {
	case "coalesce":
		if len(args) == 1 {
			return args[0], nil
		}
	case "round":
		if args[0].typ == session.BigInt {
			e.typ = session.BigInt
		}
	case "abs", "mod":
		if e.typ != session.BigInt {
			e.typ = session.Double
		}
	}
	return e, nil
}

// special is the translation of a function that is more than a change of name.
func (t *translator) special(name string) (func([]ast.ExprNode, *scope) (expr, error), bool) {
	switch name {
	case "if":
		return t.ifCall, true
	case "any_value":
		return t.anyValue, true
	case "trim":
		return t.trim, true
	case "date_add", "adddate":
		return t.shift("1"), true
	case "date_sub", "subdate":
		return t.shift("-1"), true
	case "timestampdiff", "timestampadd", "extract":
		return t.unitFirst(name), true
	case "json_object", "json_array", "json_set", "json_insert", "json_replace", "json_remove":
		return t.jsonBuild(name), true
	case "convert":
		return t.convert, true
	case dateLiteral, timeLiteral, tsLiteral:
		return t.timeLiteral(name), true
	case "from_unixtime":
		return t.fromUnixtime, true
	}
	return nil, false
}

func (t *translator) ifCall(nodes []ast.ExprNode, sc *scope) (expr, error) {
	args, err := t.exprs(nodes, sc)
	if err != nil {
		return expr{}, err
	}
	if len(args) != 3 {
		return expr{}, wrongArguments("IF")
	}
	typ, notNull := commonType(args[1:]...)
	return expr{sql: "iif(" + list(args) + ")", typ: typ, notNull: notNull}.inherit(args[1:]), nil
}

// anyValue is its argument: SQLite, too, takes the value of some row of a group.
func (t *translator) anyValue(nodes []ast.ExprNode, sc *scope) (expr, error) {
	if len(nodes) != 1 {
		return expr{}, wrongArguments("ANY_VALUE")
	}
	return t.expr(nodes[0], sc)
}

func (t *translator) trim(nodes []ast.ExprNode, sc *scope) (expr, error) {
	word := "both"
	if n := len(nodes); n > 0 {
		if d, ok := nodes[n-1].(*ast.TrimDirectionExpr); ok {
			nodes = nodes[:n-1]
			switch d.Direction {
			case ast.TrimLeading:
				word = "leading"
			case ast.TrimTrailing:
				word = "trailing"
			}
		}
	}
	args, err := t.exprs(nodes, sc)
	if err != nil {
		return expr{}, err
	}
	what := "' '"
	if len(args) == 2 && !args[1].null {
		what = args[1].sql
	}
	return expr{sql: "m_trim('" + word + "', " + args[0].sql + ", " + what + ")", typ: session.Varchar}, nil
}

// shift rebuilds DATE_ADD and DATE_SUB, the form with INTERVAL.
func (t *translator) shift(sign string) func([]ast.ExprNode, *scope) (expr, error) {
	return func(nodes []ast.ExprNode, sc *scope) (expr, error) {
		if len(nodes) != 3 {
			return expr{}, wrongArguments("DATE_ADD")
		}
		unit, ok := nodes[2].(*ast.TimeUnitExpr)
		if !ok {
			return expr{}, wrongArguments("DATE_ADD")
		}
		if !units[unit.Unit.String()] {
			return expr{}, unsupported("INTERVAL in %s", unit.Unit)
		}
		args, err := t.exprs(nodes[:2], sc)
		if err != nil {
			return expr{}, err
		}
		return expr{sql: "m_date_add(" + list(args) + ", '" + unit.Unit.String() + "', " + sign + ")", typ: args[0].typ}, nil
	}
}

// unitFirst rebuilds functions whose first argument is a unit.
func (t *translator) unitFirst(name string) func([]ast.ExprNode, *scope) (expr, error) {
	return func(nodes []ast.ExprNode, sc *scope) (expr, error) {
		unit, ok := nodes[0].(*ast.TimeUnitExpr)
		if !ok || !units[unit.Unit.String()] {
			return expr{}, unsupported("this unit in %s", strings.ToUpper(name))
		}
		args, err := t.exprs(nodes[1:], sc)
		if err != nil {
			return expr{}, err
		}
		quoted := "'" + unit.Unit.String() + "'"
		switch {
		case name == "extract" && len(args) == 1:
			return integer("m_extract(" + quoted + ", " + args[0].sql + ")"), nil
		case name == "timestampdiff" && len(args) == 2:
			return integer("m_timestampdiff(" + quoted + ", " + list(args) + ")"), nil
		case name == "timestampadd" && len(args) == 2:
			return expr{sql: "m_date_add(" + args[1].sql + ", " + args[0].sql + ", " + quoted + ", 1)", typ: args[1].typ}, nil
		}
		return expr{}, wrongArguments(name)
	}
}

func (t *translator) timeLiteral(name string) func([]ast.ExprNode, *scope) (expr, error) {
	return func(nodes []ast.ExprNode, sc *scope) (expr, error) {
		args, err := t.exprs(nodes, sc)
		if err != nil || len(args) != 1 {
			return expr{}, err
		}
		if name == tsLiteral {
			return expr{sql: "m_datetime(" + args[0].sql + ")", typ: session.DateTime}, nil
		}
		return args[0], nil
	}
}

func (t *translator) fromUnixtime(nodes []ast.ExprNode, sc *scope) (expr, error) {
	args, err := t.exprs(nodes, sc)
	if err != nil {
		return expr{}, err
	}
	e := expr{sql: "m_from_unixtime(" + args[0].sql + ")", typ: session.DateTime}
	if len(args) == 2 {
		e = expr{sql: "m_date_format(" + e.sql + ", " + args[1].sql + ")", typ: session.Varchar}
	}
	return e, nil
}

// convert is CONVERT(x USING charset): all texts are utf8mb4.
func (t *translator) convert(nodes []ast.ExprNode, sc *scope) (expr, error) {
	e, err := t.expr(nodes[0], sc)
	return expr{sql: "CAST(" + e.sql + " AS TEXT)", typ: session.Varchar, notNull: e.notNull}, err
}

// jsonChanges are the functions that change a document at paths.
var jsonChanges = map[string]bool{"json_set": true, "json_insert": true, "json_replace": true}

// jsonBuild rebuilds the functions that make JSON of values.
func (t *translator) jsonBuild(name string) func([]ast.ExprNode, *scope) (expr, error) {
	return func(nodes []ast.ExprNode, sc *scope) (expr, error) {
		args, err := t.exprs(nodes, sc)
		if err != nil {
			return expr{}, err
		}
		if name == "json_object" && len(args)%2 != 0 || jsonChanges[name] && (len(args) < 3 || len(args)%2 == 0) {
			return expr{}, wrongArguments(strings.ToUpper(name))
		}
		if name == "json_remove" && len(args) < 2 {
			return expr{}, wrongArguments("JSON_REMOVE")
		}
		for i := range args {
			if name == "json_array" || name == "json_object" && i%2 == 1 || jsonChanges[name] && i > 0 && i%2 == 0 {
				args[i].sql = jsonValue(args[i])
			}
		}
		return expr{sql: "m_json(" + name + "(" + list(args) + "))", typ: session.JSON, notNull: name == "json_object" || name == "json_array"}, nil
	}
}

// timeLetters are what of a format for STR_TO_DATE makes it one of times.
var timeLetters = regexp.MustCompile(`%[HhIklisSfprT]`)

// jsonValue keeps JSON from being taken for text.
func jsonValue(e expr) string {
	if e.typ == session.JSON {
		return "json(" + e.sql + ")"
	}
	return e.sql
}
