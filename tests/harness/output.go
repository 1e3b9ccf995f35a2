package harness

import (
	"bytes"
	"regexp"
	"sync"
)

var addressLine = regexp.MustCompile(`http://([0-9.]+|\[[0-9a-f:]+\]):[0-9]+`)

// maxOutput bounds what is kept of a server's output; a test that writes more
// has lost the rest, and Output says so.
const maxOutput = 64 << 20

// output collects what a process prints and announces the first HTTP address
// in it.
type output struct {
	mu      sync.Mutex
	buf     bytes.Buffer
	lost    bool
	address chan string // buffered: holds the one address found
	found   bool
}

func newOutput() *output { return &output{address: make(chan string, 1)} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.buf.Len()+len(p) > maxOutput {
		o.lost = true
		return len(p), nil
	}
	o.buf.Write(p)
	if !o.found {
		// Only whole lines count: a write may end inside the port.
		if end := bytes.LastIndexByte(o.buf.Bytes(), '\n'); end >= 0 {
			if m := addressLine.Find(o.buf.Bytes()[:end]); m != nil {
				o.found = true
				o.address <- string(m)
			}
		}
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
