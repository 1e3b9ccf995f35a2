package httpfront

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestHealth(t *testing.T) {
	var unreachable atomic.Bool
	h := start(t, Options{Ready: func(ctx context.Context) error {
		if _, limited := ctx.Deadline(); !limited {
			return errors.New("no deadline")
		}
		if unreachable.Load() {
			return errors.New("driver text")
		}
		return nil
	}})
	expect := func(target string, status int, body string) {
		t.Helper()
		if got := h.send(http.MethodGet, target, ""); got.status != status || got.body != body {
			t.Errorf("%s answers %d %q, want %d %q", target, got.status, got.body, status, body)
		}
	}
	expect("/healthz", 200, "ok\n")
	expect("/readyz/", 200, "ready\n")
	unreachable.Store(true)
	expect("/healthz", 200, "ok\n")
	expect("/readyz", 503, "the store cannot be reached\n")
	if !strings.Contains(h.log.String(), "driver text") {
		t.Errorf("the log is\n%s", h.log)
	}
}

func TestMetrics(t *testing.T) {
	h := start(t, Options{})
	h.call("add_node", "{}")
	h.call("v1/add_node", "{")
	h.call("no_such_route", "{}")
	h.send(http.MethodGet, "/MetaService/http/add_node?token=CANARY-wrong", "")
	got := h.send(http.MethodGet, "/metrics", "")
	for _, line := range []string{
		`roster_http_requests_total{code="200",route="add_node"} 1`,
		`roster_http_requests_total{code="400",route="add_node"} 1`,
		`roster_http_requests_total{code="404",route="unknown"} 1`,
		`roster_http_requests_total{code="403",route="unknown"} 1`,
		`roster_http_request_seconds_count{route="add_node"} 2`,
		`roster_http_bytes_total{direction="in"} 5`,
	} {
		if !strings.Contains(got.body, line) {
			t.Errorf("%s is not in\n%s", line, got.body)
		}
	}
	if strings.Contains(got.body, "CANARY") {
		t.Error("the metrics hold a secret")
	}
}

func TestAccessLog(t *testing.T) {
	h := start(t, Options{SlowRequest: time.Hour})
	h.send("PUT", "/MetaService/http/v1/add_node?token="+adminToken+"&x=CANARY", `{"x":"CANARY"}`, "X-Request-Id", "r1")
	h.send("GET", "/MetaService/http/add_node&token="+adminToken, "", "X-Request-Id", "r2")
	h.send("GET", "/"+strings.Repeat("a", 300)+"?CANARY", "", "X-Request-Id", "r3")
	h.send("GET", "/healthz", "", "X-Request-Id", "r4")
	lines := make(map[string]map[string]any)
	for line := range strings.Lines(h.log.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatal(err)
		}
		if id, ok := fields["request_id"].(string); ok {
			lines[id] = fields
		}
	}
	for id, want := range map[string]map[string]any{
		"r1": {
			"method": "PUT", "path": "/MetaService/http/v1/add_node", "route": "add_node", "status": 200.0,
			"caller": "root", "level": "info", "bytes": float64(len(okBody)),
		},
		"r2": {"path": "/MetaService/http/add_node...", "route": "unknown", "status": 403.0, "caller": nil},
		"r3": {"path": "/" + strings.Repeat("a", 255) + "...", "status": 404.0},
		"r4": {"route": "healthz", "level": "debug"},
	} {
		for field, value := range want {
			if lines[id][field] != value {
				t.Errorf("%s: %s is %v, want %v", id, field, lines[id][field], value)
			}
		}
	}
	if remote, ok := lines["r1"]["remote"].(string); !ok || !strings.HasPrefix(remote, "127.0.0.1:") {
		t.Errorf("the remote address is %v", lines["r1"]["remote"])
	}
	if took, ok := lines["r1"]["ms"].(float64); !ok || took <= 0 {
		t.Errorf("the duration is %v", lines["r1"]["ms"])
	}
}

func TestSlowRequestsAreWarnings(t *testing.T) {
	h := start(t, Options{SlowRequest: time.Nanosecond})
	h.send(http.MethodGet, "/healthz", "")
	if log := h.log.String(); !strings.Contains(log, `"level":"warning"`) || !strings.Contains(log, `"slow":true`) {
		t.Errorf("the log is\n%s", log)
	}
}
