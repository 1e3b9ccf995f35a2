//go:build linux

package main

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// answering returns a client whose peer takes each request and gives the replies
// in turn, then closes.
func answering(t testing.TB, request string, replies ...string) *client {
	t.Helper()
	near, far := net.Pipe()
	var wg sync.WaitGroup
	wg.Go(func() {
		defer func() { _ = far.Close() }()
		for _, reply := range replies {
			if _, err := io.ReadFull(far, make([]byte, len(request))); err != nil {
				return
			}
			if _, err := io.WriteString(far, reply); err != nil {
				return
			}
		}
	})
	t.Cleanup(func() {
		if err := near.Close(); err != nil {
			t.Error(err)
		}
		wg.Wait()
	})
	return newClient(near)
}

func TestClient(t *testing.T) {
	t.Run("reads one reply after another", func(t *testing.T) {
		c := answering(t, "ping",
			"HTTP/1.1 200 OK\r\nServer: s\r\nContent-Length: 5\r\n\r\nfirst",
			"HTTP/1.1 200 OK\r\ncontent-length:  0\r\n\r\n",
			"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond")
		for _, want := range []string{"first", "", "second"} {
			got, err := c.do([]byte("ping"))
			if err != nil || string(got) != want {
				t.Fatalf("got %q, %v; want %q", got, err, want)
			}
		}
	})
	for _, c := range []struct{ name, reply, want string }{
		{"refuses a status other than 200 and shows the reply", "HTTP/1.1 409 Conflict\r\nContent-Length: 4\r\n\r\nlost", `"HTTP/1.1 409 Conflict": lost`},
		{"refuses a reply without a length", "HTTP/1.1 200 OK\r\n\r\n", "length -1"},
		{"refuses a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n", "length -2"},
		{"refuses a length over the limit", "HTTP/1.1 200 OK\r\nContent-Length: 8388609\r\n\r\n", "length 8388609"},
		{"refuses a length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "many"},
		{"refuses endless headers", "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", maxHeaders), "header lines"},
		{"refuses a line without an end", strings.Repeat("x", 40<<10), "buffer full"},
		{"refuses a body cut short", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "unexpected EOF"},
		{"refuses silence", "", "EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := answering(t, "ping", c.reply).do([]byte("ping"))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

func FuzzClient(f *testing.F) {
	f.Add("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst")
	f.Add("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")
	f.Add("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n")
	f.Fuzz(func(t *testing.T, reply string) {
		body, err := answering(t, "ping", reply).do([]byte("ping"))
		if err == nil && !strings.HasPrefix(reply, success) {
			t.Errorf("took %q for a success", reply)
		}
		if err == nil && !strings.Contains(reply, "\n"+string(body)) {
			t.Errorf("made the body %q of %q", body, reply)
		}
	})
}
