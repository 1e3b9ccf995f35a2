package mysqlfront

import (
	"crypto/tls"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/server"

	"roster/mysqlfront/session"
)

// variables are the system variables that the options decide.
var variables = map[string]func(*Server) string{
	"connect_timeout":               func(s *Server) string { return seconds(s.opts.LoginTimeout) },
	"default_authentication_plugin": func(s *Server) string { return s.opts.AuthPlugin },
	"have_ssl":                      (*Server).haveSSL,
	"hostname":                      func(*Server) string { return hostname() },
	"interactive_timeout":           func(s *Server) string { return seconds(s.opts.IdleTimeout) },
	"long_query_time":               func(s *Server) string { return strconv.FormatFloat(s.opts.SlowStatement.Seconds(), 'f', 6, 64) },
	"max_allowed_packet":            func(s *Server) string { return strconv.Itoa(s.opts.MaxPacketBytes) },
	"max_connections":               func(s *Server) string { return strconv.Itoa(s.opts.MaxConns) },
	"max_execution_time":            func(s *Server) string { return strconv.FormatInt(s.opts.StatementTimeout.Milliseconds(), 10) },
	"max_prepared_stmt_count":       func(s *Server) string { return strconv.Itoa(s.opts.MaxPrepared) },
	"net_read_timeout":              func(s *Server) string { return seconds(s.opts.ReadTimeout) },
	"net_write_timeout":             func(s *Server) string { return seconds(s.opts.WriteTimeout) },
	"port":                          func(s *Server) string { return strconv.Itoa(s.port()) },
	"require_secure_transport":      func(s *Server) string { return flag(s.opts.RequireSecure) },
	"system_time_zone":              func(s *Server) string { return time.Now().In(s.opts.Location).Format("MST") },
	"version":                       func(s *Server) string { return s.opts.Version },
	"wait_timeout":                  func(s *Server) string { return seconds(s.opts.IdleTimeout) },
}

// Variable is session.Server's.
func (s *Server) Variable(name string) (value string, ok bool) {
	of, ok := variables[name]
	if !ok {
		return "", false
	}
	return of(s), true
}

// Status is session.Server's.
func (s *Server) Status() map[string]uint64 {
	s.mu.Lock()
	accepted, most := s.accepted, s.most
	s.mu.Unlock()
	return map[string]uint64{
		"Aborted_connects":     s.refused.Load(),
		"Connections":          accepted,
		"Max_used_connections": uint64(most),
		"Queries":              s.queries.Load(),
		"Questions":            s.questions.Load(),
		"Slow_queries":         s.slow.Load(),
		"Uptime":               uint64(time.Since(s.started).Seconds()),
	}
}

// count adds a command to what the status tells, as MySQL does: a question is
// what a user asked, a query every statement.
func (s *Server) count(command byte) {
	switch command {
	case mysql.COM_PING, mysql.COM_STATISTICS:
	case mysql.COM_STMT_PREPARE, mysql.COM_STMT_CLOSE, mysql.COM_STMT_RESET:
		s.queries.Add(1)
	default:
		s.queries.Add(1)
		s.questions.Add(1)
	}
}

// seconds is a timeout in whole seconds, at least one.
func seconds(d time.Duration) string { return strconv.Itoa(max(1, int(d.Seconds()))) }

func flag(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// hostname is the machine's name, "" where it has none.
func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	return name
}

func (s *Server) haveSSL() string {
	if s.handshake.Load().Capability()&mysql.CLIENT_SSL != 0 {
		return "YES"
	}
	return "DISABLED"
}

// port is that of the first TCP listener.
func (s *Server) port() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ln := range s.listeners {
		if addr, ok := ln.Addr().(*net.TCPAddr); ok {
			return addr.Port
		}
	}
	return 0
}

// clientOf is what a login tells of the client. The library knows the attributes
// only of those that it need not ask to change the authentication plugin.
func clientOf(sc *server.Conn) session.Client {
	var client session.Client
	attributes := sc.Attributes()
	for _, name := range []string{"program_name", "_client_name"} {
		if client.Program == "" {
			client.Program = strings.ToValidUTF8(clip(attributes[name]), "")
		}
	}
	if encrypted, ok := sc.Conn.Conn.(*tls.Conn); ok {
		state := encrypted.ConnectionState()
		client.TLSVersion = strings.Replace(tls.VersionName(state.Version), " ", "v", 1)
		client.Cipher = tls.CipherSuiteName(state.CipherSuite)
	}
	return client
}

// within is the server's limit, or what the session's variable says if that is
// less.
func (c *conn) within(limit time.Duration, variable string, unit time.Duration) time.Duration {
	set := c.session.Vars[variable]
	if set == "" {
		return limit
	}
	own, err := strconv.ParseInt(set, 10, 64)
	if err != nil || own <= 0 || own > int64(limit/unit) {
		return limit
	}
	return time.Duration(own) * unit
}
