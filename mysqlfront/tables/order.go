package tables

import (
	"strconv"
	"strings"

	"github.com/pingcap/tidb/pkg/parser/ast"
	driver "github.com/pingcap/tidb/pkg/parser/test_driver"
)

// byItems rebuilds the terms of GROUP BY, ORDER BY and PARTITION BY.
func (t *translator) byItems(items []*ast.ByItem, sc *scope) (string, error) {
	parts := make([]string, len(items))
	for i, item := range items {
		if p, ok := item.Expr.(*ast.PositionExpr); ok && p.P == nil {
			parts[i] = strconv.Itoa(p.N)
		} else {
			e, err := t.expr(item.Expr, sc)
			if err != nil {
				return "", err
			}
			parts[i] = e.folded().sql
		}
		if item.Desc {
			parts[i] += " DESC"
		}
	}
	return strings.Join(parts, ", "), nil
}

func (t *translator) orderLimit(b *strings.Builder, order *ast.OrderByClause, limit *ast.Limit, sc *scope) error {
	if order != nil {
		sc.clause, sc.aliasFirst = "order clause", true
		by, err := t.byItems(order.Items, sc)
		sc.aliasFirst = false
		if err != nil {
			return err
		}
		b.WriteString(" ORDER BY " + by)
	}
	if limit == nil {
		return nil
	}
	count, err := limitValue(limit.Count)
	if err != nil {
		return err
	}
	b.WriteString(" LIMIT " + count)
	if limit.Offset != nil {
		offset, err := limitValue(limit.Offset)
		if err != nil {
			return err
		}
		b.WriteString(" OFFSET " + offset)
	}
	return nil
}

// limitValue rebuilds a number of rows; a parameter may come as another type.
func limitValue(n ast.ExprNode) (string, error) {
	switch n := n.(type) {
	case *driver.ParamMarkerExpr:
		return "m_limit(?" + strconv.Itoa(n.Order+1) + ")", nil
	case *driver.ValueExpr:
		switch n.Kind() {
		case driver.KindInt64:
			return strconv.FormatInt(n.GetInt64(), 10), nil
		case driver.KindUint64:
			if v := n.GetUint64(); v <= 1<<62 {
				return strconv.FormatUint(v, 10), nil
			}
			// The usual way to say "all".
			return strconv.FormatInt(1<<62, 10), nil
		}
	}
	return "", fail(1210, "HY000", "Incorrect arguments to LIMIT")
}

// windows rebuilds the WINDOW clause.
func (t *translator) windows(b *strings.Builder, specs []ast.WindowSpec, sc *scope) error {
	for i := range specs {
		word := ", "
		if i == 0 {
			word = " WINDOW "
		}
		spec, err := t.windowSpec(&specs[i], sc)
		if err != nil {
			return err
		}
		b.WriteString(word + quoteName(specs[i].Name.O) + " AS " + spec)
	}
	return nil
}

func (t *translator) windowSpec(s *ast.WindowSpec, sc *scope) (string, error) {
	var parts []string
	if s.Ref.O != "" {
		parts = append(parts, quoteName(s.Ref.O))
	}
	if s.PartitionBy != nil {
		by, err := t.byItems(s.PartitionBy.Items, sc)
		if err != nil {
			return "", err
		}
		parts = append(parts, "PARTITION BY "+by)
	}
	if s.OrderBy != nil {
		by, err := t.byItems(s.OrderBy.Items, sc)
		if err != nil {
			return "", err
		}
		parts = append(parts, "ORDER BY "+by)
	}
	if s.Frame != nil {
		frame, err := t.frame(s.Frame, sc)
		if err != nil {
			return "", err
		}
		parts = append(parts, frame)
	}
	return "(" + strings.Join(parts, " ") + ")", nil
}

func (t *translator) frame(f *ast.FrameClause, sc *scope) (string, error) {
	word := "ROWS"
	if f.Type == ast.Ranges {
		word = "RANGE"
	}
	start, err := t.bound(&f.Extent.Start, sc)
	if err != nil {
		return "", err
	}
	end, err := t.bound(&f.Extent.End, sc)
	return word + " BETWEEN " + start + " AND " + end, err
}

func (t *translator) bound(b *ast.FrameBound, sc *scope) (string, error) {
	if b.Type == ast.CurrentRow {
		return "CURRENT ROW", nil
	}
	word := " FOLLOWING"
	if b.Type == ast.Preceding {
		word = " PRECEDING"
	}
	if b.UnBounded {
		return "UNBOUNDED" + word, nil
	}
	if b.Unit != ast.TimeUnitInvalid {
		return "", unsupported("INTERVAL in a window frame")
	}
	e, err := t.expr(b.Expr, sc)
	return e.sql + word, err
}
