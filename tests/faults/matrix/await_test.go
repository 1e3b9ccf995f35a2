package matrix

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"roster/tests/harness"
)

// waitLimit bounds what a server does of itself: a lease ends after 30 s.
const waitLimit = 2 * time.Minute

// listed are the addresses of the servers that /v1/servers lists, which are those
// of SHOW SERVERS.
func listed(ctx context.Context, s *server) (addresses []string, err error) {
	reply, err := s.rest.Send(ctx, harness.Request{Method: http.MethodGet, Path: "/v1/servers"})
	if err != nil {
		return nil, err
	}
	e, err := reply.Envelope()
	if err != nil {
		return nil, err
	}
	var list struct {
		Servers []struct {
			Address string `json:"http_address"`
		}
	}
	if err := json.Unmarshal(e.Result, &list); err != nil {
		return nil, err
	}
	for _, known := range list.Servers {
		addresses = append(addresses, "http://"+known.Address)
	}
	rows, err := s.sql.Query(ctx, "SHOW SERVERS")
	if err == nil && len(rows) != len(addresses) {
		err = fmt.Errorf("SHOW SERVERS has %d rows, and /v1/servers %v", len(rows), addresses)
	}
	return addresses, err
}

func awaitListed(t *testing.T, s *server, want ...*server) {
	t.Helper()
	harness.Poll(t, "the server's place on the list", waitLimit, func(ctx context.Context) (bool, error) {
		addresses, err := listed(ctx, s)
		for _, w := range want {
			if !slices.Contains(addresses, w.URL) {
				return false, fmt.Errorf("%v are listed, %w", addresses, err)
			}
		}
		return true, err
	})
}

// metric is a number in /metrics, 0 if it is not there.
func metric(t *testing.T, s *server, name string) float64 {
	t.Helper()
	all, err := s.rest.Metrics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all[name]
}

// awaitLeader waits until one of the servers has the lease of garbage collection.
// It may find nothing to collect, which others on the cluster keep.
func awaitLeader(t *testing.T, servers ...*server) {
	t.Helper()
	harness.Poll(t, "a lease", waitLimit, func(context.Context) (bool, error) {
		return slices.ContainsFunc(servers, func(s *server) bool { return metric(t, s, "roster_gc_leader") == 1 }), nil
	})
}
