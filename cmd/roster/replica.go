package main

import (
	"context"
	"crypto/rand"
	"net"
	"os"
	"time"

	"roster/core"
	"roster/failpoints"
)

const (
	// serverTTL is how long a server counts as running after it was last heard of.
	serverTTL = 15 * time.Second
	// aloneTTL is that of a server without others, whose idle disk may rest.
	aloneTTL = 3 * time.Minute
	// farewell bounds what a server that stops still writes.
	farewell = 2 * time.Second
	// announceRetry is how soon a server that could not tell of itself tries again.
	announceRetry = 2 * time.Second
)

// register puts this server among those that run, before it serves.
func (s *server) register(ctx context.Context) {
	s.self = core.Server{ID: s.id, HTTPAddr: advertised(s.ln), MySQLAddr: advertised(s.sqlLn), Version: version}
	s.nextAnnouncement = s.announceOnce(ctx)
}

func (s *server) ttl() time.Duration {
	if s.tikv == nil {
		return aloneTTL
	}
	return serverTTL
}

// announceOnce returns when to tell the others again.
func (s *server) announceOnce(ctx context.Context) time.Duration {
	s.self.Role = s.role()
	seen, anew, err := s.service.Announce(failpoints.Spare(ctx), s.self, s.ttl())
	switch {
	case err != nil:
		if ctx.Err() == nil {
			s.log.WithError(err).Warn("could not tell the other servers of this one, will try again")
		}
		return announceRetry
	case s.self.Started.IsZero():
		s.self.Started = seen
	case anew:
		s.log.Warn("this server was off the list of servers, as if it had stopped, and is on it again")
	}
	return s.ttl() / 3
}

// announce keeps this server among those that run until ctx ends.
func (s *server) announce(ctx context.Context) {
	next := time.NewTimer(s.nextAnnouncement)
	defer next.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-next.C:
			next.Reset(s.announceOnce(ctx))
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	if err := s.service.Withdraw(ctx, s.id); err != nil {
		s.log.WithError(err).Warn("could not take this server off the list, it will expire")
	}
}

// role is what the list of servers says of this one.
func (s *server) role() string {
	switch {
	case s.tikv == nil:
		return "standalone"
	case s.gc != nil && s.gc.leads.Load():
		return "gc-leader"
	default:
		return "replica"
	}
}

// newID is that of a server among those of its store. An embedded store has one
// server, which takes its own place when it is started again.
func newID(store string) string {
	if store == "embedded" {
		return "standalone"
	}
	return "server-" + rand.Text()[:10]
}

// advertised is an address as other machines may use it, "" for no listener.
func advertised(ln net.Listener) string {
	if ln == nil {
		return ""
	}
	host, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		return ln.Addr().String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		if name, err := os.Hostname(); err == nil {
			host = name
		}
	}
	return net.JoinHostPort(host, port)
}
