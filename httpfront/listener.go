package httpfront

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// admission counts the open connections of all listeners and refuses those over
// a limit.
type admission struct {
	max, maxPerIP int
	metrics       *metrics

	mu    sync.Mutex
	open  map[*conn]struct{}
	perIP map[netip.Addr]int
}

func (a *admission) listen(ln net.Listener) *listener { return &listener{Listener: ln, admit: a} }

// add admits c, or says why not.
func (a *admission) add(c *conn) (refusal string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case len(a.open) >= a.max:
		return "connections"
	case a.perIP[c.from] >= a.maxPerIP:
		return "connections_per_ip"
	}
	if a.open == nil {
		a.open, a.perIP = make(map[*conn]struct{}), make(map[netip.Addr]int)
	}
	a.open[c] = struct{}{}
	a.perIP[c.from]++
	a.metrics.connections.Set(float64(len(a.open)))
	return ""
}

func (a *admission) remove(c *conn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.open, c)
	if a.perIP[c.from]--; a.perIP[c.from] == 0 {
		delete(a.perIP, c.from)
	}
	a.metrics.connections.Set(float64(len(a.open)))
}

// closeAll cuts every connection.
func (a *admission) closeAll() {
	a.mu.Lock()
	var open []*conn
	for c := range a.open {
		open = append(open, c)
	}
	a.mu.Unlock()
	for _, c := range open {
		_ = c.Conn.Close()
	}
}

// hurry gives connections that have never sent a byte until the deadline to do so:
// the library waits for their first request as if it were under way.
func (a *admission) hurry(deadline time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for c := range a.open {
		if !c.heard.Load() {
			_ = c.SetReadDeadline(deadline)
		}
	}
}

// listener hands out only admitted connections. It may be closed twice: by the
// server and by the library below it.
type listener struct {
	net.Listener
	admit *admission
	once  sync.Once
	err   error
}

func (l *listener) Accept() (net.Conn, error) {
	for {
		accepted, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &conn{Conn: accepted, from: addressOf(accepted), admit: l.admit}
		refusal := l.admit.add(c)
		if refusal == "" {
			return c, nil
		}
		l.admit.metrics.refused.WithLabelValues(refusal).Inc()
		turnAway(accepted)
	}
}

func (l *listener) Close() error {
	l.once.Do(func() { l.err = l.Listener.Close() })
	return l.err
}

const tooManyReply = "HTTP/1.1 503 Service Unavailable\r\n" +
	"Content-Type: application/json\r\nConnection: close\r\nRetry-After: 1\r\n\r\n" +
	"{\n    \"code\": \"INTERNAL_ERROR\",\n    \"msg\": \"too many connections: close some or try again later\"\n}\n"

// turnAway must not hold up the accept loop: what a new connection is sent fits
// its buffer, but one under TLS would first have to shake hands.
func turnAway(c net.Conn) {
	if _, encrypted := c.(*tls.Conn); !encrypted {
		_ = c.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		_, _ = io.WriteString(c, tooManyReply)
	}
	_ = c.Close()
}

func addressOf(c net.Conn) netip.Addr {
	tcp, ok := c.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	return tcp.AddrPort().Addr().Unmap().WithZone("")
}

// conn is an admitted connection.
type conn struct {
	net.Conn
	from  netip.Addr
	admit *admission
	once  sync.Once
	// heard is set by the first bytes from the client.
	heard atomic.Bool
	// begun is set when the connection's first line has ended; last is the byte
	// before what is read of it next.
	begun bool
	last  byte
	// unread marks that the client may still be sending what was refused. Closing
	// at once would then reset the connection, and the reply with it.
	unread bool
}

// errBareLF refuses a request line that ends in a line feed alone: the library
// takes it, and what follows it as the server in front may not.
var errBareLF = errors.New("the request line ends without a carriage return")

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.heard.Load() {
		c.heard.Store(true)
	}
	if c.begun || n == 0 {
		return n, err
	}
	end := bytes.IndexByte(p[:n], '\n')
	switch {
	case end < 0:
		c.last = p[n-1]
		return n, err
	case end > 0:
		c.last = p[end-1]
	}
	c.begun = true
	if c.last != '\r' {
		return 0, errBareLF
	}
	return n, err
}

const (
	maxLinger      = time.Second
	maxLingerBytes = 4 << 20
)

func (c *conn) Close() error {
	if c.unread {
		c.unread = false
		c.linger()
	}
	c.once.Do(func() { c.admit.remove(c) })
	return c.Conn.Close()
}

func (c *conn) linger() {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil || c.SetReadDeadline(time.Now().Add(maxLinger)) != nil {
		return
	}
	_, _ = io.CopyN(io.Discard, c.Conn, maxLingerBytes)
}
