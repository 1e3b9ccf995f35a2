package tables

import (
	"context"
	"strings"

	"github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/mysql"

	"roster/mysqlfront/session"
)

// assignment is one part of SET: a name and where its value comes from.
type assignment struct {
	name string
	// literal is the value, else query computes it.
	literal string
	query   *translated
	// reset takes the default.
	reset bool
}

// set is a SET statement.
type set struct {
	common
	assignments []assignment
}

// charsets are the character sets a client may speak, all of them parts of utf8mb4.
var charsets = map[string]string{
	"utf8mb4": "utf8mb4", "utf8": "utf8mb3", "utf8mb3": "utf8mb3", "ascii": "ascii", "binary": "binary", "default": "utf8mb4",
}

// set prepares SET.
func (e *Engine) set(s *session.Session, c common, n *ast.SetStmt) (session.Statement, error) {
	out := &set{common: c}
	for _, v := range n.Variables {
		name := lower(v.Name)
		switch {
		case v.Name == ast.SetNames || v.Name == ast.SetCharset:
			name = "names"
		case !v.IsSystem:
			name = "@" + name
		case v.IsGlobal:
			return nil, fail(1227, "42000", "Access denied; SET GLOBAL is not available, the server's settings come from its configuration")
		default:
			if name == "tx_isolation_one_shot" {
				name = "tx_isolation"
			}
			def, ok := sysvars[name]
			if !ok {
				return nil, unknownVariable(v.Name)
			}
			if def.fixed {
				return nil, fail(1238, "HY000", "Variable '%s' is a read only variable", name)
			}
		}
		a, err := e.assign(s, name, v)
		if err != nil {
			return nil, err
		}
		out.assignments = append(out.assignments, a)
	}
	return out, nil
}

// assign prepares the value of one variable. A bare word is a text.
func (e *Engine) assign(s *session.Session, name string, v *ast.VariableAssignment) (assignment, error) {
	a := assignment{name: name}
	switch value := v.Value.(type) {
	case *ast.DefaultExpr:
		a.reset = true
	case *ast.ColumnNameExpr:
		a.literal = value.Name.Name.O
	case nil:
		a.reset = true
	default:
		t := &translator{session: s}
		computed, err := t.expr(value, &scope{clause: "SET"})
		if err != nil {
			return a, err
		}
		a.query = &translated{
			sql:     "WITH result(c0) AS (SELECT " + computed.sql + ") SELECT collect(c0) FROM result",
			columns: []session.Column{{Name: "value", Type: session.Varchar}},
		}
	}
	return a, nil
}

func (st *set) Run(ctx context.Context, s *session.Session, args []any) (*session.Result, error) {
	if err := st.check(args); err != nil {
		return nil, err
	}
	// All values are checked before any is set.
	values := make([]string, len(st.assignments))
	for i, a := range st.assignments {
		value, err := st.value(ctx, s, a, args)
		if err != nil {
			return nil, err
		}
		if values[i], err = accept(a.name, value, a.reset); err != nil {
			return nil, err
		}
	}
	for i, a := range st.assignments {
		if err := apply(s, a.name, values[i], a.reset); err != nil {
			return nil, err
		}
	}
	return &session.Result{}, nil
}

// value computes what to assign, nullCharset for NULL.
func (st *set) value(ctx context.Context, s *session.Session, a assignment, args []any) (string, error) {
	if a.query == nil {
		return a.literal, nil
	}
	r, err := st.engine.answer(ctx, s, a.query, args)
	if err != nil {
		return "", err
	}
	if len(r.rows) == 0 || r.rows[0][0] == nil {
		return nullCharset, nil
	}
	return r.rows[0][0].(string), nil
}

// accept checks a value and gives it its usual form.
func accept(name, value string, reset bool) (string, error) {
	if strings.HasPrefix(name, "@") {
		if len(value) > maxResult {
			return "", fail(1231, "42000", "Variable '%s' can't be set to a value of %d bytes", name, len(value))
		}
		return value, nil
	}
	if reset {
		return "", nil
	}
	invalid := fail(1231, "42000", "Variable '%s' can't be set to the value of '%s'", name, strings.ReplaceAll(value, nullCharset, "NULL"))
	if len(value) > 1024 {
		return "", fail(1231, "42000", "Variable '%s' can't be set to a value of %d bytes", name, len(value))
	}
	switch {
	case name == "time_zone":
		_, err := parseZone(value)
		return value, err
	case name == "names" || strings.HasPrefix(name, "character_set_"):
		if value == nullCharset && name == "character_set_results" {
			return value, nil
		}
		charset, ok := charsets[lower(value)]
		if !ok {
			return "", fail(1115, "42000", "Unknown character set: '%s'; Roster speaks utf8mb4", value)
		}
		return charset, nil
	case name == "sql_mode":
		mode := mysql.FormatSQLModeStr(value)
		if _, err := mysql.GetSQLMode(mode); err != nil {
			return "", invalid
		}
		return mode, nil
	case value == nullCharset:
		return "", invalid
	case sysvars[name].typ == session.BigInt:
		return acceptInt(value, invalid)
	}
	return value, nil
}

func acceptInt(value string, invalid error) (string, error) {
	switch lower(value) {
	case "on", "true":
		return "1", nil
	case "off", "false":
		return "0", nil
	}
	if n := asInt(value); asText(n) == strings.TrimPrefix(value, "+") {
		return asText(n), nil
	}
	return "", invalid
}

// maxUserVariables bounds the variables of a session.
const maxUserVariables = 256

func apply(s *session.Session, name, value string, reset bool) error {
	if s.Vars == nil {
		s.Vars = map[string]string{}
	}
	if _, known := s.Vars[name]; !known && len(s.Vars) >= maxUserVariables+len(sysvars) {
		return fail(1226, "42000", "The session has %d variables, which is the most it may have", len(s.Vars))
	}
	switch {
	case strings.HasPrefix(name, "@") && value == nullCharset:
		delete(s.Vars, name)
	case name == "names":
		for _, part := range []string{"character_set_client", "character_set_connection", "character_set_results"} {
			s.Vars[part] = value
			if reset {
				delete(s.Vars, part)
			}
		}
	case name == "time_zone":
		loc, err := parseZone(value)
		if reset {
			loc, err = nil, nil
		}
		if err != nil {
			return err
		}
		s.Location = loc
		s.Vars[name] = value
		if reset {
			s.Location = nil
			delete(s.Vars, name)
		}
	case reset:
		delete(s.Vars, name)
	default:
		s.Vars[name] = value
		if twin := twins[name]; twin != "" {
			s.Vars[twin] = value
		}
	}
	return nil
}

// twins are variables with two names.
var twins = map[string]string{
	"tx_isolation": "transaction_isolation", "transaction_isolation": "tx_isolation",
	"tx_read_only": "transaction_read_only", "transaction_read_only": "tx_read_only",
}
