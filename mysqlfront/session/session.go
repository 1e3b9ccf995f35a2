// Package session is what the parts of the MySQL front share: the state of one
// connection, and what a statement answers.
package session

import (
	"context"
	"iter"
	"net/netip"
	"sync"
	"time"

	"roster/core"
)

// Session is the state of one connection. Only its own goroutine uses it, but for
// what the process list shows (see Activity).
type Session struct {
	// ID is the connection's number, as CONNECTION_ID() and KILL have it.
	ID uint64
	// User is who logged in, with Role and, if not "", the one Instance it may see.
	User     string
	Role     Role
	Instance string
	// From is the client's address. Secure says that statements may hold secrets:
	// the connection is encrypted or does not leave this machine.
	From   netip.AddrPort
	Secure bool
	// Client is what else the connection tells of the client.
	Client Client
	// Database is the current database: an instance id, "roster",
	// "information_schema", "mysql", or "" when none is chosen.
	Database string
	// Location is the session's time_zone; DATETIME values are shown in it. It is
	// Home, the server's own, until SET time_zone.
	Location, Home *time.Location
	// Vars are session variables that SET changed, by lower-case name.
	Vars map[string]string
	// Snapshot is the version START TRANSACTION READ ONLY pinned, 0 for none.
	Snapshot uint64
	// Warnings are those of the last statement that could have some.
	Warnings []Warning

	// Registry knows all sessions.
	Registry Registry
	// Server tells of the server; nil where there is none.
	Server Server

	mu       sync.Mutex
	activity Activity
}

// Client is what a connection tells of its client, whoever logs in on it.
type Client struct {
	// Program is what the client says it is, "" if it does not.
	Program string
	// TLSVersion and Cipher are those of an encrypted connection, else "".
	TLSVersion, Cipher string
}

// Role is what a user may do; each may do all that those before it may.
type Role int

// The roles, from the least.
const (
	Reader Role = iota + 1
	Operator
	Admin
)

// String is the role's name in SQL and configuration.
func (r Role) String() string {
	return [...]string{"", "reader", "operator", "admin"}[r]
}

// Warning is a row of SHOW WARNINGS.
type Warning struct {
	Level   string // Note, Warning or Error
	Code    uint16
	Message string
}

// Note adds a warning of level Note.
func (s *Session) Note(code uint16, message string) {
	s.Warnings = append(s.Warnings, Warning{"Note", code, message})
}

// Warn adds a warning of level Warning.
func (s *Session) Warn(code uint16, message string) {
	s.Warnings = append(s.Warnings, Warning{"Warning", code, message})
}

// Activity is what the process list shows of a session.
type Activity struct {
	Command string
	// Since is when the command began.
	Since time.Time
	// Statement is redacted.
	Statement string
	Database  string
}

// SetActivity replaces what the process list shows.
func (s *Session) SetActivity(a Activity) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.activity = a
}

// Activity is what the process list shows.
func (s *Session) Activity() Activity {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.activity
}

// Registry is all sessions of a server.
type Registry interface {
	// Sessions are the open ones, in the order of their ids.
	Sessions() []*Session
	// Kill ends a session, or with query only its statement; false if there is
	// no such session.
	Kill(id uint64, query bool) bool
}

// Server tells of the server that a session is on.
type Server interface {
	// Variable is the value of a system variable, by its lower-case name, that the
	// server's settings decide; ok is false for every other.
	Variable(name string) (value string, ok bool)
	// Status are the server's own rows of SHOW STATUS.
	Status() map[string]uint64
}

// Type is a column's type.
type Type int

// The types there are.
const (
	Varchar  Type = iota // string
	BigInt               // int64
	Unsigned             // uint64
	Double               // float64
	DateTime             // time.Time
	JSON                 // string
	Blob                 // []byte
)

// Column is declared before any row is known.
type Column struct {
	Database, Table, Name string
	Type                  Type
	NotNull               bool
}

// Row holds a value for each column: nil, or what the column's type says.
type Row []any

// Result is what a statement answers. A nil Columns is an OK packet.
type Result struct {
	Columns  []Column
	Rows     iter.Seq2[Row, error]
	Affected uint64
	InsertID uint64
	// Info is the message of an OK packet.
	Info string
	// Listing, if not nil, is what makes the rows of Reading.
	// With Every it makes those of all instances.
	Listing Listing
	Reading core.Reading
	Every   Every
}

// Engine runs the statements of one kind.
type Engine interface {
	// Prepare parses a statement, without running it. ok is false when the
	// statement is not of this engine's kind; err then says nothing.
	Prepare(s *Session, text string) (stmt Statement, ok bool, err error)
}

// Statement is a parsed statement, which may run many times.
type Statement interface {
	// Params is how many ? it has.
	Params() int
	// Columns are known before it runs, nil for those that answer OK.
	Columns() []Column
	// Run executes it with a value for each ?. The context ends with KILL QUERY,
	// the connection or the deadline. Errors are *core.Error or *Error.
	Run(ctx context.Context, s *Session, args []any) (*Result, error)
	// Writes says that it may change what the server manages.
	Writes() bool
	// Redacted is its text with every secret replaced.
	Redacted() string
}

// Rows are the rows of a small result.
func Rows(rows ...Row) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}
