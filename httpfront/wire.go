package httpfront

import (
	"bytes"
	"errors"
	"fmt"
	"net"

	"github.com/sirupsen/logrus"
	"github.com/valyala/fasthttp"

	"roster/core"
)

// framingFault names what in the headers other HTTP implementations read
// differently, so that a proxy before us might see another request; "" if nothing.
// raw is the header block as it came.
func framingFault(raw []byte) string {
	var length, encoding bool
	for line := range bytes.Lines(raw) {
		if !bytes.HasSuffix(line, []byte("\r\n")) {
			return "a header line ends without a carriage return"
		}
		if line[0] == ' ' || line[0] == '\t' {
			return "a header is continued on a second line"
		}
		name, _, _ := bytes.Cut(line, []byte(":"))
		length = length || bytes.EqualFold(name, []byte(fasthttp.HeaderContentLength))
		encoding = encoding || bytes.EqualFold(name, []byte(fasthttp.HeaderTransferEncoding))
	}
	if length && encoding {
		return "both Content-Length and Transfer-Encoding are given"
	}
	return ""
}

// refuseUnread answers a request that could not be read. The connection is closed
// after it.
func (s *Server) refuseUnread(ctx *fasthttp.RequestCtx, err error) {
	defer func() {
		if v := recover(); v != nil {
			s.panicked(v, "")
			ctx.Response.Reset()
			ctx.SetStatusCode(fasthttp.StatusInternalServerError)
		}
	}()
	var (
		tooSmall *fasthttp.ErrSmallBuffer
		network  net.Error
		reason   string
		msg      string
		code     = core.InvalidArgument
		status   int
	)
	switch {
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		reason = "body_too_large"
		code = core.TooLarge
		msg = fmt.Sprintf("the body has more than %d bytes, the limit: split the request", s.opts.MaxBodyBytes)
	case errors.As(err, &tooSmall):
		reason = "headers_too_large"
		msg = fmt.Sprintf("the request line and headers have more than %d bytes, the limit", maxHeaderBytes)
		status = fasthttp.StatusRequestHeaderFieldsTooLarge
	case errors.As(err, &network) && network.Timeout():
		reason = "timeout"
		msg = fmt.Sprintf("the request did not arrive within %v", s.opts.ReadTimeout)
		status = fasthttp.StatusRequestTimeout
	default:
		reason = "malformed"
		msg = "the request is not HTTP as RFC 9112 has it"
	}
	if c, ok := ctx.Conn().(*conn); ok {
		c.unread = reason == "body_too_large" || reason == "headers_too_large"
	}
	writeError(ctx, code, msg, nil)
	if status != 0 {
		ctx.SetStatusCode(status)
	}
	id := s.ids.next(ctx.ID())
	ctx.Response.Header.Set(headerRequestID, id)
	s.metrics.refused.WithLabelValues(reason).Inc()
	s.log.WithFields(logrus.Fields{
		"reason": reason, "status": ctx.Response.StatusCode(), "remote": ctx.RemoteAddr().String(), "request_id": id,
	}).Info("request not readable")
}
