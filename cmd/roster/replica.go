package main

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"os"
	"time"

	"roster/core"
	"roster/failpoints"
	"roster/tikvstore"
)

const (
	// serverTTL is how long a server counts as running after it was last heard of.
	serverTTL = 15 * time.Second
	// aloneTTL is that of a server without others, whose idle disk may rest.
	aloneTTL = 3 * time.Minute
	// farewell bounds what a server that stops still writes.
	farewell = 2 * time.Second
	// gcTTL is how long after a leader was last heard of another may collect.
	gcTTL = 30 * time.Second
	// maxGCInterval is the longest pause between two collections.
	maxGCInterval = 10 * time.Minute
)

// register puts this server among those that run, before it serves.
func (s *server) register(ctx context.Context) {
	s.self = core.Server{ID: s.id, HTTPAddr: advertised(s.ln), MySQLAddr: advertised(s.sqlLn), Version: version}
	s.announceOnce(ctx)
}

func (s *server) ttl() time.Duration {
	if s.tikv == nil {
		return aloneTTL
	}
	return serverTTL
}

func (s *server) announceOnce(ctx context.Context) {
	s.self.Role = s.role()
	seen, err := s.service.Announce(failpoints.Spare(ctx), s.self, s.ttl())
	switch {
	case err == nil && s.self.Started.IsZero():
		s.self.Started = seen
	case err != nil && ctx.Err() == nil:
		s.log.WithError(err).Warn("could not tell the other servers of this one, will try again")
	}
}

// announce keeps this server among those that run until ctx ends.
func (s *server) announce(ctx context.Context) {
	tick := time.NewTicker(s.ttl() / 3)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
			s.announceOnce(ctx)
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
	case s.collects.Load():
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

// collect lets TiKV drop old versions, again and again while this server is the
// one of all that does.
func (s *server) collect(ctx context.Context) {
	lease := &core.Lease{Store: s.store, Name: "gc", Holder: s.id, TTL: gcTTL}
	failed := func(err error) {
		s.log.WithError(err).Debug("could not renew the lease of garbage collection, will try again")
	}
	lease.Hold(failpoints.Spare(ctx), failed, func(ctx context.Context, confirm core.Confirm) {
		s.collects.Store(true)
		defer s.collects.Store(false)
		s.log.Info("this server collects garbage from now on")
		tick := time.NewTicker(max(min(s.config.VersionRetention, maxGCInterval), tikvstore.MinRetention))
		defer tick.Stop()
		for {
			s.collectOnce(ctx, confirm)
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
}

func (s *server) collectOnce(ctx context.Context, confirm core.Confirm) {
	safePoint, err := s.tikv.Collect(ctx, s.config.VersionRetention, confirm)
	switch {
	case errors.Is(err, core.ErrLeaseLost):
		s.log.Warn("stopped collecting garbage: the lease to do so could not be kept")
	case ctx.Err() != nil:
	case errors.Is(err, tikvstore.ErrForeignGC):
		s.log.WithError(err).Warn("not collecting garbage: set tikv-gc to off on every server")
	case err != nil:
		s.log.WithError(err).Warn("could not collect garbage, will try again")
	case safePoint != 0:
		s.log.WithField("safe_point", core.VersionTime(safePoint).UTC()).Info("collected garbage")
	}
}
