//go:build linux

package main

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
)

// syncsOfRoster is the metric that counts how often the embedded store waited
// for the disk.
const syncsOfRoster = "roster_store_syncs_total"

// startRoster runs roster serve on a data directory.
func startRoster(ctx context.Context, bin, data string) (*process, error) {
	// Settings of whoever runs the bench would change what it measures.
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "ROSTER_") })
	p, err := start(ctx, env, []string{forHTTP, forSQL}, bin, "serve", "--store", "embedded", "--data-dir", data,
		"--http-addr", "127.0.0.1:0", "--mysql-addr", "127.0.0.1:0", "--mysql-max-conns", "1100", "--compat", "doris", "--log-level", "warn")
	if err != nil {
		return nil, err
	}
	p.syncs = func(ctx context.Context) (int64, error) { return counter(ctx, p.addrs[forHTTP], syncsOfRoster) }
	if err := p.waitReady(ctx); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

func (p *process) waitReady(ctx context.Context) error {
	c, err := dial(ctx, p.addrs[forHTTP], startLimit)
	if err != nil {
		return err
	}
	_, err = c.do([]byte("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"))
	return errors.Join(err, c.close())
}
