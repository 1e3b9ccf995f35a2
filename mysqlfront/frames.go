package mysqlfront

import (
	"errors"
	"io"
	"math"
	"net"
	"sync"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"

	"roster/mysqlfront/session"
)

// errEmptyPacket ends a connection: no command is empty.
var errEmptyPacket = errors.New("a packet is empty")

// frames reads packets and never a byte beyond the one that is being read. It
// looks at each header before the packet layer does, which would make room for
// whatever length it reads there.
type frames struct {
	r io.Reader
	// max is the longest packet.
	max int
	// allowEmpty lets packets of no bytes pass, as empty passwords are sent.
	allowEmpty bool

	header [4]byte
	unsent int // of the header
	left   int // of the payload
	count  int
	// fault is why reading ended, which the packet layer does not tell.
	fault error
}

func (f *frames) length() int {
	return int(f.header[0]) | int(f.header[1])<<8 | int(f.header[2])<<16
}

// between says that the next byte begins a packet.
func (f *frames) between() bool { return f.unsent == 0 && f.left == 0 }

func (f *frames) Read(p []byte) (int, error) {
	if f.fault != nil {
		return 0, f.fault
	}
	if f.between() {
		if f.fault = f.next(); f.fault != nil {
			return 0, f.fault
		}
	}
	if f.unsent > 0 {
		n := copy(p, f.header[len(f.header)-f.unsent:])
		f.unsent -= n
		return n, nil
	}
	n, err := f.r.Read(p[:min(len(p), f.left)])
	f.left -= n
	f.fault = err
	return n, err
}

func (f *frames) next() error {
	if _, err := io.ReadFull(f.r, f.header[:]); err != nil {
		return err
	}
	switch n := f.length(); {
	case n > f.max:
		return errOversized
	case n == 0 && !f.allowEmpty:
		return errEmptyPacket
	default:
		f.unsent, f.left = len(f.header), n
		f.count++
		return nil
	}
}

// sslRequestBytes is the length of the packet that asks for TLS; what the library
// takes for one, and so what counts here.
const sslRequestBytes = 32

var (
	errLoginBytes = errors.New("too many bytes before login")
	errCrowded    = errors.New("too many encrypted logins at a time")
)

// encryptedLogins is how many may be under way: within TLS no header can be looked
// at, so that each may make the library fill 16 MiB that a client has only announced.
const encryptedLogins = 32

// turnstile lets as many pass as it has room for; the next wait.
type turnstile chan struct{}

// enter waits for a place and returns what gives it back.
func (t turnstile) enter(longest time.Duration) (leave func(), err error) {
	patience := time.NewTimer(longest)
	defer patience.Stop()
	select {
	case t <- struct{}{}:
		return sync.OnceFunc(func() { <-t }), nil
	case <-patience.C:
		return nil, errCrowded
	}
}

// loginConn is the connection that the library's handshake sees: few bytes, and
// packet by packet until TLS begins.
type loginConn struct {
	net.Conn
	frames frames
	budget int
	// offersTLS says that an SSLRequest will be followed.
	offersTLS bool
	encrypted bool
	// enter waits for a place among the encrypted logins, leave gives it back.
	enter func() (leave func(), err error)
	leave func()
	host  hostAddr
	// cacheKey stands in for the local address; see credential.
	cacheKey hostAddr
	// refusal replaces the last words of the library.
	refusal *session.Error
}

func newLoginConn(c net.Conn, offersTLS bool, budget int, enter func() (leave func(), err error)) *loginConn {
	l := &loginConn{Conn: c, budget: budget, offersTLS: offersTLS, enter: enter, host: hostOf(c)}
	l.frames = frames{r: readerFunc(l.take), max: min(budget, mysql.MaxPayloadLen-1), allowEmpty: true}
	return l
}

func (l *loginConn) Read(p []byte) (int, error) {
	if l.encrypted {
		return l.take(p)
	}
	n, err := l.frames.Read(p)
	l.encrypted = l.offersTLS && l.frames.count == 1 && l.frames.between() && l.frames.length() == sslRequestBytes
	if l.encrypted && err == nil {
		l.leave, err = l.enter()
	}
	return n, err
}

// left makes room for the next encrypted login.
func (l *loginConn) left() {
	if l.leave != nil {
		l.leave()
	}
}

func (l *loginConn) take(p []byte) (int, error) {
	if l.budget <= 0 {
		return 0, errLoginBytes
	}
	n, err := l.Conn.Read(p[:min(len(p), l.budget)])
	if l.budget != math.MaxInt {
		l.budget -= n
	}
	return n, err
}

func (l *loginConn) Write(p []byte) (int, error) {
	if l.refusal == nil || len(p) < headerBytes {
		return l.Conn.Write(p)
	}
	if _, err := l.Conn.Write(finish(appendError(make([]byte, headerBytes), l.refusal), p[3])); err != nil {
		return 0, err
	}
	return len(p), nil
}

// trust ends the budget: whoever sends is logged in.
func (l *loginConn) trust() {
	l.budget = math.MaxInt
	l.left()
}

func (l *loginConn) RemoteAddr() net.Addr { return l.host }
func (l *loginConn) LocalAddr() net.Addr  { return l.cacheKey }

// hostAddr is an address without its port, as MySQL shows clients.
type hostAddr string

func (hostAddr) Network() string  { return "mysql" }
func (h hostAddr) String() string { return string(h) }

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
