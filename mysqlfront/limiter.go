package mysqlfront

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxAddresses bounds how many addresses are remembered for failed logins.
const maxAddresses = 10_000

// failures counts failed logins by address.
type failures struct {
	burst int
	// every is the time after which one more try is given.
	every time.Duration

	mu   sync.Mutex
	seen map[netip.Addr]*rate.Limiter
}

func newFailures(burst int) *failures {
	return &failures{burst: burst, every: time.Second, seen: make(map[netip.Addr]*rate.Limiter)}
}

// allowed says that one more login may be tried from the address.
func (f *failures) allowed(from netip.Addr) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.seen[network(from)]
	return l == nil || l.Tokens() >= 1
}

// add counts a failure. Of many tries at once each is paid for, by the tries of
// the seconds to come.
func (f *failures) add(from netip.Addr) {
	f.mu.Lock()
	defer f.mu.Unlock()
	from = network(from)
	l := f.seen[from]
	if l == nil {
		f.makeRoom()
		l = rate.NewLimiter(rate.Every(f.every), f.burst)
		f.seen[from] = l
	}
	l.Reserve()
}

// makeRoom forgets the addresses that have all their tries back, or else any.
func (f *failures) makeRoom() {
	if len(f.seen) < maxAddresses {
		return
	}
	for from, l := range f.seen {
		if l.Tokens() >= float64(f.burst) {
			delete(f.seen, from)
		}
	}
	for from := range f.seen {
		if len(f.seen) < maxAddresses {
			return
		}
		delete(f.seen, from)
	}
}

// network is what one client can be assumed to hold: an IPv4 address or an IPv6 /64.
func network(a netip.Addr) netip.Addr {
	if a.Is6() && !a.Is4In6() {
		if p, err := a.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}

func addrPortOf(c net.Conn) netip.AddrPort {
	tcp, ok := c.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	from := tcp.AddrPort()
	return netip.AddrPortFrom(from.Addr().Unmap().WithZone(""), from.Port())
}

func hostOf(c net.Conn) hostAddr {
	if from := addrPortOf(c); from.IsValid() {
		return hostAddr(from.Addr().String())
	}
	return "localhost"
}

// local says that what c carries does not leave this machine.
func local(c net.Conn) bool {
	from := addrPortOf(c)
	return !from.IsValid() || from.Addr().IsLoopback()
}
