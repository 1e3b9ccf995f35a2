package admin

import (
	"context"

	"roster/core"
	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

// Backend is what statements run on.
type Backend interface {
	core.API
	// ReadDocument is core.Service's.
	ReadDocument(ctx context.Context, req *pb.GetInstanceRequest) (core.Reading, error)
	// ListInstances, ChangedInstances, Version and History are core.Service's.
	ListInstances(ctx context.Context, after string, limit int) (docs []*pb.InstanceInfoPB, more bool, err error)
	ChangedInstances(ctx context.Context, since uint64) (core.ChangedInstances, error)
	Version(ctx context.Context) (uint64, error)
	History(ctx context.Context, q core.HistoryQuery) (records []*pb.HistoryPB, next []byte, err error)
	// CreateUser, AlterUser, DropUser, GetUser and ListUsers are core.Service's.
	CreateUser(ctx context.Context, user core.User) error
	AlterUser(ctx context.Context, name string, change core.UserChange) error
	DropUser(ctx context.Context, name string) error
	GetUser(ctx context.Context, name string) (*core.User, error)
	ListUsers(ctx context.Context) ([]core.User, error)
	// ListServers is core.Service's.
	ListServers(ctx context.Context) ([]core.Server, error)
}

// Options configure an Engine.
type Options struct {
	Backend Backend
	// SecretDir is where SECRET FROM FILE finds its files; "" refuses it.
	SecretDir string
}

// Engine runs Roster's own statements. It is safe for concurrent use.
type Engine struct {
	opts  Options
	known cache
}

var _ session.Engine = (*Engine)(nil)

// New returns an Engine.
func New(opts Options) *Engine { return &Engine{opts: opts} }

// Prepare is session.Engine's. A text is of this engine's kind when it begins
// with the keywords of one of its rules.
func (e *Engine) Prepare(_ *session.Session, src string) (session.Statement, bool, error) {
	if s := e.known.get(src); s != nil {
		return s, true, nil
	}
	tokens, f := scan(src)
	rules := candidates(tokens)
	if rules == nil {
		return nil, false, nil
	}
	if f != nil {
		return nil, true, syntaxError(src, f.pos, f.why)
	}
	r, c, err := parse(rules, src, tokens)
	if err != nil {
		return nil, true, err
	}
	s := &statement{engine: e, rule: r, command: c}
	s.redacted, s.secret = redact(src)
	for _, t := range tokens {
		if t.kind == param {
			s.params++
		}
	}
	s.literal = s.params == 0 && s.secret
	e.known.put(src, s)
	return s, true, nil
}
