//go:build cluster

package replicas

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// tlsFront takes TLS away before a process that knows none. What comes in clear
// passes: the processes talk to each other so.
type tlsFront struct {
	listener net.Listener
	upstream string
	config   *tls.Config
	secured  atomic.Int64 // connections whose client has proved itself
	done     sync.WaitGroup

	mu     sync.Mutex
	conns  map[net.Conn]bool
	closed bool
}

// startTLSFront ends with the test.
func startTLSFront(t *testing.T, upstream string, config *tls.Config) (*tlsFront, error) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f := &tlsFront{listener: listener, upstream: upstream, config: config, conns: map[net.Conn]bool{}}
	f.done.Go(f.accept)
	t.Cleanup(f.close)
	return f, nil
}

func (f *tlsFront) accept() {
	for {
		conn, err := f.listener.Accept()
		if err != nil {
			return
		}
		if f.keep(conn) {
			f.done.Go(func() { f.serve(conn) })
		}
	}
}

// keep tells whether the front is open still, and closes the connection with it.
func (f *tlsFront) keep(conn net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		_ = conn.Close()
		return false
	}
	f.conns[conn] = true
	return true
}

func (f *tlsFront) drop(conn net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.conns, conn)
	_ = conn.Close()
}

func (f *tlsFront) close() {
	_ = f.listener.Close()
	f.mu.Lock()
	f.closed = true
	for conn := range f.conns {
		_ = conn.Close()
	}
	f.mu.Unlock()
	f.done.Wait()
}

// handshake is the first byte of a client that wants TLS.
const handshake = 0x16

// sniffed is a connection of which the first bytes were read.
type sniffed struct {
	net.Conn
	*bufio.Reader
}

func (s sniffed) Read(p []byte) (int, error) { return s.Reader.Read(p) }

// clear is what the client says without TLS.
func (f *tlsFront) clear(conn net.Conn) (net.Conn, error) {
	client := sniffed{conn, bufio.NewReader(conn)}
	first, err := client.Peek(1)
	if err != nil || first[0] != handshake {
		return client, err
	}
	secured := tls.Server(client, f.config)
	err = secured.HandshakeContext(context.Background())
	if err == nil {
		f.secured.Add(1)
	}
	return secured, err
}

func (f *tlsFront) serve(conn net.Conn) {
	defer f.drop(conn)
	client, err := f.clear(conn)
	if err != nil {
		return
	}
	server, err := new(net.Dialer).DialContext(context.Background(), "tcp", f.upstream)
	if err != nil || !f.keep(server) {
		return
	}
	defer f.drop(server)
	var up sync.WaitGroup
	up.Go(func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	})
	_, _ = io.Copy(client, server)
	_ = conn.Close()
	up.Wait()
}
