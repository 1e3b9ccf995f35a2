//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// Bounds of a reply.
const (
	maxReply   = 8 << 20
	maxHeaders = 64
)

// client speaks HTTP/1.1 over one connection that is kept open. It sends
// requests as they are and reads of a reply only what it must, so that on a
// machine shared with the server it takes little of it.
type client struct {
	conn net.Conn
	r    *bufio.Reader
	body []byte
}

// dial connects; everything sent later has to be done within the limit.
func dial(ctx context.Context, addr string, limit time.Duration) (*client, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(time.Now().Add(limit)); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return newClient(conn), nil
}

func newClient(conn net.Conn) *client {
	return &client{conn: conn, r: bufio.NewReaderSize(conn, 32<<10)}
}

// success begins the reply to a request that was served.
const success = "HTTP/1.1 200 "

// do sends a request and returns the body of the reply, valid until the next
// call. A status other than 200 is an error.
func (c *client) do(request []byte) ([]byte, error) {
	if _, err := c.conn.Write(request); err != nil {
		return nil, err
	}
	status, err := c.r.ReadSlice('\n')
	if err != nil {
		return nil, fmt.Errorf("reading a reply: %w", err)
	}
	line := success
	if !bytes.HasPrefix(status, []byte(success)) {
		line = string(bytes.TrimSpace(status[:min(len(status), 80)]))
	}
	size, err := c.headers()
	if err != nil {
		return nil, fmt.Errorf("reply %q: %w", line, err)
	}
	if cap(c.body) < size {
		c.body = make([]byte, size)
	}
	c.body = c.body[:size]
	if _, err := io.ReadFull(c.r, c.body); err != nil {
		return nil, fmt.Errorf("reply %q: %w", line, err)
	}
	if line != success {
		return nil, fmt.Errorf("reply %q: %.300s", line, c.body)
	}
	return c.body, nil
}

var contentLength = []byte("Content-Length:")

// headers reads up to the body and returns its length.
func (c *client) headers() (int, error) {
	size := -1
	for range maxHeaders {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if len(line) <= 2 {
			if size < 0 || size > maxReply {
				return 0, fmt.Errorf("its length %d is not between 0 and %d", size, maxReply)
			}
			return size, nil
		}
		if len(line) > len(contentLength) && bytes.EqualFold(line[:len(contentLength)], contentLength) {
			size, err = strconv.Atoi(string(bytes.TrimSpace(line[len(contentLength):])))
			if err != nil {
				return 0, err
			}
		}
	}
	return 0, fmt.Errorf("more than %d header lines", maxHeaders)
}

func (c *client) close() error { return c.conn.Close() }
