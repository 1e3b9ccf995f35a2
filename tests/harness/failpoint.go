package harness

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// FailpointBinary is the path of the roster binary with failpoints: the one
// ROSTER_FAILPOINT_BIN names, else one made from this module, once a process.
// What was compiled before is kept in the module's bin directory.
var FailpointBinary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("ROSTER_FAILPOINT_BIN"); path != "" {
		return filepath.Abs(path)
	}
	module, err := exec.CommandContext(context.Background(), "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("go list -m: %w", err)
	}
	dir, err := tempDir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "roster-failpoint")
	cmd := exec.CommandContext(context.Background(), "make", "-C", strings.TrimSpace(string(module)), "build-failpoint", "FAILPOINT_BIN="+path)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("make build-failpoint: %w\n%s", err, out)
	}
	return path, nil
})

// SetFailpoint switches a failpoint of a server with Options.Failpoints on; an
// empty term switches it off.
func (c *REST) SetFailpoint(ctx context.Context, name, term string) error {
	r := Request{Method: http.MethodPut, Path: "/failpoints/" + name, Body: term}
	if term == "" {
		r.Method = http.MethodDelete
	}
	reply, err := c.Send(ctx, r)
	if err != nil {
		return err
	}
	e, err := reply.Envelope()
	if err != nil {
		return err
	}
	return ErrorOf(reply.Status, e)
}

// AwaitExit waits until the process has ended by itself, as a crash ends it, and
// cleans up after it. A data directory the caller gave stays.
func (s *Server) AwaitExit(limit time.Duration) error {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-s.exited:
		return s.Kill()
	case <-timer.C:
		return errors.New("the server still runs")
	}
}
