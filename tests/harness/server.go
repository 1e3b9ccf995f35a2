package harness

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

const (
	// startLimit bounds the time until a started server is ready.
	startLimit = 60 * time.Second
	// stopLimit bounds the time a server takes to stop after SIGTERM.
	stopLimit = 30 * time.Second
	// DefaultToken is the admin token of a server without a token file.
	DefaultToken = "greedisgood9999"
)

// Options say how a server is started. The zero value is a server with every
// default on a data directory of its own. Its records are in the embedded store,
// or in the TiKV cluster whose PD servers ROSTER_PD names.
type Options struct {
	// Compat is the compat level, "" for the server's default.
	Compat string
	// Tokens is the text of the token file, one "name role token" a line; ""
	// for no token file.
	Tokens string
	// DataDir is kept when it is given, and temporary when it is not.
	DataDir string
	// Config is the text of a TOML file, "" for none.
	Config string
	// Args are more flags of roster serve.
	Args []string
	// Env are more variables, "NAME=value".
	Env []string
	// Failpoints starts the binary that has failpoints.
	Failpoints bool
}

// Server is a running roster serve.
type Server struct {
	// URL is where it listens, such as http://127.0.0.1:40123.
	URL string
	// SQLAddr is where it listens for MySQL clients, such as 127.0.0.1:40124.
	SQLAddr string
	// DataDir is where it keeps its store, or what leads to it in TiKV.
	DataDir string

	temp   string
	cmd    *exec.Cmd
	out    *output
	exited chan struct{}
	err    error // of the process, once exited is closed
}

// Start runs roster serve as a child process and waits until it is ready.
// Whoever calls it ends it, by Stop or Kill.
func Start(o Options) (*Server, error) {
	binary := Binary
	if o.Failpoints {
		binary = FailpointBinary
	}
	bin, err := binary()
	if err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp("", "roster-test-")
	if err != nil {
		return nil, err
	}
	s := &Server{temp: temp, DataDir: o.DataDir, out: newOutput(), exited: make(chan struct{})}
	if err := s.start(bin, o); err != nil {
		return nil, errors.Join(err, os.RemoveAll(temp))
	}
	if err := s.waitReady(); err != nil {
		return nil, errors.Join(fmt.Errorf("%w; its output:\n%s", err, s.Output()), s.Kill())
	}
	return s, nil
}

// Run is Start for one test: the server stops with it, and has to exit with 0.
func Run(tb testing.TB, o Options) *Server {
	tb.Helper()
	s, err := Start(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Stop(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func (s *Server) start(bin string, o Options) error {
	if s.DataDir == "" {
		s.DataDir = filepath.Join(s.temp, "data")
	}
	args := []string{"serve", "--http-addr", "127.0.0.1:0", "--mysql-addr", "127.0.0.1:0"}
	stored, err := storeArgs(s.DataDir)
	if err != nil {
		return err
	}
	args = append(args, stored...)
	if o.Compat != "" {
		args = append(args, "--compat", o.Compat)
	}
	for flag, text := range map[string]string{"token-file": o.Tokens, "config": o.Config} {
		if text == "" {
			continue
		}
		path := filepath.Join(s.temp, flag)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
		args = append(args, "--"+flag, path)
	}
	s.cmd = exec.CommandContext(context.Background(), bin, append(args, o.Args...)...)
	s.cmd.Env = append(os.Environ(), o.Env...)
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	if err := s.cmd.Start(); err != nil {
		return err
	}
	go func() {
		s.err = s.cmd.Wait()
		close(s.exited)
	}()
	return nil
}

// waitReady waits for the addresses the server prints and then for /readyz.
func (s *Server) waitReady() error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	for s.URL == "" || s.SQLAddr == "" {
		select {
		case s.URL = <-s.out.http.address:
		case s.SQLAddr = <-s.out.sql.address:
		case <-s.exited:
			return fmt.Errorf("roster serve ended before it listened: %w", s.err)
		case <-ctx.Done():
			return errors.New("roster serve printed no address in time")
		}
	}
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for {
		if ready(ctx, s.URL) {
			return nil
		}
		select {
		case <-poll.C:
		case <-s.exited:
			return fmt.Errorf("roster serve ended before it was ready: %w", s.err)
		case <-ctx.Done():
			return errors.New("roster serve was not ready in time")
		}
	}
}

func ready(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	return resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
}

// Stop asks the server to stop and waits for it; an exit code other than 0 is
// an error. Stopping a server that was stopped or killed does nothing.
func (s *Server) Stop() error {
	if s.temp == "" {
		return nil
	}
	err := s.cmd.Process.Signal(syscall.SIGTERM)
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	timer := time.NewTimer(stopLimit)
	defer timer.Stop()
	select {
	case <-s.exited:
		err = errors.Join(err, s.err)
	case <-timer.C:
		err = errors.Join(err, fmt.Errorf("roster serve did not stop within %v", stopLimit), s.cmd.Process.Kill())
		<-s.exited
	}
	if err != nil {
		err = fmt.Errorf("%w; its output:\n%s", err, s.Output())
	}
	return errors.Join(err, s.clean())
}

// Kill ends the process at once, as a crash would. A data directory the caller
// gave stays.
func (s *Server) Kill() error {
	if s.temp == "" {
		return nil
	}
	err := s.cmd.Process.Kill()
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	<-s.exited
	return errors.Join(err, s.clean())
}

func (s *Server) clean() error {
	err := os.RemoveAll(s.temp)
	s.temp = ""
	return err
}

// Output is all the server has printed so far, stdout and stderr.
func (s *Server) Output() string { return s.out.String() }
