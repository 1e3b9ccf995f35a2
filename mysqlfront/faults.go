package mysqlfront

import (
	"net"

	"github.com/pingcap/failpoint"

	"roster/core"
	"roster/failpoints"
	"roster/mysqlfront/session"
)

// exempt says that no failpoint of this front hits a statement: one that switches
// failpoints has to get through.
func exempt(st session.Statement) bool {
	if !failpoints.Built {
		return true
	}
	s, ok := st.(interface{ SwitchesFailpoints() bool })
	return ok && s.SwitchesFailpoints()
}

// handlerFault fails a statement, or panics, where a failpoint says so.
func handlerFault(st session.Statement) (err error) {
	if exempt(st) {
		return nil
	}
	failpoint.Inject("handler", func(v failpoint.Value) {
		if failpoints.Act(v) {
			err = core.Errorf(core.Internal, "the failpoint sql/handler was hit; nothing was written")
		}
	})
	return err
}

// replyFault reports whether a failpoint has taken the answer away.
func (c *conn) replyFault(st session.Statement) (gone bool) {
	if exempt(st) {
		return false
	}
	failpoint.Inject("replyLost", func(v failpoint.Value) {
		if failpoints.Act(v) {
			c.cut(nil)
			gone = true
		}
	})
	failpoint.Inject("replyCut", func(v failpoint.Value) {
		if failpoints.Act(v) {
			c.cut([]byte{7, 0, 0}) // of the four bytes before an answer
			gone = true
		}
	})
	return gone
}

// cut sends part instead of an answer and resets the connection.
func (c *conn) cut(part []byte) {
	c.broken = true
	_, _ = c.net.Write(part)
	if tcp, ok := c.raw.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.raw.Close()
}
