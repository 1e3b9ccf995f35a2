package tables

import (
	"strings"

	"github.com/pingcap/tidb/pkg/parser/ast"

	"roster/mysqlfront/session"
)

// join rebuilds a FROM clause and adds its tables to the scope.
func (t *translator) join(j *ast.Join, sc *scope) (string, error) {
	defer t.leave()
	if err := t.enter(); err != nil {
		return "", err
	}
	if j.Tp == ast.RightJoin && (len(j.Using) > 0 || j.NaturalJoin) {
		// Its * has the columns of the right table first.
		j = &ast.Join{Left: j.Right, Right: j.Left, Tp: ast.LeftJoin, Using: j.Using, NaturalJoin: j.NaturalJoin}
	}
	left, err := t.tableRef(j.Left, sc)
	if err != nil || j.Right == nil {
		return left, err
	}
	boundary := len(sc.sources)
	right, err := t.tableRef(j.Right, sc)
	if err != nil {
		return "", err
	}
	if _, nested := j.Right.(*ast.Join); nested {
		right = "(" + right + ")"
	}
	word := " JOIN "
	switch j.Tp {
	case ast.LeftJoin:
		word = " LEFT JOIN "
		nullable(sc.sources[boundary:])
	case ast.RightJoin:
		word = " RIGHT JOIN "
		nullable(sc.sources[:boundary])
	}
	using, err := sc.merge(j, boundary)
	if err != nil {
		return "", err
	}
	if len(using) > 0 {
		return left + word + right + " USING (" + strings.Join(using, ", ") + ")", nil
	}
	if j.On == nil {
		return left + word + right, nil
	}
	sc.clause = "on clause"
	on, err := t.condition(j.On.Expr, sc)
	return left + word + right + " ON " + on, err
}

// nullable marks the side of an outer join that may be missing.
func nullable(sources []*source) {
	for _, src := range sources {
		for i := range src.fields {
			src.fields[i].notNull = false
		}
	}
}

// merge finds the columns that USING or NATURAL make one, and marks the second of each.
func (s *scope) merge(j *ast.Join, boundary int) ([]string, error) {
	var names []string
	for _, c := range j.Using {
		names = append(names, c.Name.O)
	}
	if j.NaturalJoin {
		for _, src := range s.sources[:boundary] {
			for _, f := range src.fields {
				if !f.merged && offered(s.sources[boundary:], f.name) {
					names = append(names, f.name)
				}
			}
		}
	}
	for i, name := range names {
		if !offered(s.sources[:boundary], name) || !offered(s.sources[boundary:], name) {
			return nil, fail(1054, "42S22", "Unknown column '%s' in 'from clause'", name)
		}
		for _, src := range s.sources[boundary:] {
			for i := range src.fields {
				if strings.EqualFold(src.fields[i].name, name) {
					src.fields[i].merged = true
				}
			}
		}
		if s.using == nil {
			s.using = map[string]bool{}
		}
		s.using[lower(name)] = true
		names[i] = quoteName(name)
	}
	return names, nil
}

func offered(sources []*source, name string) bool {
	for _, src := range sources {
		for _, f := range src.fields {
			if strings.EqualFold(f.name, name) {
				return true
			}
		}
	}
	return false
}

// tableRef rebuilds one table, derived table or nested join.
func (t *translator) tableRef(node ast.ResultSetNode, sc *scope) (string, error) {
	switch n := node.(type) {
	case *ast.Join:
		return t.join(n, sc)
	case *ast.TableSource:
		if n.Lateral {
			return "", unsupported("LATERAL")
		}
		switch from := n.Source.(type) {
		case *ast.TableName:
			return t.tableName(from, n.AsName.O, sc)
		case *ast.Join:
			joined, err := t.join(from, sc)
			return "(" + joined + ")", err
		case *ast.SelectStmt, *ast.SetOprStmt:
			return t.derived(n, from, sc)
		}
	}
	return "", unsupported("this kind of table")
}

// derived rebuilds a subquery in FROM, which sees the queries around but not its siblings.
func (t *translator) derived(n *ast.TableSource, query ast.ResultSetNode, sc *scope) (string, error) {
	if n.AsName.O == "" {
		return "", fail(1248, "42000", "Every derived table must have its own alias")
	}
	around := &scope{parent: sc.parent, ctes: sc.ctes}
	sql, fields, err := t.query(query, around, originals(n.ColumnNames))
	if err != nil {
		return "", err
	}
	if err := unique(fields); err != nil {
		return "", err
	}
	for i := range fields {
		fields[i].schema, fields[i].table, fields[i].merged = "", n.AsName.O, false
	}
	src := &source{name: n.AsName.O, fields: fields}
	if err := sc.add(src); err != nil {
		return "", err
	}
	return "(" + sql + ") AS " + quoteName(src.alias), nil
}

// unique refuses columns that share a name.
func unique(fields []field) error {
	seen := map[string]bool{}
	for _, f := range fields {
		if seen[lower(f.name)] {
			return fail(1060, "42S21", "Duplicate column name '%s'", f.name)
		}
		seen[lower(f.name)] = true
	}
	return nil
}

// tableName rebuilds a reference to a common table expression or a virtual table.
func (t *translator) tableName(n *ast.TableName, alias string, sc *scope) (string, error) {
	if len(n.PartitionNames) > 0 || n.TableSample != nil {
		return "", unsupported("PARTITION and TABLESAMPLE")
	}
	src := &source{name: alias, schema: n.Schema.O}
	if alias == "" {
		src.name = n.Name.O
	}
	if fields := sc.cte(n.Name.L); n.Schema.O == "" && fields != nil {
		if n.AsOf != nil {
			return "", unsupported("AS OF TIMESTAMP on a common table expression")
		}
		for _, f := range fields {
			f.schema, f.table, f.merged = "", src.name, false
			src.fields = append(src.fields, f)
		}
		err := sc.add(src)
		return quoteName(n.Name.O) + " AS " + quoteName(src.alias), err
	}
	def, instance, err := findTable(t.session, n)
	if err != nil {
		return "", err
	}
	if src.schema == "" {
		src.schema = t.session.Database
	}
	if alias != "" {
		src.schema = ""
	}
	schema := def.schema
	if instance != "" {
		schema = instance
	}
	for _, c := range def.columns {
		src.fields = append(src.fields, field{
			name: c.name, schema: schema, table: src.name, typ: c.typ, notNull: c.notNull, collated: true,
			// The names of what there is match patterns in any case, as SHOW does.
			exact: c.exact && def.schema != "information_schema",
		})
	}
	version := "0"
	if n.AsOf != nil {
		if version, err = t.version(n.AsOf.TsExpr); err != nil {
			return "", err
		}
	}
	if err := sc.add(src); err != nil {
		return "", err
	}
	return quoteName(def.schema) + "." + quoteName(lower(def.name)) +
		"(" + quoteText(instance) + ", " + version + ") AS " + quoteName(src.alias), nil
}

// version rebuilds the time of an AS OF, which no table may decide.
func (t *translator) version(n ast.ExprNode) (string, error) {
	e, err := t.expr(n, &scope{clause: "AS OF TIMESTAMP"})
	return "m_version(" + e.sql + ")", err
}

// findTable finds a virtual table, and the instance whose part of it is meant, "" for all.
func findTable(s *session.Session, n *ast.TableName) (*table, string, error) {
	database := n.Schema.O
	if database == "" {
		database = s.Database
	}
	if database == "" {
		return nil, "", fail(1046, "3D000", "No database selected; USE an instance, or write roster.%s", n.Name.O)
	}
	if schema := systemSchema(database); schema != "" {
		if def := catalogue[schema][n.Name.L]; def != nil {
			return def, "", nil
		}
		return nil, "", unknownTable(database, n.Name.O)
	}
	if err := mayUse(s, database); err != nil {
		return nil, "", err
	}
	if def := catalogue["roster"][n.Name.L]; def != nil && def.perInstance {
		return def, database, nil
	}
	return nil, "", unknownTable(database, n.Name.O)
}

// mayUse refuses the databases of instances a user may not see.
func mayUse(s *session.Session, database string) error {
	if systemSchema(database) == "" && s.Instance != "" && s.Instance != database {
		return fail(1044, "42000", "Access denied for user '%s' to database '%s'", s.User, database)
	}
	return nil
}
