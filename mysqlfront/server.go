// Package mysqlfront is the MySQL front: it takes connections of MySQL clients,
// lets users in, and has engines run their statements.
//
// The library's part is the handshake and the packets. Commands are read and
// answered here, because a statement needs a context, and because the library
// trusts its clients more than a server on a network can.
package mysqlfront

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-mysql-org/go-mysql/server"
	"github.com/sirupsen/logrus"

	"roster/mysqlfront/session"
)

// collation is utf8mb4_general_ci, the youngest that all clients know.
const collation = 45

// Server answers MySQL clients on any number of listeners. It is the
// session.Registry and session.Server of its sessions.
type Server struct {
	opts      Options
	log       *logrus.Logger
	metrics   *metrics
	authority *authority
	listings  *listings
	overviews *overviews
	started   time.Time
	handshake atomic.Pointer[server.Server]
	// encrypting holds the encrypted logins under way.
	encrypting turnstile

	// queries, questions, slow and refused are what SHOW STATUS tells.
	queries, questions, slow, refused atomic.Uint64

	// work is the context of all statements: it ends when Shutdown gives up on them.
	work    context.Context
	abandon context.CancelCauseFunc

	mu        sync.Mutex
	draining  bool
	listeners []net.Listener
	conns     map[*conn]struct{}
	// accepted counts connections, most is how many there were at once.
	accepted uint64
	most     int
	wg       sync.WaitGroup
}

var (
	_ session.Registry = (*Server)(nil)
	_ session.Server   = (*Server)(nil)
)

// New makes a server; see Options.Validate for what it expects.
func New(opts Options) *Server {
	opts = opts.withDefaults()
	work, abandon := context.WithCancelCause(context.Background())
	return &Server{
		opts: opts, log: opts.Log, metrics: newMetrics(opts.Registry), authority: newAuthority(opts), listings: newListings(), overviews: newOverviews(),
		started: time.Now(), work: work, abandon: abandon, conns: make(map[*conn]struct{}), encrypting: make(turnstile, encryptedLogins),
	}
}

// SetTLS takes another certificate for the logins from now on; two empty names
// end the offer to encrypt.
func (s *Server) SetTLS(certFile, keyFile string) error {
	key, err := passwordKey()
	if err != nil {
		return err
	}
	var config *tls.Config
	if certFile != "" || keyFile != "" {
		cert, err := newCertificate(certFile, keyFile, s.log)
		if err != nil {
			return err
		}
		config = cert.config()
	}
	s.handshake.Store(server.NewServerWithAuth(s.opts.Version, collation, s.opts.AuthPlugin, key, config, new(provider)))
	return nil
}

// Serve answers on ln until Shutdown, which it returns nil for, or until ln fails.
func (s *Server) Serve(ln net.Listener) error {
	if s.handshake.Load() == nil {
		if err := s.SetTLS(s.opts.CertFile, s.opts.KeyFile); err != nil {
			return errors.Join(err, ln.Close())
		}
	}
	if !s.listen(ln) {
		return ln.Close()
	}
	for {
		raw, err := ln.Accept()
		switch {
		case err == nil:
			s.accept(raw)
		case s.stopped():
			return nil
		case !transient(err):
			return err
		default:
			s.log.WithError(err).Warn("accepting a MySQL connection failed")
			// Out of file descriptors: one may be free by then.
			select {
			case <-time.After(50 * time.Millisecond):
			case <-s.work.Done():
			}
		}
	}
}

func transient(err error) bool {
	var e net.Error
	return errors.As(err, &e) && !errors.Is(err, net.ErrClosed)
}

func (s *Server) listen(ln net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.draining {
		s.listeners = append(s.listeners, ln)
	}
	return !s.draining
}

func (s *Server) stopped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.draining
}

// accept admits a connection or says why not, without holding up the next.
func (s *Server) accept(raw net.Conn) {
	c := newConn(s, raw)
	refusal := s.admit(c)
	if refusal == nil {
		go c.serve()
		return
	}
	s.metrics.refused.WithLabelValues(refusal.reason).Inc()
	_ = raw.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
	_, _ = raw.Write(finish(appendError(make([]byte, headerBytes), refusal.err), 0))
	_ = raw.Close()
}

type refusal struct {
	reason string
	err    *session.Error
}

func (s *Server) admit(c *conn) *refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.draining:
		return &refusal{"draining", errDraining}
	case len(s.conns) >= s.opts.MaxConns:
		return &refusal{"connections", errTooMany}
	}
	s.conns[c] = struct{}{}
	s.accepted++
	s.most = max(s.most, len(s.conns))
	s.metrics.connections.Set(float64(len(s.conns)))
	s.wg.Add(1)
	return nil
}

func (s *Server) release(c *conn) {
	s.mu.Lock()
	delete(s.conns, c)
	s.metrics.connections.Set(float64(len(s.conns)))
	s.mu.Unlock()
	s.wg.Done()
}

func (s *Server) open() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	conns := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		conns = append(conns, c)
	}
	return conns
}

// Sessions are those logged in, in the order of their ids.
func (s *Server) Sessions() []*session.Session {
	var found []*session.Session
	for _, c := range s.open() {
		if known := c.known(); known != nil {
			found = append(found, known)
		}
	}
	slices.SortFunc(found, func(a, b *session.Session) int { return cmp.Compare(a.ID, b.ID) })
	return found
}

// Kill ends a session, or with query only its statement; false if there is no
// such session. Who may is for the caller to decide.
func (s *Server) Kill(id uint64, query bool) bool {
	for _, c := range s.open() {
		if known := c.known(); known != nil && known.ID == id {
			c.interrupt(errAborted)
			if !query {
				c.end(errAborted)
			}
			return true
		}
	}
	return false
}

// Shutdown stops accepting, ends idle connections with error 1053 and the others
// after their statement. What is left when ctx ends is cut off, and ctx's error
// returned.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.draining = true
	listeners := s.listeners
	s.listeners = nil
	s.mu.Unlock()
	for _, ln := range listeners {
		if err := ln.Close(); err != nil {
			s.log.WithError(err).Warn("closing the MySQL listener failed")
		}
	}
	for _, c := range s.open() {
		c.end(errDraining)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.wg.Wait()
	}()
	defer s.abandon(errDraining)
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		for _, c := range s.open() {
			_ = c.raw.Close()
		}
		return ctx.Err()
	}
}
