package httpfront

import (
	"context"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"roster/failpoints"
)

// special is a route beside the meta-service's, with a path and an authentication
// of its own.
type special struct {
	route
	serve func(*Server, *request)
}

// unknownRoute stands for every path that is not routed.
var unknownRoute = &route{name: "unknown"}

// specials are found by their whole path.
var specials = map[string]*special{
	"/healthz":        {route{name: "healthz", quiet: true}, (*Server).healthz},
	"/readyz":         {route{name: "readyz", quiet: true}, (*Server).readyz},
	"/metrics":        {route{name: "metrics", quiet: true}, (*Server).showMetrics},
	serversPath:       {route{name: "servers", role: RoleReader, handle: listServers}, (*Server).serveKnown},
	clusterStatusPath: {route{name: "cloud_cluster_status"}, (*Server).cloudClusterStatus},
}

// specialAt is the special route of a path, nil for none.
func specialAt(path string) *special {
	if failpoints.Built && strings.HasPrefix(path, failpointsPath+"/") {
		path = failpointsPath
	}
	return specials[path]
}

// healthz says that the process answers.
func (s *Server) healthz(r *request) { writeText(r.http, fasthttp.StatusOK, []byte("ok\n")) }

// maxReadyWait bounds the question whether the store can be reached.
const maxReadyWait = 2 * time.Second

// readyz says whether requests should be sent here.
func (s *Server) readyz(r *request) {
	if s.draining.Load() {
		writeText(r.http, fasthttp.StatusServiceUnavailable, []byte("stopping\n"))
		return
	}
	ctx, cancel := context.WithTimeout(s.work, min(maxReadyWait, s.opts.RequestTimeout))
	defer cancel()
	if err := s.opts.Ready(ctx); err != nil {
		s.log.WithError(err).WithField("request_id", r.id).Warn("not ready")
		writeText(r.http, fasthttp.StatusServiceUnavailable, []byte("the store cannot be reached\n"))
		return
	}
	writeText(r.http, fasthttp.StatusOK, []byte("ready\n"))
}

func (s *Server) showMetrics(r *request) {
	text, err := s.metrics.text()
	if err != nil {
		s.fail(r, err)
		return
	}
	writeText(r.http, fasthttp.StatusOK, text)
}
