package mysqlfront

import (
	"context"
	"errors"
	"time"

	"github.com/sirupsen/logrus"

	"roster/core"
	"roster/mysqlfront/session"
)

// errGone ends the statement of a client that has left.
var errGone = errors.New("the client has disconnected")

// run executes a statement and answers with what comes of it.
func (c *conn) run(st session.Statement, args []any, binary bool) {
	start := time.Now()
	limit := c.srv.opts.StatementTimeout
	if !st.Writes() { // the session may end it earlier
		limit = c.within(limit, "max_execution_time", time.Millisecond)
	}
	ctx, stop := context.WithTimeoutCause(c.begin(), limit, errTimeout)
	defer stop()
	defer c.finish()
	c.watch.start()
	defer c.watch.stop()

	command := "Query"
	if binary {
		command = "Execute"
	}
	activity := session.Activity{Command: command, Since: start, Statement: st.Redacted(), Database: c.session.Database}
	c.session.SetActivity(activity)
	defer func() { c.logStatement(activity, time.Since(start)) }()

	var result *session.Result
	err := handlerFault(st)
	if err == nil {
		c.changing = st.Writes()
		result, err = st.Run(ctx, c.session, args)
	}
	if c.replyFault(st) {
		return
	}
	switch {
	case err != nil:
	case result == nil || len(result.Columns) == 0:
		c.ok(result)
	default:
		err = c.rows(ctx, result, binary)
	}
	if err != nil {
		c.fail(interrupted(ctx, err))
	}
}

// use makes a database the current one, without an answer.
func (c *conn) use(ctx context.Context, database string) error {
	st, err := c.prepare("USE " + quoted(database))
	if err != nil {
		return err
	}
	_, err = st.Run(c.calling(ctx), c.session, nil)
	return err
}

func (c *conn) calling(ctx context.Context) context.Context {
	return core.WithCall(ctx, core.Call{Front: "sql", Caller: c.session.User})
}

// begin is the context of a statement that can be interrupted until finish.
func (c *conn) begin() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls == nil || c.calls.Err() != nil {
		c.calls, c.cancel = context.WithCancelCause(c.calling(c.srv.work))
	}
	c.running = true
	if errors.Is(c.ending, errAborted) {
		c.cancel(errAborted)
	}
	return c.calls
}

func (c *conn) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = false
}

// forget ends the context of the statements.
func (c *conn) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel != nil {
		c.cancel(nil)
		c.calls, c.cancel = nil, nil
	}
}

func (c *conn) logStatement(a session.Activity, took time.Duration) {
	level := logrus.DebugLevel
	if took >= c.srv.opts.SlowStatement {
		level = logrus.WarnLevel
		c.srv.slow.Add(1)
	}
	if !c.srv.log.IsLevelEnabled(level) {
		return
	}
	c.srv.log.WithFields(logrus.Fields{
		"connection": c.session.ID, "user": c.session.User, "remote": c.from.String(), "statement": a.Statement,
		"ms": float64(took.Microseconds()) / 1000, "errno": c.errno, "slow": level == logrus.WarnLevel,
	}).Log(level, "statement")
}

// logFailure keeps what the client is not told.
func (c *conn) logFailure(e *session.Error, err error) {
	entry := c.srv.log.WithFields(logrus.Fields{"connection": c.session.ID, "user": c.session.User, "errno": e.Number})
	var failed *core.Error
	switch {
	case errors.As(err, &failed):
		if failed.Cause != nil {
			entry.WithField("cause", failed.Cause).Warn("a statement failed: " + failed.Msg)
		}
	case !errors.As(err, new(*session.Error)):
		entry.WithError(err).Error("a statement failed inside")
	}
}
