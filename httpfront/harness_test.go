package httpfront

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	"go.uber.org/goleak"

	"roster/core/seal"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// The library's clock for Date headers runs for the life of the process.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

const (
	adminToken    = "admin-CANARY-1"
	operatorToken = "operator-CANARY-2"
	readerToken   = "reader-CANARY-3"
)

func testTokens() []Token {
	return []Token{
		{"root", seal.NewSecret(adminToken), RoleAdmin},
		{"ops", seal.NewSecret(operatorToken), RoleOperator},
		{"viewer", seal.NewSecret(readerToken), RoleReader},
	}
}

// harness is a server on a loopback port.
type harness struct {
	*Server
	t    *testing.T
	addr string
	log  *syncBuffer
	// served gets what Serve returns.
	served chan error
}

// start runs a server until the test ends. opts.API defaults to a fakeAPI.
func start(t *testing.T, opts Options) *harness {
	t.Helper()
	h := &harness{t: t, log: &syncBuffer{}, served: make(chan error, 1)}
	if opts.API == nil {
		opts.API = fakeAPI{}
	}
	if opts.Tokens == nil {
		opts.Tokens = testTokens()
	}
	opts.Log = logrus.New()
	opts.Log.SetOutput(h.log)
	opts.Log.SetLevel(logrus.TraceLevel)
	opts.Log.SetFormatter(&logrus.JSONFormatter{DisableHTMLEscape: true})
	h.Server = New(opts)
	ln := listen(t)
	h.addr = ln.Addr().String()
	go func() { h.served <- h.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := h.Shutdown(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("shutdown: %v", err)
		}
		if strings.Contains(h.log.String(), "CANARY") {
			t.Errorf("a secret is in the log:\n%s", h.log)
		}
	})
	return h
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	var config net.ListenConfig
	ln, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

// answer is a reply read to its end.
type answer struct {
	status int
	header http.Header
	body   string
	// last says that the server closes the connection after it.
	last bool
}

// send makes one request on a connection of its own. target starts at the path.
func (h *harness) send(method, target, body string, headers ...string) answer {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), method, "http://"+h.addr+target, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	return read(h.t, resp)
}

// call sends an operation with the admin token.
func (h *harness) call(operation, body string) answer {
	h.t.Helper()
	mark := "?"
	if strings.Contains(operation, "?") {
		mark = "&"
	}
	return h.send(http.MethodPost, "/MetaService/http/"+operation+mark+"token="+adminToken, body)
}

func read(t *testing.T, resp *http.Response) answer {
	t.Helper()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(body), resp.Close}
}

// wire is a connection to write raw bytes to.
type wire struct {
	net.Conn
	t  *testing.T
	in *bufio.Reader
}

func connect(t *testing.T, addr string) (net.Conn, error) {
	t.Helper()
	var dialer net.Dialer
	return dialer.DialContext(t.Context(), "tcp", addr)
}

func (h *harness) dial() *wire {
	h.t.Helper()
	c, err := connect(h.t, h.addr)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		h.t.Fatal(err)
	}
	return &wire{c, h.t, bufio.NewReader(c)}
}

func (w *wire) send(raw string) {
	w.t.Helper()
	if _, err := io.WriteString(w, raw); err != nil {
		w.t.Fatal(err)
	}
}

func (w *wire) reply() answer {
	w.t.Helper()
	resp, err := http.ReadResponse(w.in, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	return read(w.t, resp)
}

// closed reports whether the server sends nothing more and closes.
func (w *wire) closed() bool {
	_, err := w.in.ReadByte()
	return errors.Is(err, io.EOF)
}

// syncBuffer is a log that may be read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func (s *syncBuffer) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b.Reset()
}

// okBody is the envelope of success.
const okBody = "{\n    \"code\": \"OK\",\n    \"msg\": \"\"\n}\n"
