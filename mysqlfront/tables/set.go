package tables

import (
	"context"
	"fmt"
	"strings"

	"github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/charset"
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
		if v.ExtendValue != nil { // the collation of SET NAMES
			out.assignments = append(out.assignments, assignment{name: "collation_connection", literal: v.ExtendValue.GetString()})
		}
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
		if values[i], err = st.engine.accept(s, a.name, value, a.reset); err != nil {
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
func (e *Engine) accept(s *session.Session, name, value string, reset bool) (string, error) {
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
		known, ok := charsets[lower(value)]
		if !ok {
			return "", fail(1115, "42000", "Unknown character set: '%s'; Roster speaks utf8mb4", value)
		}
		return known, nil
	case name == "sql_mode":
		mode := mysql.FormatSQLModeStr(value)
		if _, err := mysql.GetSQLMode(mode); err != nil {
			return "", invalid
		}
		return mode, nil
	case value == nullCharset:
		return "", invalid
	case ownLimits[name]:
		return e.acceptLimit(s, name, value)
	case sysvars[name].toggle:
		switch lower(value) {
		case "1", "on", "true":
			return "1", nil
		case "0", "off", "false":
			return "0", nil
		}
		return "", invalid
	case sysvars[name].typ == session.BigInt:
		return acceptInt(name, value)
	case strings.HasPrefix(name, "collation_"):
		return value, checkCollation(value)
	}
	return value, nil
}

func acceptInt(name, value string) (string, error) {
	if n := asInt(value); asText(n) == strings.TrimPrefix(value, "+") {
		return asText(n), nil
	}
	return "", fail(1232, "42000", "Incorrect argument type to variable '%s'", name)
}

// checkCollation refuses those there are not, and those of other character sets.
func checkCollation(name string) error {
	collation, err := charset.GetCollationByName(name)
	switch {
	case err != nil:
		return fail(1273, "HY000", "Unknown collation: '%s'", name)
	case charsets[collation.CharsetName] == "":
		return fail(1253, "42000", "COLLATION '%s' is not valid for CHARACTER SET 'utf8mb4'", name)
	}
	return nil
}

// ownLimits are the server's limits that a session may tighten for itself.
var ownLimits = map[string]bool{"max_execution_time": true, "wait_timeout": true}

// acceptLimit keeps a limit within the server's, and warns where that is another
// value than the one asked for.
func (e *Engine) acceptLimit(s *session.Session, name, value string) (string, error) {
	text, err := acceptInt(name, value)
	if err != nil {
		return "", err
	}
	n, most := asInt(text), asInt(e.variableValue(s, name, true))
	if n == 0 && name == "max_execution_time" {
		return asText(most), nil // no limit of its own
	}
	within := max(1, min(n, most))
	if within != n {
		s.Warn(1292, fmt.Sprintf("Truncated incorrect %s value: '%s'; it is %d now, the server allows 1 to %d", name, text, within, most))
	}
	return asText(within), nil
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
		if reset || strings.EqualFold(value, "SYSTEM") {
			s.Location = s.Home
			delete(s.Vars, name)
			break
		}
		loc, err := parseZone(value)
		if err != nil {
			return err
		}
		s.Location = loc
		s.Vars[name] = value
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
