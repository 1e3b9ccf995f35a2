//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
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

// process is a child that serves.
type process struct {
	// addrs is where it listens, by what it says before.
	addrs map[string]string
	// syncs counts how often it waited for the disk since it started; nil if it
	// does not tell.
	syncs func(context.Context) (int64, error)

	cmd    *exec.Cmd
	cancel context.CancelFunc
	stdout announcement
	stderr tail
	exited chan struct{}
	err    error // of the process, once exited is closed
}

// launch starts the process. The end of ctx stops it; env is as in exec.Cmd.
func launch(ctx context.Context, env, expected []string, name string, args ...string) (*process, error) {
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
	return p, nil
}

// start returns once the process has said all the addresses expected of it.
func start(ctx context.Context, env, expected []string, name string, args ...string) (*process, error) {
	p, err := launch(ctx, env, expected, name, args...)
	if err != nil {
		return nil, err
	}
	timer := time.NewTimer(startLimit)
	defer timer.Stop()
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

// startAt returns once the process, which was told where to listen, does.
func startAt(ctx context.Context, addr, name string, args ...string) (*process, error) {
	p, err := launch(ctx, nil, nil, name, args...)
	if err != nil {
		return nil, err
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	timer := time.NewTimer(startLimit)
	defer timer.Stop()
	for err == nil {
		conn, refused := new(net.Dialer).DialContext(ctx, "tcp", addr)
		if refused == nil {
			return p, conn.Close()
		}
		select {
		case <-tick.C:
		case <-p.exited:
			err = errors.New("it ended before it listened")
		case <-timer.C:
			err = fmt.Errorf("it did not listen within %v: %w", startLimit, refused)
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	return nil, errors.Join(fmt.Errorf("starting %s: %w", filepath.Base(name), err), p.stop())
}

// freeAddress is a loopback address that nothing listened on a moment ago.
func freeAddress(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// stop asks the process to end, waits for it, and has it killed when it takes
// too long. An exit code other than 0 is an error.
func (p *process) stop() error {
	p.cancel()
	<-p.exited
	// Wait reports a cancelled context even of a process that ended well. Some end
	// themselves by the signal they were asked with.
	status, _ := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if p.cmd.ProcessState.Success() || status.Signaled() && status.Signal() == syscall.SIGTERM {
		return nil
	}
	return fmt.Errorf("%s: %w\n%s", filepath.Base(p.cmd.Path), p.err, p.stderr.String())
}

func (p *process) pid() int { return p.cmd.Process.Pid }
