package admin

import (
	"context"

	"roster/core"
	"roster/mysqlfront/session"
)

// showServers lists the servers that run on the same store.
type showServers struct {
	Show bool `parser:"@( 'SHOW' 'SERVERS' )"`
	filter
}

var serverFields = []field[core.Server]{
	{"Server", session.Varchar, false, func(s core.Server) any { return s.ID }},
	{"HttpAddress", session.Varchar, false, func(s core.Server) any { return s.HTTPAddr }},
	{"MysqlAddress", session.Varchar, false, func(s core.Server) any { return orNull(orNil(s.MySQLAddr)) }},
	{"Version", session.Varchar, false, func(s core.Server) any { return s.Version }},
	{"Role", session.Varchar, false, func(s core.Server) any { return s.Role }},
	{"StartTime", session.DateTime, false, func(s core.Server) any { return s.Started }},
	{"LastSeen", session.DateTime, false, func(s core.Server) any { return s.LastSeen }},
}

func (s *showServers) columns() []session.Column { return columnsOf("servers", serverFields) }

func (s *showServers) run(ctx context.Context, x *execution) (*session.Result, error) {
	if err := x.unscoped(); err != nil {
		return nil, err
	}
	servers, err := x.ListServers(ctx)
	if err != nil {
		return nil, err
	}
	return x.filtered(list{s.columns(), "Server", rowsOf(serverFields, each(servers))}, &s.filter)
}
