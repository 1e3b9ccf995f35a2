package faults

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	"roster/tests/harness"
)

// begun is a request whose headers the server has read, and whose body it
// waits for.
type begun struct {
	operation
	conn    net.Conn
	replies *bufio.Reader
	body    []byte
}

// begin sends the headers of a request and waits for the server to ask for the
// body.
func begin(t *testing.T, s *harness.Server, op operation) *begun {
	t.Helper()
	body, err := protojson.Marshal(op.request)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address(s))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(requestLimit)); err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(conn, "POST %s?token=%s HTTP/1.1\r\nHost: roster\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n",
		harness.Path(op.route), harness.DefaultToken, len(body))
	if err != nil {
		t.Fatal(err)
	}
	b := &begun{operation: op, conn: conn, replies: bufio.NewReader(conn), body: body}
	for _, want := range []string{"HTTP/1.1 100 Continue\r\n", "\r\n"} {
		if line, err := b.replies.ReadString('\n'); line != want {
			t.Fatalf("the server answered the headers with %q, %v, want %q", line, err, want)
		}
	}
	return b
}

// complete sends the body: the request has to succeed.
func (b *begun) complete() error {
	if _, err := b.conn.Write(b.body); err != nil {
		return fmt.Errorf("sending the rest of %v: %w", b.operation, err)
	}
	resp, err := http.ReadResponse(b.replies, nil)
	if err != nil {
		return fmt.Errorf("%v was accepted and not answered: %w", b.operation, err)
	}
	if err := resp.Body.Close(); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || !resp.Close {
		return fmt.Errorf("%v was answered %s, keeping the connection %t, want 200 and the connection closed", b.operation, resp.Status, !resp.Close)
	}
	return nil
}
