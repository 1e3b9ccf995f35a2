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
	"github.com/go-mysql-org/go-mysql/packet"

	"roster/mysqlfront/session"
)

const (
	// A command is seldom longer, and an answer seldom.
	readBuffer  = 4 << 10
	writeBuffer = 16 << 10
)

// conn is one client's connection, served by one goroutine.
type conn struct {
	srv  *Server
	raw  net.Conn // as accepted
	from netip.AddrPort

	net    net.Conn // raw, or TLS over it
	in     *bufio.Reader
	frames *frames
	out    *bufio.Writer
	pkt    *packet.Conn
	caps   uint32
	// payload is the room packets are written in.
	payload []byte
	stmts   statements
	session *session.Session
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
	// cancel ends the running statement.
	cancel context.CancelCauseFunc
}

func newConn(srv *Server, raw net.Conn) *conn {
	return &conn{srv: srv, raw: raw, from: addrPortOf(raw)}
}

// serve lets the client in and answers it until one of the two has enough.
func (c *conn) serve() {
	defer c.srv.release(c)
	defer func() { _ = c.raw.Close() }()
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
	c.out = bufio.NewWriterSize(impatient{nc, c.srv.opts.WriteTimeout}, writeBuffer)
	c.frames = &frames{r: c.in, max: c.srv.opts.MaxPacketBytes}
	c.pkt = packet.NewTLSConn(&buffered{nc, c.frames, c.out}) // which reads without a buffer of its own
	c.payload = make([]byte, headerBytes, 512)
}

// buffered is the connection the packet layer sees.
type buffered struct {
	net.Conn
	io.Reader
	io.Writer
}

func (b *buffered) Read(p []byte) (int, error)  { return b.Reader.Read(p) }
func (b *buffered) Write(p []byte) (int, error) { return b.Writer.Write(p) }

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
			c.pkt.ResetSequence()
			data, err = c.pkt.ReadPacket()
		}
		if err != nil {
			c.farewell(err)
			return
		}
		if !c.command(data) {
			_ = c.out.Flush()
			return
		}
	}
}

// await sends what is written and waits for the first byte of a command.
func (c *conn) await() error {
	if err := c.out.Flush(); err != nil {
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
	if err != nil {
		return err
	}
	return c.net.SetReadDeadline(time.Now().Add(c.srv.opts.ReadTimeout))
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
	if c.cancel != nil {
		c.cancel(reason)
	}
}

// farewell says why the connection ends, where the client can be told.
func (c *conn) farewell(err error) {
	if c.frames.fault != nil {
		err = c.frames.fault
	}
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
	case c.frames.fault == nil && !c.frames.between():
		reason, last = "sequence", errOrder
	default:
		reason = "io"
	}
	c.srv.metrics.refused.WithLabelValues(reason).Inc()
	if last == nil {
		return
	}
	c.pkt.Sequence = 1 // as the answer to the command that is under way, or to the next
	_ = c.write(appendError(c.packet(), last))
	if c.out.Flush() == nil && last != errDraining {
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
