package admin

import (
	"context"

	"roster/core"
	"roster/mysqlfront/session"
)

// statement is a parsed text of this engine.
type statement struct {
	engine   *Engine
	rule     *rule
	command  command
	params   int
	redacted string
	// secret says that the text holds a secret or a parameter for one, literal
	// that it surely holds one.
	secret, literal bool
}

// Params is session.Statement's.
func (s *statement) Params() int { return s.params }

// Redacted is session.Statement's.
func (s *statement) Redacted() string { return s.redacted }

// lister is a command that answers with rows.
type lister interface {
	columns() []session.Column
}

// Columns is session.Statement's.
func (s *statement) Columns() []session.Column {
	if l, ok := s.command.(lister); ok {
		return l.columns()
	}
	return nil
}

// changer is a command that changes something.
type changer interface {
	call(x *execution, call *core.Call) error
}

// diagnostic is a command that leaves the warnings of the last one as they are.
type diagnostic interface{ keepsWarnings() }

// Writes is session.Statement's.
func (s *statement) Writes() bool {
	_, writes := s.command.(changer)
	return writes
}

// Run is session.Statement's.
func (s *statement) Run(ctx context.Context, on *session.Session, args []any) (*session.Result, error) {
	if _, keep := s.command.(diagnostic); !keep {
		on.Warnings = nil
	}
	if err := s.allowed(on); err != nil {
		return nil, err
	}
	if len(args) != s.params {
		return nil, invalid("the statement has %d parameters, %d values are given", s.params, len(args))
	}
	x := &execution{Backend: s.engine.opts.Backend, engine: s.engine, session: on, args: args}
	call := core.Call{Front: "sql", Caller: on.User}
	if c, ok := s.command.(changer); ok {
		if on.Snapshot != 0 {
			return nil, fail(1792, "25006", "Cannot execute statement in a READ ONLY transaction: COMMIT first")
		}
		if err := c.call(x, &call); err != nil {
			return nil, err
		}
	}
	x.dryRun = call.DryRun
	if call != core.CallOf(ctx) {
		ctx = core.WithCall(ctx, call)
	}
	if on.Snapshot != 0 {
		ctx = core.WithVersion(ctx, on.Snapshot)
	}
	result, err := s.command.run(ctx, x)
	if err != nil {
		return nil, err
	}
	if s.literal {
		on.Warn(1287, "The statement held a secret, which your client may have stored in its history: prefer a parameter or SECRET FROM FILE or ENV")
	}
	return result, nil
}

// allowed checks the role, and that secrets do not travel in clear.
func (s *statement) allowed(on *session.Session) error {
	if on.Role < s.rule.role {
		return fail(1227, "42000", "Access denied; you need the role %s for %s, yours is %s", s.rule.role, s.rule.topic, on.Role)
	}
	if s.secret && !on.Secure {
		return fail(1227, "42000", "Access denied; the statement holds a secret and the connection is not encrypted: connect with TLS, or use SECRET FROM FILE or ENV")
	}
	return nil
}

// execution is one run of a statement.
type execution struct {
	Backend
	engine  *Engine
	session *session.Session
	args    []any
	dryRun  bool
}

// done answers a change that was made.
func (x *execution) done() *session.Result {
	if x.dryRun {
		return &session.Result{Info: "Dry run: the change would be made, nothing was written"}
	}
	return &session.Result{Affected: 1}
}

// unchanged answers a change that IF made unnecessary.
func (x *execution) unchanged(code uint16, message string) *session.Result {
	x.session.Note(code, message)
	return &session.Result{}
}

// unscoped refuses a user of one instance what concerns all.
func (x *execution) unscoped() error {
	if x.session.Instance == "" {
		return nil
	}
	return fail(1044, "42000", "Access denied for user '%s': it may only see the instance '%s'", x.session.User, x.session.Instance)
}

// call is changer's for every command that embeds options.
func (o options) call(x *execution, call *core.Call) error {
	for _, option := range o.Options {
		if option.Mode != nil {
			if err := option.Mode.call(x, call); err != nil {
				return err
			}
			continue
		}
		version, err := x.unsigned("VERSION", option.Version)
		if err != nil {
			return err
		}
		if version == 0 {
			return invalid("VERSION is 0, want that of SHOW FULL INSTANCES")
		}
		call.IfRevision = version
	}
	return nil
}

// call is changer's for every command that embeds modes.
func (m modes) call(x *execution, call *core.Call) error {
	for _, mode := range m.Modes {
		if err := mode.call(x, call); err != nil {
			return err
		}
	}
	return nil
}

func (m *mode) call(x *execution, call *core.Call) (err error) {
	if m.DryRun {
		call.DryRun = true
		return nil
	}
	call.RequestID, err = x.text(m.RequestID)
	return err
}
