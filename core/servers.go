package core

import (
	"context"
	"errors"
	"time"

	"github.com/pingcap/failpoint"
	"google.golang.org/protobuf/proto"

	"roster/core/metakey"
	pb "roster/core/metapb"
	"roster/failpoints"
)

// Server is a process that serves the records of a store.
type Server struct {
	// ID tells it from all others, also from itself before a restart.
	ID string
	// HTTPAddr and MySQLAddr are where it listens; MySQLAddr is "" when it does
	// not.
	HTTPAddr, MySQLAddr string
	// Version is that of the program.
	Version string
	// Role is what it does besides serving.
	Role string
	// Started and LastSeen are times of the store's clock.
	Started, LastSeen time.Time
}

// Announce records that a server runs, for the time given, and forgets those
// whose time is over. It returns the time of the store's clock, which LastSeen
// becomes, and a zero Started too. anew says that the server was not on the list:
// it is new, or counted as gone.
func (s *Service) Announce(ctx context.Context, server Server, ttl time.Duration) (now time.Time, anew bool, err error) {
	failpoint.Inject("recordLost", func(v failpoint.Value) {
		if failpoints.Act(v) {
			failpoint.Return(now, false, errors.Join(ErrLeaseLost, s.Withdraw(ctx, server.ID)))
		}
	})
	err = s.store.Update(ctx, func(tx Txn) error {
		now, anew = VersionTime(tx.Version()), true
		record := &pb.ServerPB{
			Id: &server.ID, HttpAddr: &server.HTTPAddr, MysqlAddr: &server.MySQLAddr, Release: &server.Version, Role: &server.Role,
			Started: new(tx.Version()), Seen: new(tx.Version()), TtlMs: new(ttl.Milliseconds()),
		}
		if !server.Started.IsZero() {
			record.Started = new(VersionAt(server.Started))
		}
		err := eachServer(tx, func(key []byte, had *pb.ServerPB) error {
			if past(had.GetSeen(), tx.Version(), had.GetTtlMs()) {
				return tx.Delete(key)
			}
			if had.GetId() == server.ID {
				anew = false
			}
			return nil
		})
		if err != nil {
			return err
		}
		return writeRecord(tx, metakey.Server(server.ID), record)
	})
	return now, anew, err
}

// Withdraw forgets a server that stops.
func (s *Service) Withdraw(ctx context.Context, id string) error {
	return s.store.Update(ctx, func(tx Txn) error { return tx.Delete(metakey.Server(id)) })
}

// ListServers returns the servers that run, in the order of their ids.
func (s *Service) ListServers(ctx context.Context) ([]Server, error) {
	var servers []Server
	err := s.view(ctx, func(r Reader) error {
		return eachServer(r, func(_ []byte, record *pb.ServerPB) error {
			if !past(record.GetSeen(), r.Version(), record.GetTtlMs()) {
				servers = append(servers, Server{
					ID: record.GetId(), HTTPAddr: record.GetHttpAddr(), MySQLAddr: record.GetMysqlAddr(),
					Version: record.GetRelease(), Role: record.GetRole(),
					Started: VersionTime(record.GetStarted()), LastSeen: VersionTime(record.GetSeen()),
				})
			}
			return nil
		})
	})
	return servers, err
}

// eachServer passes over records that cannot be read.
func eachServer(r Reader, use func(key []byte, record *pb.ServerPB) error) error {
	start, end := metakey.ServerRange()
	for rest := (&Range{Start: start, End: end}); rest != nil; {
		page, err := r.Scan(*rest)
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			record := new(pb.ServerPB)
			if proto.Unmarshal(item.Value, record) != nil {
				continue
			}
			if err := use(item.Key, record); err != nil {
				return err
			}
		}
		rest = page.Rest
	}
	return nil
}
