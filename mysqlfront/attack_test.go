package mysqlfront

import (
	"crypto/tls"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"testing"
	"time"
)

// handshake runs a login in memory: the client sends what is given and reads all.
func (s *Server) handshakeWith(t *testing.T, sent []byte) {
	t.Helper()
	client, far := net.Pipe()
	c := newConn(s, far)
	if s.admit(c) != nil {
		t.Fatal("refused")
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.serve()
	}()
	go func() { _, _ = io.Copy(io.Discard, client) }()
	_, _ = client.Write(sent)
	_ = client.Close()
	<-done
}

// seeds are handshake responses that have done harm elsewhere.
func seeds() [][]byte {
	const attributes = 1 << 20
	good := response(plainCaps, "sha", "12345678901234567890", "inst", CachingSHA2)
	withAttributes := response(plainCaps|attributes, "sha", "12345678901234567890123456789012", "inst", CachingSHA2)
	ssl := response(1<<11|plainCaps, "", "", "", "")[:sslRequestBytes]
	seeds := [][]byte{
		good,
		append(withAttributes[:len(withAttributes):len(withAttributes)], 12, 4, 'n', 'a', 'm', 'e', 5, 'v', 'a', 'l', 'u', 'e'),
		append(withAttributes[:len(withAttributes):len(withAttributes)], 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f), // a huge length
		append(withAttributes[:len(withAttributes):len(withAttributes)], 0xfc),                                                 // a cut length
		append(withAttributes[:len(withAttributes):len(withAttributes)], 40, 4, 'n'),                                           // cut attributes
		response(plainCaps, "", "", "", ""),
		good[:40], good[:34], good[:3], {},
		append(good[:32:32], 0xff),
	}
	packets := make([][]byte, 0, len(seeds)+1)
	for _, s := range seeds {
		packets = append(packets, finish(append(make([]byte, headerBytes), s...), 1))
	}
	asked := finish(append(make([]byte, headerBytes), ssl...), 1)
	return append(packets, append(asked, finish(append(make([]byte, headerBytes), good...), 2)...))
}

func TestHandshakeSurvivesMutations(t *testing.T) {
	for name, options := range map[string]func(*Options){"plain": func(*Options) {}, "TLS offered": withTLS(t)} {
		t.Run(name, func(t *testing.T) {
			r := start(t, options)
			r.healthy() // and so the key is made
			random := rand.New(rand.NewPCG(1, 2))
			sources := seeds()
			for range 10_000 {
				p := append([]byte(nil), sources[random.IntN(len(sources))]...)
				for range random.IntN(8) {
					switch at := random.IntN(len(p)); random.IntN(3) {
					case 0:
						p[at] = byte(random.Uint32())
					case 1:
						p = p[:max(at, 1)]
					default:
						p[at] ^= 1 << random.IntN(8)
					}
				}
				if random.IntN(4) > 0 && len(p) > headerBytes {
					finish(p, 1) // so that it is read to its end
				}
				r.handshakeWith(t, p)
			}
			t.Logf("%v panics of the library were caught", r.panics("login"))
			r.healthy()
		})
	}
}

func TestLoginBytesAreBounded(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.TotalAlloc
	}
	// flood sends packets of 16 MiB in a chain, as far as it gets.
	flood := func(w io.Writer) {
		chunk := make([]byte, 1<<16)
		for i := range 40 {
			if _, err := w.Write([]byte{0xff, 0xff, 0xff, byte(1 + i)}); err != nil {
				return
			}
			for range 1 << 24 / len(chunk) {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}
	}
	t.Run("of plain clients", func(t *testing.T) {
		r := start(t)
		r.healthy()
		before := heap()
		c := &raw{Conn: r.dial(), t: t}
		c.expect(10)
		flood(c)
		if grown := heap() - before; grown > 4<<20 {
			t.Errorf("%d bytes were allocated", grown)
		}
		r.healthy()
	})
	t.Run("of encrypted clients", func(t *testing.T) {
		r := start(t, withTLS(t))
		r.healthy()
		before := heap()
		c := &raw{Conn: r.dial(), t: t}
		c.expect(10)
		c.send(response(1<<11|plainCaps, "", "", "", "")[:sslRequestBytes])
		flood(tls.Client(c, &tls.Config{InsecureSkipVerify: true}))
		// The library makes room for one packet before it reads it.
		if grown := heap() - before; grown > 40<<20 {
			t.Errorf("%d bytes were allocated", grown)
		}
		r.healthy()
	})
}

func TestSilentClientIsClosed(t *testing.T) {
	for name, sent := range map[string][]byte{
		"nothing said":            nil,
		"half a packet":           {40, 0, 0, 1, 1, 2},
		"asked for TLS, no hello": finish(append(make([]byte, headerBytes), response(1<<11|plainCaps, "", "", "", "")[:sslRequestBytes]...), 1),
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, withTLS(t), func(o *Options) { o.LoginTimeout = 20 * time.Millisecond })
			c := &raw{Conn: r.dial(), t: t}
			c.expect(10)
			if _, err := c.Write(sent); err != nil {
				t.Fatal(err)
			}
			c.closed()
			r.waitFor("the place to be free", func() bool { return len(r.open()) == 0 })
		})
	}
}

// TestHalfOpenConnections has 500 clients that never log in beside one that does.
func TestHalfOpenConnections(t *testing.T) {
	r := start(t, func(o *Options) { o.LoginTimeout = 2 * time.Second })
	silent := make([]*raw, 0, 500)
	for range cap(silent) {
		c := &raw{Conn: r.dial(), t: t}
		c.expect(10)
		silent = append(silent, c)
	}
	r.healthy()
	for _, c := range silent {
		c.closed()
	}
	r.waitFor("the places to be free", func() bool { return len(r.open()) < 10 })
}

func TestIdleConnectionsAreSmall(t *testing.T) {
	r := start(t)
	r.healthy()
	inUse := func() uint64 {
		runtime.GC()
		runtime.GC() // pools are emptied by the second
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	before := inUse()
	const n = 200
	for range n {
		r.loggedIn()
	}
	// Both ends are counted.
	if each := (inUse() - before) / n; each > 100<<10 {
		t.Errorf("%d bytes each", each)
	} else {
		t.Logf("%d bytes each", each)
	}
}

func FuzzHandshake(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s, false)
		f.Add(s, true)
	}
	var plain, offered *running
	f.Fuzz(func(t *testing.T, sent []byte, offerTLS bool) {
		s := &plain
		if offerTLS {
			s = &offered
		}
		if *s == nil {
			r := &running{Server: New(Options{Users: testUsers(), AllowEmptyPassword: true, LoginTimeout: time.Second}), t: t}
			cert, key := "", ""
			if offerTLS {
				o := new(Options)
				withTLS(t)(o)
				cert, key = o.CertFile, o.KeyFile
			}
			if err := r.SetTLS(cert, key); err != nil {
				t.Fatal(err)
			}
			*s = r
		}
		(*s).handshakeWith(t, sent)
		if len((*s).open()) != 0 {
			t.Error("the connection is still open")
		}
	})
}
