package httpfront

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// gate is an API that holds requests until it is opened.
type gate struct {
	entered chan struct{}
	open    chan struct{}
}

func newGate() *gate { return &gate{make(chan struct{}, 16), make(chan struct{})} }

func (g *gate) api() fakeAPI {
	return fakeAPI{func(ctx context.Context, _ string, _ any) (any, error) {
		g.entered <- struct{}{}
		select {
		case <-g.open:
			return nil, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}
}

func TestShutdownDrains(t *testing.T) {
	g := newGate()
	h := start(t, Options{API: g.api(), DrainDelay: time.Minute})
	idle, busy, other := h.dial(), h.dial(), h.dial()
	for _, w := range []*wire{idle, other} {
		w.send("GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n")
		if got := w.reply(); got.status != 200 || got.body != "ready\n" {
			t.Fatalf("readyz answers %d %s", got.status, got.body)
		}
	}
	busy.send(smuggled)
	<-g.entered

	delayed, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() { first <- h.Shutdown(delayed) }()
	for !h.draining.Load() {
		runtime.Gosched()
	}
	other.send("GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n")
	got := other.reply()
	if got.status != http.StatusServiceUnavailable || got.body != "stopping\n" || !got.last {
		t.Errorf("readyz answers %d %s, last %v, while draining", got.status, got.body, got.last)
	}
	if !other.closed() {
		t.Error("the connection stays open while draining")
	}
	if got := h.send(http.MethodGet, "/healthz", ""); got.status != 200 {
		t.Errorf("healthz answers %d while draining", got.status)
	}
	close(g.open)
	if got := busy.reply(); got.status != 200 || got.body != okBody || !got.last {
		t.Errorf("the request in flight is answered %d %s, last %v", got.status, got.body, got.last)
	}
	if err := h.Shutdown(t.Context()); err != nil {
		t.Errorf("the second Shutdown returns %v", err)
	}
	cancel()
	if err := <-first; err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("the first Shutdown returns %v", err)
	}
	if !idle.closed() {
		t.Error("the idle connection stays open")
	}
	if err := <-h.served; err != nil {
		t.Errorf("Serve returns %v", err)
	}
	if c, err := connect(t, h.addr); err == nil {
		_ = c.Close()
		t.Error("a connection is accepted after Shutdown")
	}
}

func TestShutdownWaitsForRequests(t *testing.T) {
	g := newGate()
	h := start(t, Options{API: g.api()})
	busy := h.dial()
	busy.send(smuggled)
	<-g.entered
	done := make(chan error, 1)
	go func() { done <- h.Shutdown(t.Context()) }()
	if err := <-h.served; err != nil {
		t.Errorf("Serve returns %v", err)
	}
	select {
	case err := <-done:
		t.Fatalf("Shutdown returns %v while a request is in flight", err)
	default:
	}
	close(g.open)
	if got := busy.reply(); got.status != 200 || !got.last {
		t.Errorf("the request in flight is answered %d, last %v", got.status, got.last)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestShutdownDoesNotWaitForTheSilent(t *testing.T) {
	h := start(t, Options{})
	silent := h.dial()
	h.send(http.MethodGet, "/healthz", "")
	// The library alone would wait for 5 s.
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	if err := h.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown returns %v", err)
	}
	if got := silent.reply(); got.status != http.StatusRequestTimeout || !silent.closed() {
		t.Errorf("the silent connection is answered %d and stays open", got.status)
	}
}

func TestShutdownIsBounded(t *testing.T) {
	g := newGate()
	h := start(t, Options{API: g.api()})
	busy := h.dial()
	busy.send(smuggled)
	<-g.entered
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown returns %v", err)
	}
	if _, err := busy.in.ReadByte(); err == nil {
		t.Error("the connection stays open")
	}
}

func TestRequestsAreBounded(t *testing.T) {
	g := newGate()
	h := start(t, Options{API: g.api(), RequestTimeout: 20 * time.Millisecond})
	if got := h.call("add_node", "{}"); got.status != 500 {
		t.Errorf("answers %d %s", got.status, got.body)
	}
	if !strings.Contains(h.log.String(), context.DeadlineExceeded.Error()) {
		t.Errorf("the log is\n%s", h.log)
	}
}

func TestPanics(t *testing.T) {
	h := start(t, Options{API: fakeAPI{func(_ context.Context, op string, _ any) (any, error) {
		if op == "AddNode" {
			var none []int
			_ = none[len(op)]
		}
		panic("CANARY in a panic")
	}}})
	other := h.dial()
	other.send("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
	_ = other.reply()
	for operation, code := range map[string]string{"add_node": "UNDETERMINED", "get_instance": "INTERNAL_ERROR"} {
		got := h.send(http.MethodPost, "/MetaService/http/"+operation+"?token="+adminToken, "{}", "X-Request-Id", "r-"+operation)
		want := "{\n    \"code\": \"" + code + "\",\n    \"msg\": \"internal error, the log has it under request_id=r-" + operation + "\"\n}\n"
		if got.status != 500 || got.body != want || got.header.Get("X-Request-Id") != "r-"+operation {
			t.Errorf("answers %d %s with %v", got.status, got.body, got.header)
		}
		if !strings.Contains(h.log.String(), `"request_id":"r-`+operation) {
			t.Errorf("the log is\n%s", h.log)
		}
	}
	if !strings.Contains(h.log.String(), "index out of range [7]") {
		t.Errorf("the log is\n%s", h.log)
	}
	other.send("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n")
	if got := other.reply(); !strings.Contains(got.body, "roster_http_panics_total 2") {
		t.Errorf("the metrics are\n%s", got.body)
	}
}

func TestOptionsValidate(t *testing.T) {
	if err := (Options{Tokens: testTokens(), FEUpstream: "http://127.0.0.1:8030"}).Validate(); err != nil {
		t.Error(err)
	}
	if err := (Options{FEUpstream: UpstreamAuto}).Validate(); err != nil {
		t.Error(err)
	}
	bad := Options{
		Tokens:     []Token{{Role: RoleAdmin}, {Name: "a", Role: RoleAdmin}, {Name: "b", Secret: testTokens()[0].Secret}},
		FEUpstream: "host:8030", RequestTimeout: time.Minute,
	}
	err := bad.Validate()
	if err == nil {
		t.Fatal("is valid")
	}
	for _, fault := range []string{
		"token 1 has no name", "token a is empty", "token b has no role",
		"the frontend upstream is neither auto nor a URL", "the request timeout is 1m0s, at most 10s are allowed",
	} {
		if !strings.Contains(err.Error(), fault) {
			t.Errorf("%q is not in\n%v", fault, err)
		}
	}
}
