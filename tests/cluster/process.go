package cluster

import (
	"bytes"
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

	listens string
	args    []string

	mu     sync.Mutex
	cmd    *exec.Cmd     // nil when it was ended
	exited chan struct{} // closed after cmd has exited
}

// Start runs the process and does not wait until it serves: see Ready.
func (p *Process) Start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd != nil {
		return fmt.Errorf("%s is running; stop or kill it before it starts again", p.Name)
	}
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(context.Background(), p.args[0], p.args[1:]...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = attributes()
	if err := cmd.Start(); err != nil {
		return errors.Join(fmt.Errorf("start %s: %w", p.Name, err), log.Close())
	}
	exited := make(chan struct{})
	go func() {
		// Most are killed; how one exited by itself is in its ProcessState.
		_ = cmd.Wait()
		_ = log.Close()
		close(exited)
	}()
	p.cmd, p.exited = cmd, exited
	return nil
}

// Stop asks the process to end, and kills it if it does not within 5 s. The
// end of one that was ended is no error; of one that has exited by itself it is.
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
	if p.cmd == nil {
		return 0
	}
	return p.cmd.Process.Pid
}

func (p *Process) end(limit time.Duration, signals ...syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return nil
	}
	select {
	case <-p.exited:
		err := fmt.Errorf("%s exited by itself: %v; %s says:\n%s", p.Name, p.cmd.ProcessState, p.Log, p.tail())
		p.cmd = nil
		return err
	default:
	}
	for _, s := range signals {
		if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("stop %s: %w", p.Name, err)
		}
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.exited:
	case <-timer.C:
		if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("kill %s: %w", p.Name, err)
		}
		<-p.exited
	}
	p.cmd = nil
	return nil
}

func (p *Process) signal(s syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return fmt.Errorf("%s does not run: no signal %v for it", p.Name, s)
	}
	if err := p.cmd.Process.Signal(s); err != nil {
		return fmt.Errorf("%v for %s: %w", s, p.Name, err)
	}
	return nil
}

// state tells whether the process should run, and whether it does.
func (p *Process) state() (started, alive bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return false, false
	}
	select {
	case <-p.exited:
		return true, false
	default:
		return true, true
	}
}

// tail is what the log says of the end, for the text of an error: its last panic,
// of which the stacks may be long, else its last lines.
func (p *Process) tail() string {
	const most = 3 << 10
	text, err := os.ReadFile(p.Log)
	if err != nil {
		return err.Error()
	}
	if panicked := bytes.LastIndex(text, []byte("\npanic: ")); panicked >= 0 {
		text = text[panicked+1:]
		return string(text[:min(len(text), most)])
	}
	return string(text[max(0, len(text)-most):])
}
