package mysqlfront

import (
	"context"
	"errors"
	"os"
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
	ctx, cancel := context.WithCancelCause(c.calling(c.srv.work))
	defer cancel(nil)
	limit := c.srv.opts.StatementTimeout
	if !st.Writes() { // the session may end it earlier
		limit = c.within(limit, "max_execution_time", time.Millisecond)
	}
	ctx, stop := context.WithTimeoutCause(ctx, limit, errTimeout)
	defer stop()
	c.running(cancel)
	defer c.running(nil)
	defer c.watch(cancel)()

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

// running names what interrupt ends; nil for nothing.
func (c *conn) running(cancel context.CancelCauseFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancel = cancel
	if cancel != nil && errors.Is(c.ending, errAborted) {
		cancel(errAborted)
	}
}

// watchAfter is how long a statement runs before its client is watched: most
// have ended by then, and watching costs more than they do.
const watchAfter = 10 * time.Millisecond

// watch cancels the statement when the client leaves. What the client sends
// meanwhile stays in the buffer, and ends the watch.
func (c *conn) watch(cancel context.CancelCauseFunc) (stop func()) {
	if c.net.SetReadDeadline(time.Time{}) != nil {
		return func() {}
	}
	done := make(chan struct{})
	timer := time.AfterFunc(watchAfter, func() {
		defer close(done)
		if _, err := c.in.Peek(1); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			cancel(errGone)
		}
	})
	return func() {
		if timer.Stop() {
			return
		}
		_ = c.net.SetReadDeadline(time.Unix(1, 0)) // ends the peek
		<-done
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
