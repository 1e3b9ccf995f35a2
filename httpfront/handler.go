package httpfront

import (
	"errors"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/valyala/fasthttp"

	"roster/core"
)

// handle takes a request through its stations and never panics, since a panic
// would end the process.
func (s *Server) handle(ctx *fasthttp.RequestCtx) {
	r := &request{http: ctx, query: parseQuery(string(ctx.URI().QueryString())), path: string(ctx.Path()), route: unknownRoute}
	start := time.Now()
	defer func() {
		if v := recover(); v != nil {
			s.panicked(v, r.id)
			ctx.Response.Reset()
			ctx.Response.Header.Set(headerRequestID, r.id)
			ctx.SetConnectionClose()
			code := core.Internal
			if r.changing {
				code = core.Undetermined
			}
			writeError(ctx, code, internalText(r.id), nil)
		}
		if s.draining.Load() {
			ctx.SetConnectionClose()
		}
		s.observe(r, time.Since(start))
	}()
	s.serve(r)
}

// serve answers a request, or refuses it at the first station it does not pass.
func (s *Server) serve(r *request) {
	unidentified := s.identify(r)
	if fault := framingFault(r.http.Request.Header.RawHeaders()); fault != "" {
		s.metrics.refused.WithLabelValues("ambiguous").Inc()
		r.http.SetConnectionClose()
		s.fail(r, core.Errorf(core.InvalidArgument, "the request is ambiguous: %s", fault))
		return
	}
	if unidentified != nil {
		s.fail(r, unidentified)
		return
	}
	path := cleanPath(r.path)
	if found := specialAt(path); found != nil {
		r.route = &found.route
		found.serve(s, r)
		return
	}
	operation, ok := operationOf(path)
	if !ok {
		s.notFound(r)
		return
	}
	s.serveOperation(r, operation)
}

// serveOperation checks the token before it tells whether there is such a route.
func (s *Server) serveOperation(r *request, operation string) {
	if !s.authenticate(r) {
		return
	}
	found := routes[strings.TrimPrefix(operation, "v1/")]
	if found == nil {
		s.notFound(r)
		return
	}
	r.route, r.operation = found, operation
	s.run(r)
}

// authenticate finds the token of a request, or answers that there is none.
func (s *Server) authenticate(r *request) bool {
	raw, decoded, err := givenToken(&r.http.Request.Header, r.query)
	if err != nil {
		s.fail(r, core.Errorf(core.InvalidArgument, "%v", err))
		return false
	}
	if r.token = s.bearer(raw, decoded); r.token == nil {
		writeText(r.http, fasthttp.StatusForbidden, []byte(wrongToken(raw)))
		return false
	}
	return true
}

// run calls what a request is routed to, if its token may.
func (s *Server) run(r *request) {
	if err := permit(r.token, r.route); err != nil {
		s.fail(r, err)
		return
	}
	ctx, cancel := s.context()
	defer cancel()
	var answer reply
	err := handlerFault(r)
	if err == nil {
		r.changing = r.route.role > RoleReader
		answer, err = r.route.handle(core.WithCall(ctx, r.call()), s, r)
	}
	if err != nil {
		s.fail(r, err)
	} else {
		answer.write(r.http)
	}
	replyFault(r)
}

// fail answers with err.
func (s *Server) fail(r *request, err error) {
	s.logCause(r, err)
	writeError(r.http, core.CodeOf(err), clientText(r, err), r.route.failure)
}

// clientText is what a client may read of err: of what is no core.Error, nothing.
func clientText(r *request, err error) string {
	if known, ok := errors.AsType[*core.Error](err); ok {
		return known.Msg
	}
	return internalText(r.id)
}

func internalText(id string) string {
	return "internal error, the log has it under request_id=" + id
}

// logCause logs of err what the client is not told.
func (s *Server) logCause(r *request, err error) {
	cause := err
	if known, ok := errors.AsType[*core.Error](err); ok {
		cause = known.Cause
	}
	if cause == nil {
		return
	}
	s.log.WithError(cause).WithFields(logrus.Fields{"request_id": r.id, "route": r.route.name}).Error("request failed")
}

func (s *Server) notFound(r *request) {
	s.fail(r, core.Errorf(core.NotFound, "http path not found, path=%s", shortPath(r.path)))
}

// panicked records a panic. Its value is shown only when the runtime made it:
// any other can hold a request.
func (s *Server) panicked(v any, id string) {
	s.metrics.panics.Inc()
	entry := s.log.WithFields(logrus.Fields{"request_id": id, "stack": string(debug.Stack())})
	if fault, ok := v.(runtime.Error); ok {
		entry = entry.WithError(fault)
	}
	entry.Errorf("request panicked with a %T", v)
}

// cleanPath drops the slashes at the end; those doubled are gone already. Routing
// and authorisation both rest on it.
func cleanPath(path string) string { return strings.TrimRight(path, "/") }

// operationOf is the part of a path after the service, if it names the service.
func operationOf(path string) (string, bool) {
	for _, service := range [...]string{"/MetaService/http", "/doris.cloud.MetaService/http"} {
		if rest, ok := strings.CutPrefix(path, service); ok && (rest == "" || rest[0] == '/') {
			return strings.TrimPrefix(rest, "/"), true
		}
	}
	return "", false
}

// maxPathShown bounds the path in logs and errors.
const maxPathShown = 256

// shortPath ends at the first character that no path of ours has: what comes
// after it may be a token whose question mark is missing.
func shortPath(path string) string {
	end := 0
	for end < min(len(path), maxPathShown) && isPathByte(path[end]) {
		end++
	}
	if end < len(path) {
		return path[:end] + "..."
	}
	return path
}

func isPathByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("/._-", c) >= 0
}
