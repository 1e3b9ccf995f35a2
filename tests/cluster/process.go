package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// stopLimit is how long a process may take to stop by itself. A store under
// load may not stop at all.
const stopLimit = 5 * time.Second

// Process is a server of the cluster, running or not. A start after an end
// finds the same data at the same address.
type Process struct {
	// Name is such as pd1 or store1.
	Name string
	// Address is where others reach it, HOST:PORT.
	Address string
	// Log is the file of all it has printed.
	Log string

	listens  string
	args     []string
	revivals *revivals // nil if nobody starts it again

	mu       sync.Mutex
	life     *life // nil when it was ended
	watchers sync.WaitGroup
}

// Start runs the process and does not wait until it serves: see Ready.
func (p *Process) Start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.life != nil {
		return fmt.Errorf("%s is running; stop or kill it before it starts again", p.Name)
	}
	return p.start()
}

// start begins a life. It is for whoever holds p.mu.
func (p *Process) start() error {
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	info, err := log.Stat()
	if err != nil {
		return errors.Join(err, log.Close())
	}
	cmd := exec.CommandContext(context.Background(), p.args[0], p.args[1:]...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = attributes()
	if err := cmd.Start(); err != nil {
		return errors.Join(fmt.Errorf("start %s: %w", p.Name, err), log.Close())
	}
	l := &life{cmd: cmd, exited: make(chan struct{}), ended: make(chan struct{}), logFrom: info.Size()}
	p.life = l
	p.watchers.Go(func() {
		// Most are killed; how one exited by itself is in its ProcessState.
		_ = cmd.Wait()
		_ = log.Close()
		close(l.exited)
		p.revive(l)
	})
	return nil
}

// Stop asks the process to end, and kills it if it does not within 5 s. The end
// of one that was ended is no error; of one that has exited by itself it is, but
// for a store that was to be started again.
func (p *Process) Stop() error {
	// A paused process does not see the first signal before the second.
	return p.end(stopLimit, syscall.SIGTERM, syscall.SIGCONT)
}

// Kill ends the process at once, as a crash would. It is an error as in Stop.
func (p *Process) Kill() error { return p.end(0) }

// Pause stops the process from doing anything, with its connections open.
func (p *Process) Pause() error { return p.signal(syscall.SIGSTOP) }

// Resume ends a Pause.
func (p *Process) Resume() error { return p.signal(syscall.SIGCONT) }

// PID is the process's id, 0 when it was ended.
func (p *Process) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.life == nil {
		return 0
	}
	return p.life.cmd.Process.Pid
}

func (p *Process) end(limit time.Duration, signals ...syscall.Signal) error {
	defer p.watchers.Wait() // when they can have p.mu
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.life
	if l == nil {
		return nil
	}
	if l.over() {
		err := p.fate(l)
		if err != nil {
			err = fmt.Errorf("%s exited by itself: %v, and is not started again: %w; %s says:\n%s",
				p.Name, l.cmd.ProcessState, err, p.Log, p.tail(l))
		}
		p.forget()
		return err
	}
	for _, s := range signals {
		if err := l.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("stop %s: %w", p.Name, err)
		}
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-l.exited:
	case <-timer.C:
		if err := l.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("kill %s: %w", p.Name, err)
		}
		<-l.exited
	}
	p.forget()
	return nil
}

// forget makes the process one that was ended. It is for whoever holds p.mu.
func (p *Process) forget() {
	close(p.life.ended)
	p.life = nil
}

func (p *Process) signal(s syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.life == nil {
		return fmt.Errorf("%s does not run: no signal %v for it", p.Name, s)
	}
	if err := p.life.cmd.Process.Signal(s); err != nil {
		return fmt.Errorf("%v for %s: %w", s, p.Name, err)
	}
	return nil
}
