package tables

import (
	"strings"

	"github.com/pingcap/tidb/pkg/parser/ast"
	driver "github.com/pingcap/tidb/pkg/parser/test_driver"

	"roster/mysqlfront/session"
)

// aggregates are the aggregate functions and what SQLite calls them.
var aggregates = map[string]string{
	"bit_and": "m_bit_and", "bit_or": "m_bit_or", "bit_xor": "m_bit_xor_all",
	"count": "count", "sum": "sum", "avg": "avg", "min": "min", "max": "max", "group_concat": "group_concat",
	"json_arrayagg": "json_group_array", "json_objectagg": "json_group_object",
}

func (t *translator) aggregate(n *ast.AggregateFuncExpr, sc *scope) (expr, error) {
	name := lower(n.F)
	call, ok := aggregates[name]
	if !ok {
		return expr{}, unsupported("the aggregate function %s", strings.ToUpper(n.F))
	}
	nodes, separator := n.Args, ","
	if name == "group_concat" {
		last, ok := nodes[len(nodes)-1].(*driver.ValueExpr)
		if !ok {
			return expr{}, unsupported("this SEPARATOR")
		}
		nodes, separator = nodes[:len(nodes)-1], last.GetString()
	}
	args, err := t.exprs(nodes, sc)
	if err != nil {
		return expr{}, err
	}
	if len(args) == 0 {
		return expr{}, wrongArguments(n.F)
	}
	value := args[0]
	if len(args) > 1 && (name == "group_concat" || name == "count") {
		value = expr{sql: "m_concat(" + list(args) + ")", typ: session.Varchar}
		if name == "count" {
			value.sql = "m_tuple(" + list(args) + ")"
		}
	}
	distinct := ""
	if n.Distinct {
		distinct = "DISTINCT "
	}
	switch name {
	case "json_arrayagg":
		return expr{sql: "m_json(" + call + "(" + jsonValue(value) + "))", typ: session.JSON}, nil
	case "json_objectagg":
		if len(args) != 2 {
			return expr{}, wrongArguments(n.F)
		}
		return expr{sql: "m_json(" + call + "(" + args[0].sql + ", " + jsonValue(args[1]) + "))", typ: session.JSON}, nil
	case "group_concat":
		order := ""
		if n.Order != nil {
			by, err := t.byItems(n.Order.Items, sc)
			if err != nil {
				return expr{}, err
			}
			order = " ORDER BY " + by
		}
		if n.Distinct {
			// SQLite takes no separator beside DISTINCT.
			list := "json_group_array(" + distinct + value.folded().sql + order + ")"
			return expr{sql: "m_join_list(" + list + ", " + quoteText(separator) + ")", typ: session.Varchar}, nil
		}
		return expr{sql: call + "(" + value.sql + ", " + quoteText(separator) + order + ")", typ: session.Varchar}, nil
	}
	return aggregateOf(name, call, distinct, value), nil
}

// aggregateOf types the aggregates of one value.
func aggregateOf(name, call, distinct string, value expr) expr {
	e := expr{sql: call + "(" + distinct + value.folded().sql + ")", typ: value.typ}
	switch name {
	case "count":
		e.typ, e.notNull = session.BigInt, true
	case "bit_and", "bit_or", "bit_xor":
		e.typ, e.notNull = session.Unsigned, true
	case "min", "max":
		e = e.inherit([]expr{value})
	case "avg":
		e.typ = session.Double
	case "sum":
		if value.typ != session.BigInt {
			e.typ = session.Double
		}
	}
	return e
}

// windowFunctions are those that need OVER, with the type they have.
var windowFunctions = map[string]session.Type{
	"row_number": session.BigInt, "rank": session.BigInt, "dense_rank": session.BigInt, "ntile": session.BigInt,
	"percent_rank": session.Double, "cume_dist": session.Double,
}

// valueWindows give one of the values of the window.
var valueWindows = map[string]bool{"lag": true, "lead": true, "first_value": true, "last_value": true, "nth_value": true}

func (t *translator) window(n *ast.WindowFuncExpr, sc *scope) (expr, error) {
	if n.Distinct || n.IgnoreNull || n.FromLast {
		return expr{}, unsupported("DISTINCT, IGNORE NULLS and FROM LAST in window functions")
	}
	name := lower(n.Name)
	args, err := t.exprs(n.Args, sc)
	if err != nil {
		return expr{}, err
	}
	over := quoteName(n.Spec.Name.O)
	if !n.Spec.OnlyAlias {
		if over, err = t.windowSpec(&n.Spec, sc); err != nil {
			return expr{}, err
		}
	}
	var e expr
	typ, plain := windowFunctions[name]
	switch {
	case plain:
		e = expr{sql: name + "(" + list(args) + ")", typ: typ}
	case valueWindows[name] && len(args) > 0:
		e = expr{sql: name + "(" + list(args) + ")", typ: args[0].typ}
	case (name == "count" || name == "sum" || name == "avg" || name == "min" || name == "max") && len(args) == 1:
		e = aggregateOf(name, aggregates[name], "", args[0])
	default:
		return expr{}, unsupported("the window function %s", strings.ToUpper(n.Name))
	}
	e.sql += " OVER " + over
	return e, nil
}
