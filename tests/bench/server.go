//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	startLimit = 60 * time.Second
	stopLimit  = 30 * time.Second
)

// What a process says before an address it listens on.
const (
	forHTTP = "listening on http://"
	forSQL  = "listening for MySQL on "
)

// process is a child that serves and says where on its standard output.
type process struct {
	// addrs is where it listens, by what it said.
	addrs map[string]string

	cmd    *exec.Cmd
	cancel context.CancelFunc
	stdout announcement
	stderr tail
	exited chan struct{}
	err    error // of the process, once exited is closed
}

// startRoster runs roster serve on a new data directory below dir.
func startRoster(ctx context.Context, bin, dir string) (*process, error) {
	data, err := os.MkdirTemp(dir, "data-")
	if err != nil {
		return nil, err
	}
	// Settings of whoever runs the bench would change what it measures.
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "ROSTER_") })
	p, err := start(ctx, env, []string{forHTTP, forSQL}, bin, "serve", "--store", "embedded", "--data-dir", data,
		"--http-addr", "127.0.0.1:0", "--mysql-addr", "127.0.0.1:0", "--compat", "doris", "--log-level", "warn")
	if err != nil {
		return nil, err
	}
	if err := p.waitReady(ctx); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

// start returns once the process has said all the addresses expected of it. The end
// of ctx stops it; env is as in exec.Cmd.
func start(ctx context.Context, env, expected []string, name string, args ...string) (*process, error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopLimit
	p := &process{cmd: cmd, cancel: cancel, stdout: announcement{expected: expected, addrs: make(chan map[string]string, 1)}, exited: make(chan struct{})}
	cmd.Env, cmd.Stdout, cmd.Stderr = env, &p.stdout, &p.stderr
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, err
	}
	go func() {
		p.err = cmd.Wait()
		close(p.exited)
	}()
	timer := time.NewTimer(startLimit)
	defer timer.Stop()
	var err error
	select {
	case p.addrs = <-p.stdout.addrs:
		return p, nil
	case <-p.exited:
		err = errors.New("it ended before it listened")
	case <-timer.C:
		err = fmt.Errorf("it did not listen within %v", startLimit)
	case <-ctx.Done():
		err = ctx.Err()
	}
	return nil, errors.Join(fmt.Errorf("starting %s: %w", filepath.Base(name), err), p.stop())
}

func (p *process) waitReady(ctx context.Context) error {
	c, err := dial(ctx, p.addrs[forHTTP], startLimit)
	if err != nil {
		return err
	}
	_, err = c.do([]byte("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"))
	return errors.Join(err, c.close())
}

// stop asks the process to end, waits for it, and has it killed when it takes
// too long. An exit code other than 0 is an error.
func (p *process) stop() error {
	p.cancel()
	<-p.exited
	// Wait reports a cancelled context even of a process that ended well.
	if p.cmd.ProcessState.Success() {
		return nil
	}
	return fmt.Errorf("%s: %w\n%s", filepath.Base(p.cmd.Path), p.err, p.stderr.String())
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// announcement takes a process's output and hands on the addresses in it.
type announcement struct {
	expected []string
	addrs    chan map[string]string // buffered: holds them once all are found
	found    bool
	text     []byte
}

func (a *announcement) Write(p []byte) (int, error) {
	if a.found || len(a.text) > maxTail {
		return len(p), nil
	}
	a.text = append(a.text, p...)
	addrs := map[string]string{}
	for _, said := range a.expected {
		// Only a whole line counts: a write may end inside the port.
		_, after, _ := bytes.Cut(a.text, []byte(said))
		if addr, _, whole := bytes.Cut(after, []byte("\n")); whole {
			addrs[said] = string(bytes.TrimSpace(addr))
		}
	}
	if len(addrs) == len(a.expected) {
		a.found = true
		a.addrs <- addrs
	}
	return len(p), nil
}

const maxTail = 8 << 10

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

var _ io.Writer = (*tail)(nil)

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-maxTail):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
