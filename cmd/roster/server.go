package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/sirupsen/logrus"

	"roster/core"
	"roster/failpoints"
	faults "roster/failpoints/store"
	"roster/httpfront"
	"roster/mysqlfront"
	"roster/tikvstore"
)

// pruneInterval is how often old history is looked for.
const pruneInterval = time.Hour

// server is a whole Roster: a store, the operations on it, and the fronts.
type server struct {
	config config
	log    *logrus.Logger
	id     string

	store   core.Store
	tikv    *tikvstore.Store // below store; nil for an embedded one
	service *core.Service
	front   *httpfront.Server
	ln      net.Listener
	sqlLn   net.Listener // nil without a MySQL endpoint
	sql     *sqlFront

	background sync.WaitGroup
	cancel     context.CancelFunc
	failed     chan error

	// self is what other servers read of this one.
	self core.Server
	// nextAnnouncement is how long after register self is told to others again.
	nextAnnouncement time.Duration
	// gc is nil where this server never collects garbage.
	gc *collector
}

// start takes the address before it touches the data, so that a second server
// changes nothing, and accepts only when all is ready. On failure it closes what
// it had opened.
func start(ctx context.Context, c config, log *logrus.Logger) (_ *server, err error) {
	s := &server{config: c, log: log, id: newID(c.Store), failed: make(chan error, 2)}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.release())
		}
	}()
	tokens, tokenFault := c.loadTokens()
	accounts, accountFault := c.loadAccounts()
	var users map[string]mysqlfront.User
	var userFault error
	if c.MySQLAddr != "none" {
		users, userFault = c.loadSQLUsers()
	}
	if err := errors.Join(tokenFault, accountFault, userFault); err != nil {
		return nil, err
	}
	if s.ln, err = new(net.ListenConfig).Listen(ctx, "tcp", c.HTTPAddr); err != nil {
		return nil, err
	}
	if c.MySQLAddr != "none" {
		if s.sqlLn, err = new(net.ListenConfig).Listen(ctx, "tcp", c.MySQLAddr); err != nil {
			return nil, fmt.Errorf("mysql-addr takes another address, or none: %w", err)
		}
	}
	if c.Store == "embedded" {
		if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
			return nil, fmt.Errorf("data-dir: %w", err)
		}
	}
	keys, err := c.loadKeys()
	if err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if err := s.openStore(ctx, registry); err != nil {
		return nil, err
	}
	s.service, err = core.New(core.Options{
		Store: s.store, Local: s.tikv == nil, Keys: keys, Now: faults.Now, Compat: core.Compat(c.Compat), FreeClusterNames: !c.ClusterNameCheck,
	})
	if err != nil {
		return nil, err
	}
	s.front = httpfront.New(httpfront.Options{
		API: s.service, Readings: s.service, Servers: s.service, Tokens: tokens, Log: log, Registry: registry, Ready: s.service.Ping,
		RequestTimeout: c.RequestTimeout, SlowRequest: c.SlowRequest, DrainDelay: c.DrainDelay,
		MaxConns: c.MaxConns, MaxConnsPerIP: c.MaxConnsPerIP,
		AbortJSON:  core.Compat(c.Compat) == core.CompatDoris,
		FEUpstream: c.upstream(), FEHTTPPort: c.FEHTTPPort, FEInstance: c.FEInstance, Accounts: accounts, Instances: s.service,
	})
	if s.sqlLn != nil {
		if s.sql, err = openSQL(c, s.sqlLn, s.service, users, log, registry); err != nil {
			return nil, err
		}
	}
	if s.tikv != nil && c.TiKVGC == "on" {
		s.gc = newCollector(s.tikv, c.VersionRetention, log, registry)
	}
	s.register(ctx)
	s.run()
	return s, nil
}

// run starts what goes on until close.
func (s *server) run() {
	var ctx context.Context
	ctx, s.cancel = context.WithCancel(context.Background())
	s.background.Go(func() {
		if err := s.front.Serve(s.ln); err != nil {
			s.failed <- fmt.Errorf("http: %w", err)
		}
	})
	if s.sql != nil {
		s.background.Go(func() {
			if err := s.sql.server.Serve(s.sql.ln); err != nil {
				s.failed <- fmt.Errorf("mysql: %w", err)
			}
		})
	}
	s.background.Go(func() { s.reseal(ctx) })
	s.background.Go(func() { s.announce(ctx) })
	if s.gc != nil {
		lease := &core.Lease{Store: s.store, Name: "gc", Holder: s.id, TTL: gcTTL}
		s.background.Go(func() { s.gc.run(failpoints.Spare(ctx), lease) })
	}
	if s.config.HistoryRetention > 0 {
		s.background.Go(func() { s.prune(ctx) })
	}
}

// reseal lets old keys retire: it says when nothing is sealed with them any more.
func (s *server) reseal(ctx context.Context) {
	changed, failed, err := s.service.Reseal(failpoints.Spare(ctx))
	log := s.log.WithField("instances", changed)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		log.WithError(err).Warn("could not seal all secrets with the newest key, will try again at the next start")
	case failed > 0:
		log.WithField("failed", failed).Warn("some instances hold a secret that no key opens: restore its key, or rotate the secret")
	case changed > 0:
		log.Info("sealed all secrets with the newest key: older keys may be removed")
	}
}

// prune removes old history now and then.
func (s *server) prune(ctx context.Context) {
	tick := time.NewTicker(pruneInterval)
	defer tick.Stop()
	for {
		n, err := s.service.PruneHistory(failpoints.Spare(ctx), time.Now().Add(-s.config.HistoryRetention))
		if err != nil && ctx.Err() == nil {
			s.log.WithError(err).Warn("could not prune history, will try again")
		}
		if n > 0 {
			s.log.WithField("records", n).Info("pruned history")
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// reload reads the tokens and the MySQL users again; with a fault in a file what
// was read of it before stays.
func (s *server) reload() {
	if tokens, err := s.config.loadTokens(); err != nil {
		s.log.WithError(err).Error("tokens not reloaded, the old ones stay")
	} else {
		s.front.SetTokens(tokens)
		s.log.WithField("tokens", len(tokens)).Info("tokens reloaded")
	}
	if s.sql == nil {
		return
	}
	if users, err := s.config.loadSQLUsers(); err != nil {
		s.log.WithError(err).Error("MySQL users not reloaded, the old ones stay")
	} else {
		s.sql.users.file.Store(&users)
		s.log.WithField("users", len(users)).Info("MySQL users reloaded")
	}
}

// close stops accepting, lets requests under way finish within the grace time,
// and only then closes the store they need.
func (s *server) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), s.config.Grace)
	defer cancel()
	var sqlErr error
	var fronts sync.WaitGroup
	if s.sql != nil {
		fronts.Go(func() { sqlErr = s.sql.close(ctx) })
	}
	err := s.front.Shutdown(ctx)
	fronts.Wait()
	err = errors.Join(err, sqlErr)
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("requests were still under way after the grace time of %v and were cut off", s.config.Grace)
	}
	s.cancel()
	s.background.Wait()
	return errors.Join(err, s.release())
}

func (s *server) release() error {
	var errs []error
	for _, ln := range []net.Listener{s.ln, s.sqlLn} {
		if ln == nil {
			continue
		}
		if err := ln.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	return errors.Join(errs...)
}

// greet tells a newcomer how to talk to the server.
func (s *server) greet(w io.Writer) error {
	where := "embedded store in " + s.config.DataDir
	if s.config.Store == "tikv" {
		where = fmt.Sprintf("TiKV at %v", s.config.PD)
	}
	token := "$TOKEN"
	if s.config.TokenFile == "" {
		token = defaultToken
	}
	_, err := fmt.Fprintf(w, `roster %s, %s, compat %s
listening on http://%s
try: curl "http://%[4]s/MetaService/http/v1/create_instance?token=%[5]s" -d '{"instance_id":"demo","user_id":"me","obj_info":{"ak":"ak","sk":"sk","bucket":"b","endpoint":"e","region":"r","provider":"S3"}}'
     curl "http://%[4]s/MetaService/http/v1/get_instance?token=%[5]s&instance_id=demo"
`, version, where, s.config.Compat, reachable(s.ln.Addr()), token)
	if err == nil && s.sql != nil {
		err = s.sql.greet(w)
	}
	return err
}

// reachable is an address as a client on this machine may use it.
func reachable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return addr.String()
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
}
