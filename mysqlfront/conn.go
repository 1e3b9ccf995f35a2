package mysqlfront

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"runtime/debug"
	"sync"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"

	"roster/mysqlfront/session"
)

// readBuffer is seldom exceeded by a command.
const readBuffer = 4 << 10

// conn is one client's connection, served by one goroutine.
type conn struct {
	srv  *Server
	raw  net.Conn // as accepted
	from netip.AddrPort

	net     net.Conn // raw, or TLS over it
	in      *bufio.Reader
	out     answer
	caps    uint32
	stmts   statements
	session *session.Session
	// calls is the context that statements run under until one is interrupted.
	calls context.Context
	watch watch
	// errno is what the running command was answered with.
	errno uint16
	// changing says that a statement may have changed something.
	changing bool
	// broken says that no command may follow this answer.
	broken bool

	mu sync.Mutex
	// shared is session, for other goroutines.
	shared *session.Session
	idle   bool
	// ending is why no command may be read any more.
	ending error
	// running says that a statement is, which cancel ends.
	running bool
	cancel  context.CancelCauseFunc
}

func newConn(srv *Server, raw net.Conn) *conn {
	return &conn{srv: srv, raw: raw, from: addrPortOf(raw)}
}

// serve lets the client in and answers it until one of the two has enough.
func (c *conn) serve() {
	defer c.srv.release(c)
	defer func() { _ = c.raw.Close() }()
	defer c.forget()
	if c.login() {
		c.loop()
	}
}

// login is the library's handshake, with a bound on its time and bytes.
func (c *conn) login() (in bool) {
	// A user that cannot be looked up in time is told so in the time that is left.
	ctx, cancel := context.WithTimeoutCause(c.srv.work, c.srv.opts.LoginTimeout*9/10, errTimeout)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			c.srv.panicked("login", r)
			in = false
		}
	}()
	if c.raw.SetDeadline(time.Now().Add(c.srv.opts.LoginTimeout)) != nil {
		return false
	}
	handshake := c.srv.handshake.Load()
	enter := func() (func(), error) { return c.srv.encrypting.enter(c.srv.opts.LoginTimeout) }
	wire := newLoginConn(c.raw, handshake.Capability()&mysql.CLIENT_SSL != 0, c.srv.opts.MaxLoginBytes, enter)
	defer wire.left()
	l := &login{ctx: ctx, conn: c, wire: wire}
	sc, err := handshake.NewCustomizedConn(wire, l, l)
	if err == nil {
		err = c.raw.SetDeadline(time.Time{})
	}
	if err != nil {
		c.srv.refused.Add(1)
		c.srv.metrics.refused.WithLabelValues("login").Inc()
		c.srv.log.WithField("remote", c.from.String()).Debug("a MySQL connection ended before login")
		return false
	}
	wire.trust()
	nc := sc.Conn.Conn
	if nc == net.Conn(wire) {
		nc = c.raw
	}
	c.attach(nc, sc.Capability()&handshake.Capability())
	return true
}

func (s *Server) panicked(where string, r any) {
	s.metrics.panics.WithLabelValues(where).Inc()
	s.log.WithField("panic", r).WithField("stack", string(debug.Stack())).Error("a panic was caught in the MySQL " + where)
}

// attach puts our buffers and limits between the packet layer and the network.
func (c *conn) attach(nc net.Conn, caps uint32) {
	c.net, c.caps = nc, caps
	c.in = bufio.NewReaderSize(nc, readBuffer)
	c.out.w = impatient{nc, c.srv.opts.WriteTimeout}
	c.watch = watch{net: nc, in: c.in, gone: func() { c.interrupt(errGone) }}
}

// impatient bounds each write.
type impatient struct {
	net.Conn
	timeout time.Duration
}

func (w impatient) Write(p []byte) (int, error) {
	if err := w.SetWriteDeadline(time.Now().Add(w.timeout)); err != nil {
		return 0, err
	}
	return w.Conn.Write(p)
}

// open begins a session, anew after COM_CHANGE_USER.
func (c *conn) open(id uint64, user *User, secure bool, client session.Client) {
	s := &session.Session{
		ID: id, User: user.Name, Role: user.Role, Instance: user.Instance, From: c.from, Secure: secure, Client: client,
		Location: c.srv.opts.Location, Home: c.srv.opts.Location, Vars: make(map[string]string), Registry: c.srv, Server: c.srv,
	}
	s.SetActivity(session.Activity{Command: "Sleep", Since: time.Now()})
	c.session = s
	c.stmts.clear()
	c.forget() // the calls were another user's
	c.mu.Lock()
	c.shared = s
	c.mu.Unlock()
}

// known is the session as other goroutines may see it, nil before login.
func (c *conn) known() *session.Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shared
}

// loop reads commands and answers them.
func (c *conn) loop() {
	for {
		err := c.await()
		var data []byte
		if err == nil {
			data, err = c.receive(1)
		}
		if err != nil {
			c.farewell(err)
			return
		}
		if !c.command(data) {
			_ = c.out.flush()
			return
		}
	}
}

// await sends what is written and waits for the first byte of a command.
func (c *conn) await() error {
	if err := c.out.flush(); err != nil {
		return err
	}
	if err := c.rest(); err != nil {
		return err
	}
	_, err := c.in.Peek(1)
	c.mu.Lock()
	c.idle = false
	ending := c.ending
	c.mu.Unlock()
	if ending != nil {
		return ending
	}
	c.out.sequence = 0
	if err != nil || c.arrived() {
		return err
	}
	return c.net.SetReadDeadline(time.Now().Add(c.srv.opts.ReadTimeout))
}

// arrived says that all of the next packet can be read without waiting.
func (c *conn) arrived() bool {
	n := c.in.Buffered()
	if n < headerBytes {
		return false
	}
	header, _ := c.in.Peek(headerBytes)
	return n >= headerBytes+lengthOf(header)
}

func lengthOf(header []byte) int { return int(header[0]) | int(header[1])<<8 | int(header[2])<<16 }

// receive reads a packet of at least so many bytes, the next of the command and
// its answer. It may be kept until more is read.
func (c *conn) receive(least int) ([]byte, error) {
	header, err := c.in.Peek(headerBytes)
	if err != nil {
		return nil, err
	}
	n := lengthOf(header)
	switch {
	case n > c.srv.opts.MaxPacketBytes:
		return nil, errOversized
	case n < least:
		return nil, errEmptyPacket
	case header[3] != c.out.sequence:
		return nil, errOrder
	}
	c.out.sequence++
	_, _ = c.in.Discard(headerBytes)
	if n > c.in.Size() {
		payload := make([]byte, n)
		_, err = io.ReadFull(c.in, payload)
		return payload, err
	}
	payload, err := c.in.Peek(n)
	if err == nil {
		_, err = c.in.Discard(n)
	}
	return payload, err
}

// rest makes the connection idle, unless it is to end.
func (c *conn) rest() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending != nil {
		return c.ending
	}
	c.idle = true
	return c.net.SetReadDeadline(time.Now().Add(c.within(c.srv.opts.IdleTimeout, "wait_timeout", time.Second)))
}

// end lets no further command be read, for the reason given.
func (c *conn) end(reason error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending == nil {
		c.ending = reason
	}
	switch {
	case c.shared == nil:
		_ = c.raw.Close()
	case c.idle:
		_ = c.net.SetReadDeadline(time.Unix(1, 0))
	}
}

// interrupt ends the running statement, if there is one.
func (c *conn) interrupt(reason error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running {
		c.cancel(reason)
	}
}

// farewell says why the connection ends, where the client can be told.
func (c *conn) farewell(err error) {
	var reason string
	var last *session.Error
	switch {
	case errors.Is(err, errDraining):
		reason, last = "draining", errDraining
	case errors.Is(err, errOversized):
		reason, last = "packet_size", errOversized
	case errors.Is(err, errAborted):
		reason = "killed"
	case errors.Is(err, errEmptyPacket):
		reason = "empty_packet"
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
		return
	case errors.Is(err, errOrder):
		reason, last = "sequence", errOrder
	default:
		reason = "io"
	}
	c.srv.metrics.refused.WithLabelValues(reason).Inc()
	if last == nil {
		return
	}
	c.out.sequence = 1 // as the answer to the command that is under way, or to the next
	_ = c.write(appendError(c.packet(), last))
	if c.out.flush() == nil && last != errDraining {
		c.linger()
	}
}

const (
	maxLinger      = time.Second
	maxLingerBytes = 32 << 20
)

// linger reads what the client still sends: closing before would reset the
// connection, and the last answer with it.
func (c *conn) linger() {
	if half, ok := c.raw.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	if c.raw.SetReadDeadline(time.Now().Add(maxLinger)) == nil {
		_, _ = io.CopyN(io.Discard, c.raw, maxLingerBytes)
	}
}
