package tables

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/pingcap/tidb/pkg/parser"
	"github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/mysql"
	driver "github.com/pingcap/tidb/pkg/parser/test_driver"

	"roster/mysqlfront/session"
)

// maxText bounds a statement's text: the parser walks its trees by recursion.
const maxText = 128 << 10

// The parser's stand-in for decimals panics on long ones; SQLite has none anyway.
func init() {
	ast.NewDecimal = func(text string) (any, error) { return strconv.ParseFloat(text, 64) }
}

var parsers = sync.Pool{New: func() any { return parser.New() }}

// parse reads one statement under an sql_mode.
func parse(text, sqlMode string) (ast.StmtNode, error) {
	if len(text) > maxText {
		return nil, fail(1153, "08S01", "the statement is %d bytes long, at most %d are allowed", len(text), maxText)
	}
	mode, err := mysql.GetSQLMode(mysql.FormatSQLModeStr(sqlMode))
	if err != nil {
		return nil, fail(1231, "42000", "Variable 'sql_mode' can't be set to the value of '%s'", sqlMode)
	}
	nodes, err := parseAll(text, mode)
	switch {
	case err != nil:
		return nil, parseError(err, text)
	case len(nodes) == 0:
		return nil, fail(1065, "42000", "Query was empty")
	case len(nodes) > 1:
		return nil, unsupported("several statements in one: send them one by one")
	}
	return nodes[0], nil
}

// parseAll runs the parser. One that panics is thrown away.
func parseAll(text string, mode mysql.SQLMode) (nodes []ast.StmtNode, err error) {
	p := parsers.Get().(*parser.Parser)
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the parser failed: %v", v)
			return
		}
		parsers.Put(p)
	}()
	p.SetSQLMode(mode)
	nodes, _, err = p.ParseSQL(text)
	return slices.Clone(nodes), err
}

// prepare parses and translates.
func (e *Engine) prepare(s *session.Session, text string) (session.Statement, error) {
	node, err := parse(text, variable(s, "sql_mode"))
	if err != nil {
		return nil, err
	}
	markers := &markers{}
	node.Accept(markers)
	sort.Slice(markers.found, func(i, j int) bool { return markers.found[i].Offset < markers.found[j].Offset })
	for i, m := range markers.found {
		m.SetOrder(i)
	}
	common := common{engine: e, redacted: redact(text), params: len(markers.found)}
	switch node := node.(type) {
	case *ast.SelectStmt, *ast.SetOprStmt:
		return e.query(s, common, node.(ast.ResultSetNode))
	case *ast.ShowStmt:
		return e.show(s, common, node)
	case *ast.ExplainStmt:
		if show, ok := node.Stmt.(*ast.ShowStmt); ok {
			return e.show(s, common, show)
		}
		return nil, unsupported("EXPLAIN of a statement, only EXPLAIN or DESCRIBE of a table")
	case *ast.DoStmt:
		return e.do(s, common, node)
	case *ast.SetStmt:
		return e.set(s, common, node)
	case *ast.UseStmt:
		return &use{common: common, database: node.DBName}, nil
	case *ast.BeginStmt:
		return e.begin(s, common, node)
	case *ast.CommitStmt, *ast.RollbackStmt:
		return &end{common: common}, nil
	case *ast.SavepointStmt, *ast.ReleaseSavepointStmt, *ast.UnlockTablesStmt:
		return &nothing{common: common}, nil
	case ast.DDLNode, ast.DMLNode:
		return nil, fail(1290, "HY000", "%s is refused: tables are views of what Roster manages, change it by Roster's own statements; HELP lists them", verb(text))
	}
	return nil, unsupported("the statement %s; HELP lists Roster's statements", verb(text))
}

// verb is the first word of a statement, for messages.
func verb(text string) string {
	words := strings.FieldsFunc(parser.Normalize(text, "ON"), func(r rune) bool { return r < 'a' || r > 'z' })
	if len(words) == 0 {
		return "this"
	}
	return strings.ToUpper(words[0])
}

// markers collects the ? of a statement.
type markers struct{ found []*driver.ParamMarkerExpr }

func (m *markers) Enter(n ast.Node) (ast.Node, bool) {
	if p, ok := n.(*driver.ParamMarkerExpr); ok {
		m.found = append(m.found, p)
	}
	return n, false
}

func (*markers) Leave(n ast.Node) (ast.Node, bool) { return n, true }

// common is what all statements share.
type common struct {
	engine   *Engine
	redacted string
	params   int
}

func (c common) Params() int { return c.params }

func (common) Columns() []session.Column { return nil }

// Writes is false: what SET changes is the session's own.
func (common) Writes() bool { return false }

func (c common) Redacted() string { return c.redacted }

// redact leaves literals out of a text that may hold a secret.
func redact(text string) string {
	if secretWord.MatchString(text) {
		return parser.Normalize(text, "ON")
	}
	return text
}
