package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"roster/core"
	"roster/failpoints"
	faults "roster/failpoints/store"
	"roster/tikvstore"
	"roster/tikvstore/embedded"
)

func (c config) tikvOptions() tikvstore.Options {
	return tikvstore.Options{
		PDAddrs: c.PD, CA: c.TiKVCA, Cert: c.TiKVCert, Key: c.TiKVKey,
		Prefix: c.TiKVPrefix, Keyspace: c.TiKVKeyspace, RequestTimeout: c.RequestTimeout,
	}
}

func (s *server) openStore(ctx context.Context, registry prometheus.Registerer) error {
	var store core.Store
	if s.config.Store == "tikv" {
		cluster, err := s.reachTiKV(ctx)
		if err != nil {
			return err
		}
		s.tikv, store = cluster, cluster
	} else {
		local, err := embedded.Open(embedded.Options{Dir: s.config.DataDir, Retention: s.config.VersionRetention, Logger: s.log, Clock: faults.Now})
		if err != nil {
			return err
		}
		observeSyncs(local, registry)
		store = local
	}
	if failpoints.Built {
		store = faults.New(store)
	}
	s.store = observe(store, registry)
	return nil
}

// Each try to reach TiKV takes this long at most, and the next begins this long
// after the begin of the last.
const (
	longestTry = 10 * time.Second
	tryEvery   = 3 * time.Second
)

// reachTiKV connects and reads, again and again until the time given for it is
// over. Options that are wrong end it at once.
func (s *server) reachTiKV(ctx context.Context) (*tikvstore.Store, error) {
	limit := s.config.StoreTimeout
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	for begun := time.Now(); ; {
		pause := time.NewTimer(tryEvery)
		store, err := s.tryTiKV(ctx)
		if err == nil || core.CodeOf(err) == core.InvalidArgument {
			pause.Stop()
			return store, err
		}
		log := s.log.WithError(errors.Unwrap(err)).WithField("waited", time.Since(begun).Round(time.Second).String())
		log.Warnf("still waiting for TiKV: %v", err)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				err = fmt.Errorf("gave up on TiKV after store-connect-timeout, %v: %w", limit, err)
			}
			return nil, err
		}
	}
}

// tryTiKV returns a store that has answered a read.
func (s *server) tryTiKV(ctx context.Context) (*tikvstore.Store, error) {
	ctx, cancel := context.WithTimeout(ctx, longestTry)
	defer cancel()
	store, err := tikvstore.Open(ctx, s.config.tikvOptions())
	if err != nil {
		return nil, err
	}
	if err := core.Ping(ctx, store); err != nil {
		err = core.Errorf(core.Unavailable, "PD at %v answers, but TiKV does not; check that its stores run and can be reached from here", s.config.PD).
			Because(errors.Join(err, store.Close()))
		return nil, err
	}
	return store, nil
}
