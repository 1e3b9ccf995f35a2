package mysqlfront

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"roster/mysqlfront/session"
	"roster/tests/certs"
)

// running is a server under test.
type running struct {
	*Server
	t      testing.TB
	engine *engine
	users  *directory
	addr   string
}

func start(t testing.TB, change ...func(*Options)) *running {
	t.Helper()
	r := &running{t: t, engine: newEngine(), users: testUsers()}
	opts := Options{
		Engines: []session.Engine{r.engine}, Users: r.users, AllowEmptyPassword: true, Location: time.UTC,
		LoginFailures: 10_000, Registry: prometheus.NewRegistry(),
	}
	for _, f := range change {
		f(&opts)
	}
	if err := opts.Validate(); err != nil {
		t.Fatal(err)
	}
	r.Server = New(opts)
	ln := listen(t)
	r.addr = ln.Addr().String()
	served := make(chan error, 1)
	go func() { served <- r.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), waitTime)
		defer cancel()
		if err := r.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return r
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

// db is a pool of one client; options go to the data source name.
func (r *running) db(user, password, options string) *sql.DB {
	r.t.Helper()
	db, err := sql.Open("mysql", user+":"+password+"@tcp("+r.addr+")/"+options)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = db.Close() })
	return db
}

// single is one connection of root.
func (r *running) single() *sql.Conn {
	r.t.Helper()
	c, err := r.db("root", "", "").Conn(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Close() })
	return c
}

func (r *running) dial() net.Conn {
	r.t.Helper()
	c, err := new(net.Dialer).DialContext(r.t.Context(), "tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(waitTime)); err != nil {
		r.t.Fatal(err)
	}
	return c
}

// healthy says that the server still serves.
func (r *running) healthy() {
	r.t.Helper()
	if err := r.db("root", "", "").PingContext(r.t.Context()); err != nil {
		r.t.Errorf("the server does not serve any more: %v", err)
	}
}

func (r *running) waitFor(what string, done func() bool) {
	r.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(waitTime); !done(); <-tick.C {
		if time.Now().After(end) {
			r.t.Fatalf("%s: not within %v", what, waitTime)
		}
	}
}

func (r *running) panics(where string) float64 {
	return counted(r.t, r.metrics.panics.WithLabelValues(where))
}

func counted(t testing.TB, c prometheus.Counter) float64 {
	t.Helper()
	var m dto.Metric
	if err := c.Write(&m); err != nil {
		t.Fatal(err)
	}
	return m.GetCounter().GetValue()
}

// raw speaks packets.
type raw struct {
	net.Conn
	t        testing.TB
	sequence byte
}

func (r *raw) send(payload []byte) {
	r.t.Helper()
	p := finish(append(make([]byte, headerBytes), payload...), r.sequence)
	r.sequence++
	if _, err := r.Write(p); err != nil {
		r.t.Fatal(err)
	}
}

func (r *raw) receive() ([]byte, error) {
	var header [4]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return nil, err
	}
	r.sequence = header[3] + 1
	payload := make([]byte, int(header[0])|int(header[1])<<8|int(header[2])<<16)
	_, err := io.ReadFull(r, payload)
	return payload, err
}

func (r *raw) expect(first byte) []byte {
	r.t.Helper()
	p, err := r.receive()
	if err != nil {
		r.t.Fatal(err)
	}
	if len(p) == 0 || p[0] != first {
		r.t.Fatalf("got %q, want a packet that begins with %#x", p, first)
	}
	return p
}

// command begins anew and sends.
func (r *raw) command(code byte, payload string) {
	r.t.Helper()
	r.sequence = 0
	r.send(append([]byte{code}, payload...))
}

// closed waits for the end of the connection.
func (r *raw) closed() {
	r.t.Helper()
	for {
		if _, err := r.receive(); err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				r.t.Fatal("the connection is still open")
			}
			return
		}
	}
}

func (r *raw) errno(p []byte) int { return int(p[1]) | int(p[2])<<8 }

// Capabilities of a plain client.
const plainCaps = 1<<9 | 1<<15 | 1<<19 | 1<<3

// response is what a client answers to the greeting.
func response(caps uint32, user, auth, database, plugin string) []byte {
	p := []byte{byte(caps), byte(caps >> 8), byte(caps >> 16), byte(caps >> 24), 0, 0, 0, 1, 45}
	p = append(p, make([]byte, 23)...)
	p = append(append(p, user...), 0)
	p = append(append(p, byte(len(auth))), auth...)
	p = append(append(p, database...), 0)
	return append(append(p, plugin...), 0)
}

// loggedIn is a raw connection of root.
func (r *running) loggedIn() *raw { return r.loggedInAs("root") }

// loggedInAs is a raw connection of a user without a password.
func (r *running) loggedInAs(user string) *raw {
	r.t.Helper()
	c := &raw{Conn: r.dial(), t: r.t}
	c.expect(10)
	c.send(response(plainCaps, user, "", "", CachingSHA2))
	c.expect(0)
	return c
}

func withTLS(t *testing.T) func(*Options) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certs.Write(t, cert, key, "first")
	return func(o *Options) { o.CertFile, o.KeyFile = cert, key }
}

func errnoOf(err error) uint16 {
	var e *driver.MySQLError
	if errors.As(err, &e) {
		return e.Number
	}
	return 0
}
