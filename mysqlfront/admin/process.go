package admin

import (
	"context"
	"strings"
	"time"

	"roster/mysqlfront/session"
)

// maxInfo bounds a statement in the process list without FULL, in bytes.
const maxInfo = 100

var processFields = []field[*session.Session]{
	{"Id", session.Unsigned, false, func(s *session.Session) any { return s.ID }},
	{"User", session.Varchar, false, func(s *session.Session) any { return s.User }},
	{"Host", session.Varchar, false, func(s *session.Session) any { return s.From.String() }},
	{"db", session.Varchar, false, func(s *session.Session) any { return orNull(orNil(s.Activity().Database)) }},
	{"Command", session.Varchar, false, func(s *session.Session) any { return s.Activity().Command }},
	{"Time", session.BigInt, false, func(s *session.Session) any {
		if s.Activity().Since.IsZero() {
			return int64(0)
		}
		return int64(max(0, time.Since(s.Activity().Since)/time.Second))
	}},
	{"State", session.Varchar, false, func(s *session.Session) any {
		if s.Activity().Statement == "" {
			return ""
		}
		return "executing"
	}},
	{"Info", session.Varchar, false, func(s *session.Session) any { return orNull(orNil(s.Activity().Statement)) }},
	{"ProgramName", session.Varchar, true, func(s *session.Session) any { return orNull(orNil(s.Client.Program)) }},
}

// showProcesses lists the sessions: all to an administrator, else one's own.
type showProcesses struct {
	Full bool `parser:"'SHOW' @'FULL'? 'PROCESSLIST'"`
	filter
}

func (s *showProcesses) columns() []session.Column {
	return columnsOf("processlist", shown(processFields, s.Full))
}

func (s *showProcesses) run(_ context.Context, x *execution) (*session.Result, error) {
	var sessions []*session.Session
	for _, other := range x.session.Registry.Sessions() {
		if x.oversees(other) {
			sessions = append(sessions, other)
		}
	}
	rows := rowsOf(shown(processFields, s.Full), each(sessions))
	if !s.Full {
		rows = shortInfo(rows)
	}
	return x.filtered(list{s.columns(), "User", rows}, &s.filter)
}

// shortInfo cuts the statement in the last column.
func shortInfo(rows func(func(session.Row, error) bool)) func(func(session.Row, error) bool) {
	return func(yield func(session.Row, error) bool) {
		for row, err := range rows {
			if n := len(row) - 1; n >= 0 {
				if info, ok := row[n].(string); ok && len(info) > maxInfo {
					row[n] = strings.ToValidUTF8(info[:maxInfo], "")
				}
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// oversees reports whether the user may see and end another's session.
func (x *execution) oversees(other *session.Session) bool {
	if other.User == x.session.User {
		return true
	}
	return x.session.Role == session.Admin && (x.session.Instance == "" || x.session.Instance == other.Instance)
}

// kill ends a session, or its statement.
type kill struct {
	What string `parser:"'KILL' @( 'QUERY' | 'CONNECTION' )?"`
	ID   value  `parser:"@@"`
}

func (k *kill) run(_ context.Context, x *execution) (*session.Result, error) {
	id, err := x.unsigned("thread id", &k.ID)
	if err != nil {
		return nil, err
	}
	for _, other := range x.session.Registry.Sessions() {
		if other.ID == id && !x.oversees(other) {
			return nil, fail(1095, "HY000", "You are not owner of thread %d", id)
		}
	}
	if !x.session.Registry.Kill(id, strings.EqualFold(k.What, "QUERY")) {
		return nil, fail(1094, "HY000", "Unknown thread id: %d", id)
	}
	return &session.Result{}, nil
}

var warningFields = []field[session.Warning]{
	{"Level", session.Varchar, false, func(w session.Warning) any { return w.Level }},
	{"Code", session.BigInt, false, func(w session.Warning) any { return int64(w.Code) }},
	{"Message", session.Varchar, false, func(w session.Warning) any { return w.Message }},
}

// showWarnings lists the warnings of the last statement, or only its errors.
type showWarnings struct {
	Kind  string `parser:"'SHOW' @( 'WARNINGS' | 'ERRORS' )"`
	Limit *limit `parser:"@@?"`
}

func (s *showWarnings) keepsWarnings() {}

func (s *showWarnings) columns() []session.Column { return columnsOf("warnings", warningFields) }

func (s *showWarnings) run(_ context.Context, x *execution) (*session.Result, error) {
	rows := rowsOf(warningFields, each(x.warnings(s.Kind)))
	return x.filtered(list{s.columns(), "Message", rows}, &filter{Limit: s.Limit})
}

func (x *execution) warnings(kind string) (some []session.Warning) {
	for _, w := range x.session.Warnings {
		if strings.EqualFold(kind, "WARNINGS") || w.Level == "Error" {
			some = append(some, w)
		}
	}
	return some
}

// countWarnings is SHOW COUNT(*) WARNINGS.
type countWarnings struct {
	Kind string `parser:"'SHOW' 'COUNT' '(' '*' ')' @( 'WARNINGS' | 'ERRORS' )"`
}

func (s *countWarnings) keepsWarnings() {}

func (s *countWarnings) columns() []session.Column {
	name := "@@session.warning_count"
	if strings.EqualFold(s.Kind, "ERRORS") {
		name = "@@session.error_count"
	}
	return []session.Column{{Name: name, Type: session.BigInt}}
}

func (s *countWarnings) run(_ context.Context, x *execution) (*session.Result, error) {
	n := int64(len(x.warnings(s.Kind)))
	one := list{columns: s.columns(), rows: session.Rows(session.Row{n})}
	return x.filtered(one, &filter{})
}
