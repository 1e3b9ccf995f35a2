package httpfront

import (
	"time"

	"github.com/sirupsen/logrus"
)

// observe counts a request and logs it in one line, which holds nothing of the
// query, the headers or the bodies.
func (s *Server) observe(r *request, took time.Duration) {
	status := r.http.Response.StatusCode()
	in, out := len(r.http.Request.Body()), len(r.http.Response.Body())
	s.metrics.observe(r.route, status, took, in, out)

	level := logrus.InfoLevel
	switch {
	case took >= s.opts.SlowRequest:
		level = logrus.WarnLevel
	case r.route.quiet:
		level = logrus.DebugLevel
	}
	if !s.log.IsLevelEnabled(level) {
		return
	}
	fields := logrus.Fields{
		"method": printable(string(r.http.Method()[:min(len(r.http.Method()), maxMethodShown)])),
		"path":   shortPath(r.path), "route": r.route.name, "status": status,
		"ms": float64(took.Microseconds()) / 1000, "bytes": out, "remote": r.http.RemoteAddr().String(), "request_id": r.id,
	}
	if r.token != nil {
		fields["caller"] = r.token.Name
	}
	if level == logrus.WarnLevel {
		fields["slow"] = true
	}
	s.log.WithFields(fields).Log(level, "request")
}

// maxMethodShown bounds the method in the log.
const maxMethodShown = 16
