package httpfront

import (
	"bytes"
	"net"

	"github.com/pingcap/failpoint"
	"github.com/valyala/fasthttp"

	"roster/core"
	"roster/failpoints"
)

// exempt says that no failpoint of this front hits a request: one that switches
// failpoints has to get through.
func exempt(r *request) bool { return !failpoints.Built || r.route == injectionPoint }

// handlerFault fails a request, or panics, where a failpoint says so.
func handlerFault(r *request) (err error) {
	if exempt(r) {
		return nil
	}
	failpoint.Inject("handler", func(v failpoint.Value) {
		if failpoints.Act(v) {
			err = core.Errorf(core.Internal, "the failpoint rest/handler was hit; nothing was written")
		}
	})
	return err
}

// youngFault reports whether a failpoint lets young frontends be dropped.
func youngFault() (dropped bool) {
	failpoint.Inject("safeDropTime", func(v failpoint.Value) { dropped = failpoints.Act(v) })
	return dropped
}

// replyFault takes the reply away, or half of it, where a failpoint says so.
func replyFault(r *request) {
	if exempt(r) {
		return
	}
	failpoint.Inject("replyLost", func(v failpoint.Value) {
		if failpoints.Act(v) {
			cutReply(r.http, nil)
		}
	})
	failpoint.Inject("replyCut", func(v failpoint.Value) {
		if failpoints.Act(v) {
			var whole bytes.Buffer
			_, _ = r.http.Response.WriteTo(&whole) // a buffer takes everything
			cutReply(r.http, whole.Bytes()[:whole.Len()/2])
		}
	})
}

// cutReply sends part instead of a reply and resets the connection.
func cutReply(ctx *fasthttp.RequestCtx, part []byte) {
	accepted := ctx.Conn()
	ctx.HijackSetNoResponse(true)
	ctx.Hijack(func(net.Conn) {
		_, _ = accepted.Write(part)
		if own, ok := accepted.(*conn); ok {
			accepted = own.Conn
		}
		if tcp, ok := accepted.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
	})
}
