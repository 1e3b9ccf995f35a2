//go:build linux

package main

import (
	"context"
	"errors"
	"maps"
	"net"
	"strings"
	"testing"
	"time"
)

func TestStart(t *testing.T) {
	t.Run("finds the addresses and ends the process", func(t *testing.T) {
		p, err := start(t.Context(), nil, []string{forHTTP, forSQL}, "sh", "-c",
			"trap 'exit 0' TERM; echo ready; printf 'listening on http://127.0.'; echo 0.1:99; "+
				"echo 'listening for MySQL on 127.0.0.1:98'; while :; do sleep 0.01; done")
		if err != nil {
			t.Fatal(err)
		}
		if want := map[string]string{forHTTP: "127.0.0.1:99", forSQL: "127.0.0.1:98"}; !maps.Equal(p.addrs, want) {
			t.Errorf("addresses %q, want %q", p.addrs, want)
		}
		if err := p.stop(); err != nil {
			t.Error(err)
		}
	})
	t.Run("shows what a process said that failed", func(t *testing.T) {
		_, err := start(t.Context(), nil, []string{forHTTP}, "sh", "-c", "echo no such flag >&2; exit 3")
		if err == nil || !strings.Contains(err.Error(), "no such flag") || !strings.Contains(err.Error(), "exit status 3") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("takes the signal it was asked to end with for a good end", func(t *testing.T) {
		p, err := start(t.Context(), nil, []string{forHTTP}, "sh", "-c", "echo 'listening on http://127.0.0.1:99'; exec sleep 60")
		if err != nil {
			t.Fatal(err)
		}
		if err := p.stop(); err != nil {
			t.Error(err)
		}
	})
	t.Run("gives up when it is cancelled", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if _, err := start(ctx, nil, []string{forHTTP}, "sleep", "60"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
	})
}

func TestTail(t *testing.T) {
	var kept tail
	for range maxTail {
		if _, err := kept.Write([]byte("early ")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := kept.Write([]byte("the end")); err != nil {
		t.Fatal(err)
	}
	if got := kept.String(); len(got) != maxTail || !strings.HasSuffix(got, "early the end") {
		t.Errorf("kept %d bytes ending in %q", len(got), got[len(got)-20:])
	}
}

func TestStartAt(t *testing.T) {
	t.Run("waits until somebody listens", func(t *testing.T) {
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		p, err := startAt(t.Context(), l.Addr().String(), "sleep", "60")
		if err != nil {
			t.Fatal(err)
		}
		if err := p.stop(); err != nil {
			t.Error(err)
		}
	})
	t.Run("shows what a process said that failed", func(t *testing.T) {
		addr, err := freeAddress(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, err = startAt(t.Context(), addr, "sh", "-c", "echo no such flag >&2; exit 3")
		if err == nil || !strings.Contains(err.Error(), "no such flag") {
			t.Errorf("got %v", err)
		}
	})
}
