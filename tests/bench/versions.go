//go:build linux

package main

import (
	"context"
	"errors"
)

// versions are those of the peers, as they say themselves.
func (s *servers) versions(ctx context.Context) (all []string, err error) {
	if s.mariadb != nil {
		c, err := s.mariadb.dialSQL(ctx, setupLimit)
		if err != nil {
			return nil, err
		}
		version, err := c.value("SELECT VERSION()")
		if err := errors.Join(err, c.close()); err != nil {
			return nil, err
		}
		all = append(all, "MariaDB: "+version)
	}
	if s.etcd != nil {
		version, err := etcdVersion(ctx, s.etcd)
		if err != nil {
			return nil, err
		}
		all = append(all, "etcd: "+version)
	}
	return all, nil
}
