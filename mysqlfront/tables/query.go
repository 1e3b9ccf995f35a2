package tables

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/pingcap/tidb/pkg/parser/ast"

	"roster/mysqlfront/session"
)

// maxColumns bounds the columns of a result; maxDepth how deep a statement nests;
// maxNodes how much of it is rebuilt: recursive queries within each other are
// rebuilt again for each one around.
const (
	maxColumns = 500
	maxDepth   = 100
	maxNodes   = 200_000
)

// translated is a query in SQLite's dialect.
type translated struct {
	sql     string
	columns []session.Column
}

// selection is a SELECT or what is desugared into one.
type selection struct {
	common
	query *translated
}

func (s *selection) Columns() []session.Column { return s.query.columns }

func (s *selection) Run(ctx context.Context, sess *session.Session, args []any) (*session.Result, error) {
	if err := s.check(args); err != nil {
		return nil, err
	}
	r, err := s.engine.answer(ctx, sess, s.query, args)
	if err != nil {
		return nil, err
	}
	if r.cut {
		sess.Warn(1317, fmt.Sprintf("the result was cut off after %d rows; narrow it with WHERE or LIMIT", len(r.rows)))
	}
	return &session.Result{Columns: s.query.columns, Rows: session.Rows(r.rows...)}, nil
}

func (c common) check(args []any) error {
	if len(args) != c.params {
		return fail(1210, "HY000", "Incorrect arguments to EXECUTE: %d given, the statement has %d", len(args), c.params)
	}
	return nil
}

// query prepares a SELECT.
func (e *Engine) query(s *session.Session, c common, node ast.ResultSetNode) (session.Statement, error) {
	q, err := e.translate(s, node)
	if err != nil {
		return nil, err
	}
	return &selection{common: c, query: q}, nil
}

// translate rebuilds a query. Its rows all go through the aggregate collect, so
// that SQLite computes them in one step, which a context can interrupt.
func (e *Engine) translate(s *session.Session, node ast.ResultSetNode) (*translated, error) {
	t := &translator{session: s}
	query, fields, err := t.query(node, nil, nil)
	if err != nil {
		return nil, err
	}
	if len(fields) > maxColumns {
		return nil, unsupported("more than %d columns", maxColumns)
	}
	names := make([]string, len(fields))
	columns := make([]session.Column, len(fields))
	for i, f := range fields {
		names[i] = fmt.Sprintf("c%d", i)
		columns[i] = f.column()
	}
	list := strings.Join(names, ", ")
	return &translated{
		sql:     fmt.Sprintf("WITH result(%s) AS (%s) SELECT collect(%s) FROM result", list, query, list),
		columns: columns,
	}, nil
}

// translator rebuilds statements of one session.
type translator struct {
	session *session.Session
	depth   int
	nodes   int
}

// enter counts the nesting; the caller leaves again.
func (t *translator) enter() error {
	if t.depth++; t.depth > maxDepth {
		return unsupported("nesting deeper than %d", maxDepth)
	}
	if t.nodes++; t.nodes > maxNodes {
		return unsupported("a statement this large")
	}
	return nil
}

func (t *translator) leave() { t.depth-- }

// query rebuilds a query block or a set operation. names, if given, rename its columns.
func (t *translator) query(node ast.ResultSetNode, parent *scope, names []string) (string, []field, error) {
	defer t.leave()
	if err := t.enter(); err != nil {
		return "", nil, err
	}
	switch n := node.(type) {
	case *ast.SelectStmt:
		return t.selectStmt(n, parent, names, false)
	case *ast.SetOprStmt:
		return t.setOperation(n, parent, names)
	case *ast.SubqueryExpr:
		return t.query(n.Query, parent, names)
	}
	return "", nil, unsupported("this form of query")
}

// selectStmt rebuilds one SELECT. distinct says that equal rows will be merged.
func (t *translator) selectStmt(s *ast.SelectStmt, parent *scope, names []string, distinct bool) (string, []field, error) {
	if err := refuseSelect(s); err != nil {
		return "", nil, err
	}
	sc := &scope{parent: parent}
	var b strings.Builder
	if err := t.with(&b, s.With, sc); err != nil {
		return "", nil, err
	}
	from := ""
	if s.From != nil {
		sc.clause = "from clause"
		joined, err := t.join(s.From.TableRefs, sc)
		if err != nil {
			return "", nil, err
		}
		from = " FROM " + joined
	}
	list, fields, err := t.selectList(s, sc, names, distinct || s.Distinct)
	if err != nil {
		return "", nil, err
	}
	b.WriteString("SELECT ")
	if s.Distinct {
		b.WriteString("DISTINCT ")
	}
	b.WriteString(list + from)
	aliases := sc.aliases
	sc.aliases = nil
	var conditions []string
	if s.Where != nil {
		sc.clause = "where clause"
		where, err := t.condition(s.Where, sc)
		if err != nil {
			return "", nil, err
		}
		conditions = append(conditions, where)
	}
	sc.aliases = aliases
	having, err := t.having(s, sc)
	if err != nil {
		return "", nil, err
	}
	if having != "" && s.GroupBy == nil && !hasAggregate(s) {
		// MySQL filters rows by a HAVING without groups; SQLite wants groups.
		conditions, having = append(conditions, having), ""
	}
	if len(conditions) > 0 {
		b.WriteString(" WHERE (" + strings.Join(conditions, ") AND (") + ")")
	}
	if s.GroupBy != nil {
		sc.clause = "group statement"
		by, err := t.byItems(s.GroupBy.Items, sc)
		if err != nil {
			return "", nil, err
		}
		b.WriteString(" GROUP BY " + by)
	}
	if having != "" {
		b.WriteString(" HAVING " + having)
	}
	if err := t.windows(&b, s.WindowSpecs, sc); err != nil {
		return "", nil, err
	}
	if err := t.orderLimit(&b, s.OrderBy, s.Limit, sc); err != nil {
		return "", nil, err
	}
	return b.String(), fields, nil
}

func refuseSelect(s *ast.SelectStmt) error {
	switch {
	case s.SelectIntoOpt != nil:
		return unsupported("SELECT ... INTO")
	case s.LockInfo != nil && s.LockInfo.LockType != ast.SelectLockNone:
		return unsupported("locking reads (FOR UPDATE, FOR SHARE)")
	case s.SelectStmtOpts != nil && s.CalcFoundRows:
		return unsupported("SQL_CALC_FOUND_ROWS, use SELECT COUNT(*)")
	case s.Kind == ast.SelectStmtKindValues:
		return unsupported("VALUES as a statement")
	case s.GroupBy != nil && s.GroupBy.Rollup:
		return unsupported("WITH ROLLUP")
	}
	return nil
}

// hasAggregate says whether the query block is grouped without GROUP BY.
func hasAggregate(s *ast.SelectStmt) bool {
	for _, f := range s.Fields.Fields {
		if f.Expr != nil && ast.HasAggFlag(f.Expr) {
			return true
		}
	}
	return s.Having != nil && ast.HasAggFlag(s.Having.Expr)
}

func (t *translator) having(s *ast.SelectStmt, sc *scope) (string, error) {
	if s.Having == nil {
		return "", nil
	}
	sc.clause = "having clause"
	return t.condition(s.Having.Expr, sc)
}

// selectList rebuilds what a query block selects.
func (t *translator) selectList(s *ast.SelectStmt, sc *scope, names []string, distinct bool) (string, []field, error) {
	sc.clause = "field list"
	var items []string
	var fields []field
	aliases := map[string]expr{}
	add := func(e expr, f field) {
		if i := len(fields); i < len(names) {
			f.name = names[i]
		}
		if distinct {
			e = e.folded()
		}
		items = append(items, e.sql+" AS "+quoteName(f.name))
		fields = append(fields, f)
	}
	for _, item := range s.Fields.Fields {
		if item.WildCard != nil {
			if err := sc.expand(item.WildCard, add); err != nil {
				return "", nil, err
			}
			continue
		}
		e, err := t.expr(item.Expr, sc)
		if err != nil {
			return "", nil, err
		}
		f := e.field(fieldName(item))
		add(e, f)
		if item.AsName.O != "" || e.of == nil {
			alias := e
			alias.sql, alias.of = quoteName(fields[len(fields)-1].name), nil
			if distinct {
				alias.collated = true
			}
			aliases[strings.ToLower(f.name)] = alias
		}
	}
	if names != nil && len(names) != len(fields) {
		return "", nil, fail(1353, "HY000", "The column list names %d columns, the query has %d", len(names), len(fields))
	}
	sc.aliases = aliases
	return strings.Join(items, ", "), fields, nil
}

// fieldName is a column's label: as the statement has it.
func fieldName(f *ast.SelectField) string {
	if f.AsName.O != "" {
		return f.AsName.O
	}
	inner := f.Expr
	for {
		p, ok := inner.(*ast.ParenthesesExpr)
		if !ok {
			break
		}
		inner = p.Expr
	}
	switch e := inner.(type) {
	case *ast.ColumnNameExpr:
		return e.Name.Name.O
	case ast.ValueExpr:
		if s, ok := e.GetValue().(string); ok {
			return s
		}
	}
	return strings.TrimSpace(trailingComments.ReplaceAllString(f.Text(), ""))
}

// trailingComments are what the parser leaves behind an expression.
var trailingComments = regexp.MustCompile(`(?:\s*(?:--\s[^\n'"]*|#[^\n'"]*|/\*[^'"]*\*/))+\s*$`)

// field is what a selected expression offers to those around.
func (e expr) field(name string) field {
	f := field{name: name, typ: e.typ, notNull: e.notNull, collated: e.collated, exact: e.exact}
	if e.of != nil {
		f.schema, f.table = e.of.schema, e.of.table
	}
	return f
}

// expand adds the columns that * or t.* stand for.
func (s *scope) expand(w *ast.WildCardField, add func(expr, field)) error {
	if len(s.sources) == 0 {
		return fail(1096, "HY000", "No tables used")
	}
	found := false
	// The columns of USING come first.
	for _, shared := range []bool{true, false} {
		for _, src := range s.sources {
			if !src.answers(&ast.ColumnName{Schema: w.Schema, Table: w.Table}) {
				continue
			}
			found = true
			for i := range src.fields {
				f := &src.fields[i]
				using := w.Table.O == "" && s.using[lower(f.name)]
				if f.merged && w.Table.O == "" || using != shared {
					continue
				}
				e := f.expr(src.alias)
				if using {
					e.sql = quoteName(f.name)
				}
				add(e, e.field(f.name))
			}
		}
	}
	if !found {
		return fail(1051, "42S02", "Unknown table '%s'", w.Table.O)
	}
	return nil
}

// with rebuilds common table expressions.
func (t *translator) with(b *strings.Builder, w *ast.WithClause, sc *scope) error {
	if w == nil {
		return nil
	}
	sc.ctes = map[string][]field{}
	b.WriteString("WITH ")
	if w.IsRecursive {
		b.WriteString("RECURSIVE ")
	}
	for i, c := range w.CTEs {
		if _, ok := sc.ctes[c.Name.L]; ok {
			return fail(1066, "42000", "Not unique table/alias: '%s'", c.Name.O)
		}
		names := originals(c.ColNameList)
		if w.IsRecursive {
			seed, err := t.seed(c.Query.Query, sc, names)
			if err != nil {
				return err
			}
			if seed != nil {
				sc.ctes[c.Name.L] = seed
			}
		}
		query, fields, err := t.query(c.Query.Query, sc, names)
		if err != nil {
			return err
		}
		sc.ctes[c.Name.L] = fields
		if err := unique(fields); err != nil {
			return err
		}
		list := make([]string, len(fields))
		for i, f := range fields {
			list[i] = quoteName(f.name)
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(b, "%s(%s) AS (%s)", quoteName(c.Name.O), strings.Join(list, ", "), query)
	}
	b.WriteByte(' ')
	return nil
}

// seed is the columns of a recursive query, which its first SELECT decides.
func (t *translator) seed(node ast.ResultSetNode, sc *scope, names []string) ([]field, error) {
	set, ok := node.(*ast.SetOprStmt)
	if !ok || len(set.SelectList.Selects) == 0 {
		return nil, nil
	}
	first, ok := set.SelectList.Selects[0].(ast.ResultSetNode)
	if !ok {
		return nil, nil
	}
	_, fields, err := t.query(first, sc, names)
	for i := range fields {
		fields[i].notNull = false
	}
	return fields, err
}

func originals(names []ast.CIStr) []string {
	var out []string
	for _, n := range names {
		out = append(out, n.O)
	}
	return out
}

func lower(s string) string { return strings.ToLower(s) }
