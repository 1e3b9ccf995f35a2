// Package tables answers what a MySQL client sends besides Roster's own
// statements: SELECT over virtual tables, standard SHOW, SET and transactions.
//
// A statement is parsed by TiDB's parser, rebuilt from its syntax tree as SQLite
// SQL by a whitelist of nodes and functions, and run by an in-memory SQLite whose
// virtual tables read the source on demand. Nothing a client writes reaches
// SQLite as text, so files, ATTACH, PRAGMA and extensions are out of its reach.
package tables

import (
	"context"

	"roster/core"
	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

// Source is what the tables read. A context made by core.WithVersion reads an old
// version.
type Source interface {
	ListInstances(ctx context.Context, after string, limit int) (docs []*pb.InstanceInfoPB, more bool, err error)
	GetInstance(ctx context.Context, req *pb.GetInstanceRequest) (*pb.InstanceInfoPB, error)
	History(ctx context.Context, q core.HistoryQuery) (records []*pb.HistoryPB, next []byte, err error)
	ListUsers(ctx context.Context) ([]core.User, error)
	// Version is that of the latest snapshot.
	Version(ctx context.Context) (uint64, error)
}

// Setting is a row of roster.settings.
type Setting struct{ Name, Value string }

// Options tune an Engine; zero values mean the defaults.
type Options struct {
	// Settings are the rows of roster.settings. They must hold no secret.
	Settings []Setting
	// MaxRows is the most rows a SELECT answers; the rest is cut off with warning
	// 1317. Default 100,000.
	MaxRows int
	// MaxReadBytes bounds what one statement may read into memory from the source
	// and answer, each; error 1104 beyond it. Default 64 MiB.
	MaxReadBytes int
	// MaxSteps bounds the rows one statement may look at, joins counted with every
	// repetition; error 1104 beyond it. Default 20,000,000.
	MaxSteps int
	// Slots is how many statements run at the same time; others wait for their
	// context. Default 4.
	Slots int
}

func (o Options) withDefaults() Options {
	o.MaxRows = cmpOr(o.MaxRows, 100_000)
	o.MaxReadBytes = cmpOr(o.MaxReadBytes, 64<<20)
	o.MaxSteps = cmpOr(o.MaxSteps, 20_000_000)
	o.Slots = cmpOr(o.Slots, 4)
	return o
}

func cmpOr(v, otherwise int) int {
	if v > 0 {
		return v
	}
	return otherwise
}

// Engine is a session.Engine. Close it after the last statement has ended.
type Engine struct {
	source  Source
	options Options
	slots   *slots
}

var _ session.Engine = (*Engine)(nil)

// New makes an Engine over source.
func New(source Source, options Options) *Engine {
	options = options.withDefaults()
	return &Engine{source: source, options: options, slots: newSlots(options.Slots)}
}

// Close frees the SQLite connections. Statements that still wait fail.
func (e *Engine) Close() error { return e.slots.close() }

// Prepare parses and translates a statement. It answers for every text, so it
// stands last among engines: what it does not know is error 1064 or 1235.
func (e *Engine) Prepare(s *session.Session, text string) (session.Statement, bool, error) {
	stmt, err := e.prepare(s, text)
	if err != nil {
		return nil, true, err
	}
	return stmt, true, nil
}
