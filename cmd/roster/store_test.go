package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// deaf is an address of this machine that nobody listens on.
func deaf(t *testing.T) string {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	return ln.Addr().String()
}

func tikvConfig(t *testing.T, pd string, args ...string) config {
	t.Helper()
	t.Setenv("ROSTER_KEYS", "1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
	c, err := load(t, "", append([]string{"--store", "tikv", "--pd", pd, "--http-addr", "127.0.0.1:0", "--mysql-addr", "none"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestServeGivesUpOnTiKVInTime(t *testing.T) {
	pd := deaf(t)
	c := tikvConfig(t, pd, "--store-connect-timeout", "300ms")
	err := serve(t.Context(), c, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "gave up on TiKV after store-connect-timeout, 300ms: PD at "+pd) {
		t.Errorf("serve = %v", err)
	}
}

// firstLine passes on that a log has a line with a text.
type firstLine struct {
	text string
	seen func()
}

func (f firstLine) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(f.text)) {
		f.seen()
	}
	return len(p), nil
}

func TestServeWaitsForTiKVWithoutEnd(t *testing.T) {
	pd := deaf(t)
	c := tikvConfig(t, pd, "--store-connect-timeout", "0s", "--request-timeout", "200ms")
	ctx, stop := context.WithCancel(t.Context())
	err := serve(ctx, c, io.Discard, firstLine{"still waiting for TiKV: PD at " + pd, stop})
	if err == nil || strings.Contains(err.Error(), "gave up") {
		t.Errorf("serve = %v, want the fault that it was stopped in", err)
	}
}

func TestAdvertisedAddressesReachThisMachine(t *testing.T) {
	if got := advertised(nil); got != "" {
		t.Errorf("no listener is advertised as %q", got)
	}
	for _, addr := range []string{"127.0.0.1:0", ":0"} {
		ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		got := advertised(ln)
		dialer := net.Dialer{Timeout: 5 * time.Second}
		host, _, err := net.SplitHostPort(got)
		if ip := net.ParseIP(host); err != nil || ip != nil && ip.IsUnspecified() {
			t.Errorf("%s is advertised as %q, %v", addr, got, err)
		} else if conn, err := dialer.DialContext(t.Context(), "tcp", got); err != nil {
			t.Errorf("%s is advertised as %q: %v", addr, got, err)
		} else if err := conn.Close(); err != nil {
			t.Error(err)
		}
		if err := ln.Close(); err != nil {
			t.Error(err)
		}
	}
}
