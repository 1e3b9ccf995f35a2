package httpfront

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/valyala/fasthttp/fasthttputil"

	"roster/core/seal"
)

// FuzzWire sends raw bytes: whatever they are, each request is answered once at
// most, in HTTP, without a panic, and no token is said.
func FuzzWire(f *testing.F) {
	for _, raw := range []string{
		"GET /MetaService/http/v1/get_instance?token=t&instance_id=i HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
		"POST /MetaService/http/add_node?token=t HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
		"POST /MetaService/http/add_node?token=t HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n{},GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n",
		"POST /MetaService/http/add_node?token=t HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"POST /MetaService/http/add_node?token=t HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\n{}\r\n0\r\nA: b\r\n\r\n",
		"GET /x HTTP/1.1\r\nHost: h\r\nA: b\nContent-Length: 4\r\n\r\nGET ",
		"GET /x HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n",
		"GET //MetaService//http/%2e%2e/http/decode_key?tok%65n=t&key=01&unicode=false HTTP/1.0\r\n\r\n",
		"HEAD " + clusterStatusPath + "?instance_id=i HTTP/1.1\r\nHost: h\r\nAuthorization: Basic cm9vdDo=\r\nConnection: close\r\n\r\n",
		"POST /MetaService/http/set_value?key_type=InstanceKey HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		"",
	} {
		f.Add([]byte(raw))
	}
	log := &syncBuffer{}
	logger := logrus.New()
	logger.SetOutput(log)
	logger.SetLevel(logrus.TraceLevel)
	s := New(Options{
		API: fakeAPI{}, Log: logger, Accounts: []Account{{"root", seal.NewSecret("")}},
		Tokens:      []Token{{"t", seal.NewSecret("t"), RoleAdmin}, {"c", seal.NewSecret("CANARY"), RoleAdmin}},
		ReadTimeout: 10 * time.Millisecond, IdleTimeout: 5 * time.Millisecond, MaxBodyBytes: 4 << 10,
	})
	ln := fasthttputil.NewInmemoryListener()
	served := make(chan error, 1)
	go func() { served <- s.Serve(ln) }()
	f.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			f.Error(err)
		}
		if err := <-served; err != nil {
			f.Error(err)
		}
	})
	f.Fuzz(func(t *testing.T, raw []byte) {
		log.reset()
		c, err := ln.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		if _, err := c.Write(raw); err != nil {
			return // refused before it was all sent
		}
		sent, err := io.ReadAll(c)
		if err != nil {
			t.Fatal(err)
		}
		checkReplies(t, raw, sent)
		if !bytes.Contains(raw, []byte("CANARY")) && (bytes.Contains(sent, []byte("CANARY")) || bytes.Contains([]byte(log.String()), []byte("CANARY"))) {
			t.Errorf("a token is said in\n%s\n%s", sent, log)
		}
		if strings.Contains(log.String(), "panicked") {
			t.Fatalf("a handler panicked:\n%s", log)
		}
	})
}

// checkReplies reads what the server sent as HTTP.
func checkReplies(t *testing.T, raw, sent []byte) {
	t.Helper()
	in := bufio.NewReader(bytes.NewReader(sent))
	replies := 0
	for {
		if _, err := in.Peek(1); errors.Is(err, io.EOF) {
			break
		}
		// Whether a reply has a body depends on the request's method: a reply to HEAD
		// is followed by the next reply or the end.
		request := &http.Request{Method: http.MethodGet}
		if bytes.Contains(raw, []byte("HEAD")) {
			request.Method = http.MethodHead
		}
		resp, err := http.ReadResponse(in, request)
		if err != nil {
			if request.Method == http.MethodHead {
				return // a mixture of methods, whose bodies cannot be told apart here
			}
			t.Fatalf("%v in\n%q", err, sent)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Fatalf("%v in\n%q", err, sent)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusContinue {
			replies++
		}
	}
	// What is no request gets one reply and the connection closed.
	if most := bytes.Count(raw, []byte("HTTP/1")) + 1; replies > most {
		t.Errorf("%d replies to at most %d requests:\n%q", replies, most, sent)
	}
}
