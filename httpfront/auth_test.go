package httpfront

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"roster/core/seal"
)

func TestWrongTokens(t *testing.T) {
	h := start(t, Options{})
	for _, c := range []struct{ name, query, want string }{
		{"none", "", "(not given)"},
		{"an empty one", "?token=", "(not given)"},
		{"a name without value", "?token", "(not given)"},
		{"a wrong one", "?token=wrong", "wrong"},
		{"the beginning of a right one", "?token=" + adminToken[:5], adminToken[:5]},
		{"as it was sent", "?token=a%20b+c", "a%20b+c"},
		{"at most 64 bytes", "?token=" + strings.Repeat("x", 65), strings.Repeat("x", 64)},
		{"only what can be printed", "?token=caf\xc3\xa9\x80", "caf??"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := h.dial()
			w.send("POST /MetaService/http/add_node" + c.query + " HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}")
			got := w.reply()
			if got.status != http.StatusForbidden || got.body != "incorrect token, token="+c.want+"\n" {
				t.Errorf("answers %d %q", got.status, got.body)
			}
			if got.header.Get("Content-Type") != "text/plain; charset=utf-8" {
				t.Errorf("the content type is %q", got.header.Get("Content-Type"))
			}
		})
	}
	if strings.Contains(h.log.String(), "wrong") {
		t.Errorf("a token given is in the log:\n%s", h.log)
	}
}

func TestTokensGiven(t *testing.T) {
	h := start(t, Options{Tokens: []Token{
		{"a", seal.NewSecret("CANARY/1+%3d"), RoleAdmin},
		{"b", seal.NewSecret("CANARY-2"), RoleAdmin},
		{"empty", seal.NewSecret(""), RoleAdmin},
	}})
	const path = "/MetaService/http/add_node"
	for _, c := range []struct {
		name, query string
		headers     []string
		want        int
	}{
		{"as it is", "?token=CANARY/1+%3d", nil, 200},
		{"percent-encoded", "?token=CANARY%2F1%2B%253d", nil, 200},
		{"another one", "?token=CANARY-2", nil, 200},
		{"by an encoded name", "?tok%65n=CANARY-2", nil, 200},
		{"in the header", "", []string{"Authorization", "Bearer CANARY-2"}, 200},
		{"in the header, in any case", "", []string{"Authorization", "bearer  CANARY-2"}, 200},
		{"in the header when the query's is empty", "?token=", []string{"Authorization", "Bearer CANARY-2"}, 200},
		{"the query comes first", "?token=x", []string{"Authorization", "Bearer CANARY-2"}, 403},
		{"another scheme", "", []string{"Authorization", "Basic CANARY-2"}, 403},
		{"no scheme", "", []string{"Authorization", "CANARY-2"}, 403},
		{"an empty bearer", "", []string{"Authorization", "Bearer "}, 403},
		{"decoded twice", "?token=CANARY%2F1%2B%25253d", nil, 403},
		{"twice the same", "?token=CANARY-2&token=CANARY-2", nil, 400},
		{"twice, once encoded", "?token=CANARY-2&tok%65n=x", nil, 400},
		{"two headers", "", []string{"Authorization", "Bearer CANARY-2", "Authorization", "Bearer x"}, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := h.send(http.MethodPost, path+c.query, "{}", c.headers...); got.status != c.want {
				t.Errorf("answers %d %s", got.status, got.body)
			}
		})
	}
}

func TestTokensRotate(t *testing.T) {
	h := start(t, Options{Tokens: []Token{{"old", seal.NewSecret("CANARY-old"), RoleAdmin}}})
	status := func(token string) int {
		return h.send(http.MethodPost, "/MetaService/http/add_node?token="+token, "{}").status
	}
	both := []Token{{"old", seal.NewSecret("CANARY-old"), RoleAdmin}, {"new", seal.NewSecret("CANARY-new"), RoleAdmin}}
	if status("CANARY-new") != 403 {
		t.Error("the new token is taken before it is set")
	}
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for range 20 {
				if got := status("CANARY-old"); got != 200 {
					t.Errorf("the old token is answered %d while both are set", got)
				}
			}
		})
	}
	h.SetTokens(both)
	clients.Wait()
	if status("CANARY-new") != 200 {
		t.Error("the new token is not taken")
	}
	h.SetTokens(both[1:])
	if status("CANARY-old") != 403 {
		t.Error("the old token is taken after it is removed")
	}
	h.SetTokens(nil)
	if status("CANARY-new") != 403 {
		t.Error("a token is taken though there is none")
	}
}
