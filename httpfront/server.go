// Package httpfront is the REST front: it reads requests as the clients of the
// meta-service send them, calls core.API and answers as the meta-service does.
package httpfront

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/valyala/fasthttp"

	"roster/core"
)

// maxHeaderBytes bounds the request line and headers, which hold keys in hex.
const maxHeaderBytes = 8 << 10

// replyBufferBytes holds what most replies have, so that they leave in one piece:
// an instance of 15 nodes has 7 KiB.
const replyBufferBytes = 16 << 10

// silentGrace is how long a stop waits for connections that have sent nothing yet.
const silentGrace = 500 * time.Millisecond

// Server answers REST requests on any number of listeners.
type Server struct {
	opts     Options
	log      *logrus.Logger
	tokens   atomic.Pointer[[]Token]
	http     *fasthttp.Server
	metrics  *metrics
	frontend *frontend
	admit    *admission
	ids      idSource
	// instances are replies of get_instance.
	instances *instanceReplies
	// statuses are replies of get_cluster_status, and parts of them.
	statuses *core.StatusReplies

	// work is the context of all requests: it ends when Shutdown gives up on them.
	work    context.Context
	abandon context.CancelFunc

	draining  atomic.Bool
	mu        sync.Mutex
	closed    bool
	listeners []*listener
}

// New makes a server; see Options.Validate for what it expects.
func New(opts Options) *Server {
	opts = opts.withDefaults()
	work, abandon := context.WithCancel(context.Background())
	s := &Server{
		opts: opts, log: opts.Log, metrics: newMetrics(opts.Registry), ids: newIDSource(),
		work: work, abandon: abandon, instances: newInstanceReplies(), statuses: newStatusReplies(),
	}
	s.frontend = newFrontend(opts)
	s.admit = &admission{max: opts.MaxConns, maxPerIP: opts.MaxConnsPerIP, metrics: s.metrics}
	s.SetTokens(opts.Tokens)
	s.http = &fasthttp.Server{
		Handler:      s.handle,
		ErrorHandler: s.refuseUnread,
		Name:         "roster",

		ReadTimeout:        opts.ReadTimeout,
		WriteTimeout:       opts.WriteTimeout,
		IdleTimeout:        opts.IdleTimeout,
		MaxRequestBodySize: opts.MaxBodyBytes,
		ReadBufferSize:     maxHeaderBytes,
		WriteBufferSize:    replyBufferBytes,
		// Workers outlive their connections by a moment, and it is the admission
		// that shall refuse.
		Concurrency:     2 * opts.MaxConns,
		CloseOnShutdown: true,
		// Nobody asks the library for the time of a request.
		LazyRequestTime: true,
		// The library's janitor looks whether it shall end only this often.
		MaxIdleWorkerDuration: 200 * time.Millisecond,
		// A body is JSON whatever Content-Type says.
		DisablePreParseMultipartForm: true,

		// Raw bytes of a request may hold a token.
		SecureErrorLogMessage: true,
		Logger:                libraryLog{s.log},
	}
	return s
}

// SetTokens replaces the tokens; requests that are past the check go on.
func (s *Server) SetTokens(tokens []Token) { s.tokens.Store(&tokens) }

// Serve answers on ln until Shutdown, which it returns nil for, or until ln fails.
func (s *Server) Serve(ln net.Listener) error {
	l := s.admit.listen(ln)
	s.mu.Lock()
	closed := s.closed
	s.listeners = append(s.listeners, l)
	s.mu.Unlock()
	if closed {
		return l.Close()
	}
	return s.http.Serve(l)
}

// Shutdown turns /readyz to 503, refuses new connections, lets requests finish
// and then closes their connections. What is left when ctx ends is cut off, and
// ctx's error returned. A second call does not wait for Options.DrainDelay.
func (s *Server) Shutdown(ctx context.Context) error {
	defer s.abandon()
	defer s.frontend.close()

	if s.draining.CompareAndSwap(false, true) && s.opts.DrainDelay > 0 {
		delay := time.NewTimer(s.opts.DrainDelay)
		defer delay.Stop()
		select {
		case <-delay.C:
		case <-ctx.Done():
		}
	}

	s.mu.Lock()
	s.closed = true
	listeners := s.listeners
	s.mu.Unlock()
	for _, l := range listeners {
		if err := l.Close(); err != nil {
			s.log.WithError(err).Warn("closing the HTTP listener failed")
		}
	}
	s.admit.hurry(time.Now().Add(silentGrace))
	err := s.http.ShutdownWithContext(ctx)
	if err != nil {
		s.admit.closeAll()
	}
	return err
}

// libraryLog takes the HTTP library's own messages. Their arguments can hold
// bytes of requests and are left out.
type libraryLog struct{ log *logrus.Logger }

func (l libraryLog) Printf(format string, _ ...any) {
	l.log.WithField("message", format).Debug("HTTP library")
}
