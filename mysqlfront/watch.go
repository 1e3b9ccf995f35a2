package mysqlfront

import (
	"bufio"
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// watchAfter is how long a statement runs before its client is watched: most
// have ended by then, and watching costs more than they do.
const watchAfter = 10 * time.Millisecond

// watch notices when a client leaves during its statement. What the client sends
// meanwhile stays in the buffer, and ends the watch.
type watch struct {
	net net.Conn
	in  *bufio.Reader
	// gone is called when the client has left.
	gone func()

	timer *time.Timer
	// over gets a value when the timer's function ends.
	over chan struct{}

	mu sync.Mutex
	on bool
}

// start begins the watch of a statement.
func (w *watch) start() {
	w.mu.Lock()
	w.on = true
	w.mu.Unlock()
	if w.timer == nil {
		w.over = make(chan struct{}, 1)
		w.timer = time.AfterFunc(watchAfter, w.look)
		return
	}
	w.timer.Reset(watchAfter)
}

// stop ends it. Nothing reads from the client afterwards.
func (w *watch) stop() {
	if w.timer.Stop() {
		return
	}
	w.mu.Lock()
	w.on = false
	_ = w.net.SetReadDeadline(time.Unix(1, 0)) // ends the peek
	w.mu.Unlock()
	<-w.over
}

func (w *watch) look() {
	defer func() { w.over <- struct{}{} }()
	if !w.patient() {
		return
	}
	if _, err := w.in.Peek(1); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		w.gone()
	}
}

// patient lets the client be silent for as long as its statement runs.
func (w *watch) patient() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.on && w.net.SetReadDeadline(time.Time{}) == nil
}
