package httpfront

import (
	"context"
	"strings"

	"github.com/valyala/fasthttp"
	"google.golang.org/protobuf/proto"

	"roster/core"
	"roster/httpfront/lenient"
)

// request is one request on its way through the server. What it holds is copied:
// the library uses its buffers again as soon as the reply is out.
type request struct {
	http *fasthttp.RequestCtx
	// id is the caller's own, or else made here.
	id string
	// callerID is the id only if it is the caller's own.
	callerID string
	// path is the request's, with anything in it: see shortPath.
	path string
	// operation is the path after the service, with any version.
	operation string
	query     query
	route     *route
	token     *Token
	// changing says that an operation may have changed something.
	changing bool
}

// call is what core is told of the caller.
func (r *request) call() core.Call {
	return core.Call{
		Front:     "rest",
		Caller:    r.token.Name,
		RequestID: r.callerID,
		Force:     r.query.get("force") == "true" || youngFault(),
		Reveal:    r.token.Role >= RoleOperator,
	}
}

// decode reads the body into m.
func (r *request) decode(m proto.Message) error {
	if err := lenient.Unmarshal(r.http.PostBody(), m); err != nil {
		return core.Errorf(core.InvalidArgument, "parse http request '%s': INVALID_ARGUMENT:%v", r.operation, err)
	}
	return nil
}

// wantsJSON reports whether the caller asked for JSON where text is the custom.
func (r *request) wantsJSON() bool {
	if r.query.get("format") == "json" {
		return true
	}
	for media := range strings.SplitSeq(string(r.http.Request.Header.Peek(fasthttp.HeaderAccept)), ",") {
		media, _, _ = strings.Cut(media, ";")
		if strings.EqualFold(strings.TrimSpace(media), typeJSON) {
			return true
		}
	}
	return false
}

const (
	headerRequestID = "X-Request-Id"
	maxRequestID    = 256
)

// identify sets the request's id, and puts it into the reply.
func (s *Server) identify(r *request) error {
	given := string(r.http.Request.Header.Peek(headerRequestID))
	if given == "" {
		given = r.query.get("request_id")
	}
	fault := requestIDFault(given)
	if given == "" || fault != "" {
		r.id = s.ids.next(r.http.ID())
	} else {
		r.id, r.callerID = given, given
	}
	r.http.Response.Header.SetCanonical([]byte(headerRequestID), []byte(r.id))
	if fault != "" {
		return core.Errorf(core.InvalidArgument, "the request id, %s or request_id, %s", headerRequestID, fault)
	}
	return nil
}

func requestIDFault(id string) string {
	switch {
	case len(id) > maxRequestID:
		return "has more than 256 bytes, the limit"
	case printable(id) != id:
		return "may hold only printable ASCII characters"
	default:
		return ""
	}
}

// context bounds the work on one request. It does not end with the connection.
func (s *Server) context() (context.Context, context.CancelFunc) {
	return core.WithTimeout(s.work, s.opts.RequestTimeout)
}
