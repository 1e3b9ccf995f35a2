package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"roster/core/seal"
)

var noLegacy seal.Legacy

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// The HTTP library's clock for Date headers runs for the life of the process.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

// firstAddress passes on the greeting until the address in it is known.
type firstAddress struct {
	bytes.Buffer
	url chan string
}

func (f *firstAddress) Write(p []byte) (int, error) {
	if _, rest, ok := strings.Cut(string(p), "listening on "); ok {
		url, _, _ := strings.Cut(rest, "\n")
		f.url <- url
	}
	return f.Buffer.Write(p)
}

func TestServe(t *testing.T) {
	c, err := load(t, "", "--http-addr", "127.0.0.1:0", "--mysql-addr", "127.0.0.1:0", "--data-dir", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	out := &firstAddress{url: make(chan string, 1)}
	done := make(chan error, 1)
	go func() { done <- serve(ctx, c, out, io.Discard) }()
	url := ""
	select {
	case url = <-out.url:
	case err := <-done:
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	fetch := func(path string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	if status, body := fetch("/readyz"); status != http.StatusOK {
		t.Errorf("readyz answers %d %s", status, body)
	}
	if _, metrics := fetch("/metrics"); !strings.Contains(metrics, "roster_store_seconds_count{call=\"view\"}") {
		t.Errorf("the store's calls are not in the metrics:\n%s", metrics)
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("serve returns %v", err)
	}
}

func TestStartClosesWhatItOpened(t *testing.T) {
	dir := t.TempDir()
	for range 2 {
		c, err := load(t, "", "--http-addr", "127.0.0.1:0", "--mysql-addr", "127.0.0.1:0", "--data-dir", dir)
		if err != nil {
			t.Fatal(err)
		}
		c.Compat = "neither" // found when the store is open already
		if err := serve(t.Context(), c, io.Discard, io.Discard); err == nil || err.Error() != `compat is "neither", want "reference" or "doris"` {
			t.Fatalf("got %v, want the fault of compat alone", err)
		}
	}
}

func TestCommands(t *testing.T) {
	for name, tc := range map[string]struct {
		args []string
		want string
		fail bool
	}{
		"version":             {[]string{"version"}, "roster ", false},
		"decode-key":          {[]string{"decode-key", "0110696e7374616e6365000110746573740001"}, "┌───────────────────────── 0. key space: 1\n", false},
		"decode-key in ASCII": {[]string{"decode-key", "--ascii", "01"}, "/- 0. key space: 1\n", false},
		"a key that is none":  {[]string{"decode-key", "0110"}, "failed to decode key, key=0110", true},
		"help with examples":  {[]string{"serve", "--help"}, "roster serve --store tikv", false},
		"an unknown flag":     {[]string{"serve", "--colour"}, "unknown flag: --colour", true},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			cmd := rootCommand()
			cmd.SetOut(&out)
			cmd.SetErr(&out)
			cmd.SetArgs(tc.args)
			err := cmd.ExecuteContext(t.Context())
			text := out.String()
			if err != nil {
				text += err.Error()
			}
			if (err != nil) != tc.fail || !strings.Contains(text, tc.want) {
				t.Errorf("prints %s", text)
			}
		})
	}
}
