package cluster

import (
	"bytes"
	"os"
	"os/exec"
)

// life is that of a process from one start to its end.
type life struct {
	cmd     *exec.Cmd
	exited  chan struct{} // closed after cmd has exited
	ended   chan struct{} // closed when it was ended
	logFrom int64         // where its part of the log begins

	// judged says that fate is known; both belong to the holder of Process.mu.
	judged bool
	fate   error
}

func (l *life) over() bool {
	select {
	case <-l.exited:
		return true
	default:
		return false
	}
}

// state is what a process is as far as others wait for it.
type state int

const (
	away     state = iota // nobody has started it, or it was ended
	alive                 // it runs
	reviving              // it has exited by itself and is started again
	dead                  // it has exited by itself, for good
)

func (p *Process) state() state {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch l := p.life; {
	case l == nil:
		return away
	case !l.over():
		return alive
	case p.fate(l) == nil:
		return reviving
	}
	return dead
}

var panicked = []byte("\npanic: ")

// said is what the process has printed in a life, after a newline.
func (p *Process) said(l *life) []byte {
	text, err := os.ReadFile(p.Log)
	if err != nil {
		return []byte("\n" + err.Error())
	}
	return append([]byte("\n"), text[min(l.logFrom, int64(len(text))):]...)
}

// tail is what the log says of the end, for the text of an error: its last panic,
// of which the stacks may be long, else its last lines.
func (p *Process) tail(l *life) string {
	const most = 3 << 10
	text := p.said(l)
	if at := bytes.LastIndex(text, panicked); at >= 0 {
		text = text[at+1:]
		return string(text[:min(len(text), most)])
	}
	return string(text[max(0, len(text)-most):])
}

// lastWords are the tail of a process that was to run; of the others there are none,
// nor with onlyDead of those that have not exited for good.
func (p *Process) lastWords(onlyDead bool) string {
	is := p.state()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.life == nil || onlyDead && is != dead {
		return ""
	}
	return p.tail(p.life)
}

// why is how a life ended, in a line.
func (p *Process) why(l *life) string {
	text := p.said(l)
	if at := bytes.LastIndex(text, panicked); at >= 0 {
		line, _, _ := bytes.Cut(text[at+1:], []byte("\n"))
		return string(line)
	}
	return l.cmd.ProcessState.String()
}
