package httpfront

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"roster/core"
)

type serverList []core.Server

func (l serverList) ListServers(context.Context) ([]core.Server, error) {
	if len(l) == 0 {
		return nil, core.Errorf(core.Unavailable, "the store is away")
	}
	return l, nil
}

func TestServersAreListedForReaders(t *testing.T) {
	one := core.Server{
		ID: "a", HTTPAddr: "a:5000", Version: "1.2", Role: "replica",
		Started: time.UnixMilli(1000), LastSeen: time.UnixMilli(2000),
	}
	h := start(t, Options{Servers: serverList{one}})
	got := h.send(http.MethodGet, "/v1/servers?token="+readerToken, "")
	const want = `{"code":"OK","msg":"","result":{"servers":[{"id":"a","http_address":"a:5000","version":"1.2","role":"replica","started_ms":1000,"last_seen_ms":2000}]}}`
	if compact := strings.Join(strings.Fields(got.body), ""); got.status != http.StatusOK || compact != want {
		t.Errorf("answers %d %s", got.status, compact)
	}
	for _, target := range []string{"/v1/servers", "/v1/servers?token=CANARY-wrong"} {
		if got := h.send(http.MethodGet, target, ""); got.status != http.StatusForbidden {
			t.Errorf("%s answers %d", target, got.status)
		}
	}
}

func TestServersWithoutAStore(t *testing.T) {
	h := start(t, Options{Servers: serverList{}})
	got := h.send(http.MethodGet, "/v1/servers?token="+readerToken, "")
	if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "the store is away") {
		t.Errorf("answers %d %s", got.status, got.body)
	}
	if got := start(t, Options{}).send(http.MethodGet, "/v1/servers?token="+readerToken, ""); !strings.Contains(got.body, `"servers": []`) {
		t.Errorf("without a list it answers %d %s", got.status, got.body)
	}
}
