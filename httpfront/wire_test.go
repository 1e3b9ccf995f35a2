package httpfront

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	pb "roster/core/metapb"
)

const target = "/MetaService/http/drop_instance?token=" + adminToken

// counting is an API that counts calls and keeps the last instance id.
type counting struct {
	calls atomic.Int64
	id    atomic.Value
}

func (c *counting) api() fakeAPI {
	return fakeAPI{func(_ context.Context, _ string, req any) (any, error) {
		c.calls.Add(1)
		c.id.Store(req.(*pb.AlterInstanceRequest).GetInstanceId())
		return nil, nil
	}}
}

// After a refusal the bytes that follow are no second request.
const smuggled = "GET " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}"

func TestRefusesWhatIsAmbiguous(t *testing.T) {
	for _, c := range []struct{ name, raw string }{
		{"a repeated Content-Length", "POST " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}"},
		{"a negative Content-Length", "POST " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: -2\r\n\r\n{}"},
		{"a signed Content-Length", "POST " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: +2\r\n\r\n{}"},
		{"Content-Length and Transfer-Encoding", "POST " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		{"the same in the other order and case", "POST " + target + " HTTP/1.1\r\nHost: h\r\ntransfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n"},
		{"a blank before the colon", "POST " + target + " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n"},
		{"another encoding", "POST " + target + " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
		{"a continued header", "POST " + target + " HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\nContent-Length: 2\r\n\r\n{}"},
		{"a bare line feed that begins a length", "POST " + target + " HTTP/1.1\r\nHost: h\r\nA: b\nContent-Length: 2\r\n\r\n{}"},
		{"a bare line feed that begins an encoding", "POST " + target + " HTTP/1.1\r\nHost: h\r\nA: b\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"},
		{"a bare carriage return", "POST " + target + " HTTP/1.1\r\nHost: h\r\nA: b\rc\r\nContent-Length: 2\r\n\r\n{}"},
		{"NUL in a header", "POST " + target + " HTTP/1.1\r\nHost: h\r\nA: b\x00c\r\nContent-Length: 2\r\n\r\n{}"},
		{"no Host", "POST " + target + " HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"},
		{"two Hosts", "POST " + target + " HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 2\r\n\r\n{}"},
		{"a broken chunk", "POST " + target + " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"},
		{"no HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + adminToken + "\r\n\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var api counting
			h := start(t, Options{API: api.api()})
			w := h.dial()
			w.send(c.raw + smuggled)
			got := w.reply()
			if got.status != http.StatusBadRequest || !strings.Contains(got.body, `"code": "INVALID_ARGUMENT"`) {
				t.Errorf("answers %d %s", got.status, got.body)
			}
			if _, err := w.in.ReadByte(); err == nil {
				t.Error("answers a second time")
			}
			if n := api.calls.Load(); n != 0 {
				t.Errorf("%d requests were carried out", n)
			}
		})
	}
}

func TestTakesWhatIsWellFormed(t *testing.T) {
	for _, c := range []struct{ name, raw string }{
		{"a body by its length", "POST " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: 19\r\n\r\n{\"instance_id\":\"i\"}"},
		{"a body in chunks", "PUT " + target + " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"ins\r\n0e\r\ntance_id\":\"i\"}\r\n0\r\n\r\n"},
		{"a body of GET", "GET " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: 19\r\n\r\n{\"instance_id\":\"i\"}"},
		{"a body of DELETE", "DELETE " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: 19\r\n\r\n{\"instance_id\":\"i\"}"},
		{"HTTP/1.0", "POST " + target + " HTTP/1.0\r\nContent-Length: 19\r\n\r\n{\"instance_id\":\"i\"}"},
		{"a body after 100 Continue", "POST " + target + " HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 19\r\n\r\n{\"instance_id\":\"i\"}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var api counting
			h := start(t, Options{API: api.api()})
			w := h.dial()
			w.send(c.raw)
			got := w.reply()
			if got.status == http.StatusContinue {
				got = w.reply()
			}
			if got.status != 200 || got.body != okBody || api.id.Load() != "i" {
				t.Errorf("answers %d %s for instance %v", got.status, got.body, api.id.Load())
			}
		})
	}
	t.Run("requests in a row, sent at once", func(t *testing.T) {
		var api counting
		h := start(t, Options{API: api.api()})
		w := h.dial()
		w.send(strings.Repeat(smuggled, 3))
		for range 3 {
			if got := w.reply(); got.status != 200 {
				t.Errorf("answers %d %s", got.status, got.body)
			}
		}
		if n := api.calls.Load(); n != 3 {
			t.Errorf("%d requests were carried out", n)
		}
	})
}

func TestBodyLimit(t *testing.T) {
	const limit = 1 << 20
	body := func(size int) string { return `{"x":"` + strings.Repeat("a", size-8) + `"}` }
	want := fmt.Sprintf("{\n    \"code\": \"INVALID_ARGUMENT\",\n    \"msg\": \"the body has more than %d bytes, the limit: split the request\"\n}\n", limit)
	h := start(t, Options{})
	t.Run("1 MiB passes", func(t *testing.T) {
		if got := h.call("add_node", body(limit)); got.status != 200 {
			t.Errorf("answers %d %s", got.status, got.body)
		}
	})
	t.Run("a byte more does not", func(t *testing.T) {
		if got := h.call("add_node", body(limit+1)); got.status != http.StatusRequestEntityTooLarge || got.body != want {
			t.Errorf("answers %d %s", got.status, got.body)
		}
	})
	t.Run("in chunks neither", func(t *testing.T) {
		w := h.dial()
		w.send("POST " + target + " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n" + body(limit+1))
		if got := w.reply(); got.status != http.StatusRequestEntityTooLarge || got.body != want {
			t.Errorf("answers %d %s", got.status, got.body)
		}
	})
	t.Run("whoever sends on reads the reply all the same", func(t *testing.T) {
		w := h.dial()
		w.send("POST " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n" + body(3_000_000))
		if got := w.reply(); got.status != http.StatusRequestEntityTooLarge || got.body != want {
			t.Errorf("answers %d %s", got.status, got.body)
		}
		if !w.closed() {
			t.Error("the connection stays open")
		}
	})
}

func TestHeaderLimit(t *testing.T) {
	h := start(t, Options{})
	for name, raw := range map[string]string{
		"a long header": "GET " + target + " HTTP/1.1\r\nHost: h\r\nA: " + strings.Repeat("a", maxHeaderBytes) + "\r\n\r\n",
		"a long path":   "GET /" + strings.Repeat("CANARY", maxHeaderBytes/6) + " HTTP/1.1\r\nHost: h\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			w := h.dial()
			w.send(raw)
			got := w.reply()
			if got.status != http.StatusRequestHeaderFieldsTooLarge || !strings.Contains(got.body, "the request line and headers have more than 8192 bytes") {
				t.Errorf("answers %d %s", got.status, got.body)
			}
		})
	}
}

func TestTheRequestLineEndsWithBoth(t *testing.T) {
	h := start(t, Options{})
	for name, c := range map[string]struct {
		parts  []string
		status int
	}{
		"a bare line feed":            {[]string{"GET /healthz HTTP/1.1\nHost: h\r\n\r\n"}, 400},
		"a bare line feed of its own": {[]string{"GET /healthz HTTP/1.1", "\nHost: h\r\n\r\n"}, 400},
		"both":                        {[]string{"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"}, 200},
		"both in two parts":           {[]string{"GET /healthz HTTP/1.1\r", "\nHost: h\r\n\r\n"}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			w := h.dial()
			for _, part := range c.parts {
				w.send(part)
			}
			if got := w.reply(); got.status != c.status {
				t.Errorf("answers %d %s", got.status, got.body)
			}
		})
	}
}

func TestSlowRequestsAreCutOff(t *testing.T) {
	h := start(t, Options{ReadTimeout: 50 * time.Millisecond})
	for name, raw := range map[string]string{
		"nothing sent":                       "",
		"headers that do not end":            "POST " + target + " HTTP/1.1\r\nHost: h\r\n",
		"a bare line feed after the request": "POST " + target + " HTTP/1.1\nHost: h\n\n",
		"a bare line feed at the end":        "POST " + target + " HTTP/1.1\r\nHost: h\r\n\n",
		"a body that does not end":           "POST " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{",
	} {
		t.Run(name, func(t *testing.T) {
			w := h.dial()
			w.send(raw)
			if got := w.reply(); got.status != http.StatusRequestTimeout && got.status != http.StatusBadRequest {
				t.Errorf("answers %d %s", got.status, got.body)
			}
			if !w.closed() {
				t.Error("the connection stays open")
			}
		})
	}
}

func TestIdleConnectionsAreClosed(t *testing.T) {
	h := start(t, Options{IdleTimeout: 20 * time.Millisecond})
	w := h.dial()
	w.send(smuggled)
	if got := w.reply(); got.status != 200 {
		t.Fatalf("answers %d", got.status)
	}
	if !w.closed() {
		t.Error("the connection stays open")
	}
}

func TestConnectionLimits(t *testing.T) {
	for _, c := range []struct {
		name, reason string
		opts         Options
	}{
		{"of the server", "connections", Options{MaxConns: 2}},
		{"of an address", "connections_per_ip", Options{MaxConnsPerIP: 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := start(t, c.opts)
			first, second := h.dial(), h.dial()
			for _, w := range []*wire{first, second} {
				w.send(smuggled)
				if got := w.reply(); got.status != 200 {
					t.Fatalf("answers %d %s", got.status, got.body)
				}
			}
			third := h.dial()
			got := third.reply()
			if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" || !strings.Contains(got.body, "too many connections") {
				t.Errorf("answers %d %s", got.status, got.body)
			}
			first.send("GET /metrics HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
			metrics := first.reply().body
			for _, line := range []string{`roster_http_refused_total{reason="` + c.reason + `"} 1`, "roster_http_connections 2"} {
				if !strings.Contains(metrics, line) {
					t.Errorf("%s is not in\n%s", line, metrics)
				}
			}
			if !first.closed() {
				t.Fatal("the connection stays open")
			}
			// The place of the first is free when its close has been noticed.
			for status := 0; status != 200; {
				w := h.dial()
				if _, err := w.Write([]byte(smuggled)); err != nil {
					continue
				}
				if resp, err := http.ReadResponse(w.in, nil); err == nil {
					status = resp.StatusCode
					_ = resp.Body.Close()
				}
				_ = w.Close()
			}
		})
	}
}

func TestListenerThatFails(t *testing.T) {
	ln := listen(t)
	s := New(Options{API: fakeAPI{}})
	if err := s.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(ln); err != nil {
		t.Errorf("Serve after Shutdown returns %v", err)
	}
	if _, err := connect(t, ln.Addr().String()); err == nil {
		t.Error("a connection is accepted after Shutdown")
	}
}
