package harness

import (
	"bytes"
	"regexp"
	"sync"
)

var (
	httpLine = regexp.MustCompile(`http://(?:[0-9.]+|\[[0-9a-f:]+\]):[0-9]+`)
	sqlLine  = regexp.MustCompile(`listening for MySQL on ((?:[0-9.]+|\[[0-9a-f:]+\]):[0-9]+)`)
)

// maxOutput bounds what is kept of a server's output; a test that writes more
// has lost the rest, and Output says so.
const maxOutput = 64 << 20

// output collects what a process prints and announces the first address of
// each front in it.
type output struct {
	mu        sync.Mutex
	buf       bytes.Buffer
	lost      bool
	http, sql announcement
}

// announcement is an address that a process prints once.
type announcement struct {
	line    *regexp.Regexp
	address chan string // buffered: holds the one address found
	found   bool
}

func announced(line *regexp.Regexp) announcement {
	return announcement{line: line, address: make(chan string, 1)}
}

func (a *announcement) look(printed []byte) {
	if a.found {
		return
	}
	if m := a.line.FindSubmatch(printed); m != nil {
		a.found = true
		a.address <- string(m[len(m)-1])
	}
}

func newOutput() *output { return &output{http: announced(httpLine), sql: announced(sqlLine)} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.buf.Len()+len(p) > maxOutput {
		o.lost = true
		return len(p), nil
	}
	o.buf.Write(p)
	if o.http.found && o.sql.found {
		return len(p), nil
	}
	// Only whole lines count: a write may end inside the port.
	if end := bytes.LastIndexByte(o.buf.Bytes(), '\n'); end >= 0 {
		o.http.look(o.buf.Bytes()[:end])
		o.sql.look(o.buf.Bytes()[:end])
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.lost {
		return o.buf.String() + "\n[output over the limit was not kept]\n"
	}
	return o.buf.String()
}
