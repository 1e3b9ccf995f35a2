package matrix

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
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

// await asks until it is told yes.
func await(t *testing.T, what string, yes func() (bool, error)) {
	t.Helper()
	limit := time.NewTimer(waitLimit)
	defer limit.Stop()
	pace := time.NewTicker(100 * time.Millisecond)
	defer pace.Stop()
	for {
		done, err := yes()
		if done && err == nil {
			return
		}
		select {
		case <-pace.C:
		case <-limit.C:
			t.Fatalf("%s did not happen: %v", what, err)
		}
	}
}

func awaitListed(t *testing.T, s *server, want ...*server) {
	t.Helper()
	await(t, "the server's place on the list", func() (bool, error) {
		addresses, err := listed(t.Context(), s)
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
	reply, err := s.rest.Send(t.Context(), harness.Request{Method: http.MethodGet, Path: "/metrics"})
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(reply.Body, "\n"+name+" ")
	if !found {
		return 0
	}
	text, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// awaitLeader waits until one of the servers has the lease of garbage collection.
// It may find nothing to collect, which others on the cluster keep.
func awaitLeader(t *testing.T, servers ...*server) {
	t.Helper()
	await(t, "a lease", func() (bool, error) {
		return slices.ContainsFunc(servers, func(s *server) bool { return metric(t, s, "roster_gc_leader") == 1 }), nil
	})
}
