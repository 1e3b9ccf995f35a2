package faults

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"roster/tests/harness"
)

// pollEvery is the pace at which a test looks for a change of the server.
const pollEvery = 5 * time.Millisecond

// poll asks again and again until it is told that all is done.
func poll(t *testing.T, done func(context.Context) (bool, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), requestLimit)
	defer cancel()
	pace := time.NewTicker(pollEvery)
	defer pace.Stop()
	for {
		finished, err := done(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if finished {
			return
		}
		select {
		case <-pace.C:
		case <-ctx.Done():
			t.Fatal(ctx.Err())
		}
	}
}

// unready waits until /readyz says that the server is stopping.
func unready(t *testing.T, api *harness.REST) {
	t.Helper()
	poll(t, func(ctx context.Context) (bool, error) {
		reply, err := api.Send(ctx, harness.Request{Method: http.MethodGet, Path: "/readyz"})
		if err != nil {
			return false, fmt.Errorf("/readyz was not seen to turn 503: %w", err)
		}
		return reply.Status == http.StatusServiceUnavailable, nil
	})
}

// untilRefused waits until the server takes no connections any more.
func untilRefused(t *testing.T, s *harness.Server) {
	t.Helper()
	poll(t, func(ctx context.Context) (bool, error) {
		conn, refused := new(net.Dialer).DialContext(ctx, "tcp", address(s))
		if refused == nil {
			return false, conn.Close()
		}
		return true, ctx.Err()
	})
}

func address(s *harness.Server) string { return strings.TrimPrefix(s.URL, "http://") }
