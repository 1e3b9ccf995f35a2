//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/server"
)

// The flags that make the bench program the server of startConstantSQL.
const (
	constantSQLFlag = "constant-sql"
	coalesceFlag    = "coalesce"
)

// startConstantSQL runs a server that answers each query with the bytes given for
// it: what the MySQL library could do were the work for nothing. As the library is,
// each packet is a write of its own; coalesced, an answer is.
func startConstantSQL(ctx context.Context, dir string, questions []*question, coalesce bool) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	answers := map[string][]byte{}
	for _, q := range questions {
		if q.values == nil {
			answers[q.text] = q.answer
		}
	}
	text, err := json.Marshal(answers)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "answers")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return nil, err
	}
	return start(ctx, nil, []string{forSQL}, self, "-"+constantSQLFlag, path, fmt.Sprintf("-%s=%t", coalesceFlag, coalesce))
}

// serveConstantSQL is that server, until the end of ctx.
func serveConstantSQL(ctx context.Context, path string, coalesce bool) error {
	handler, err := readAnswers(path)
	if err != nil {
		return err
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("%s%s\n", forSQL, ln.Addr())
	return handler.serve(ctx, ln, coalesce)
}

// serve returns nil at the end of ctx, when every connection is closed.
func (a *answers) serve(ctx context.Context, ln net.Listener, coalesce bool) error {
	defer context.AfterFunc(ctx, func() { _ = ln.Close() })()
	constant := server.NewServer("8.0.0", mysql.DEFAULT_COLLATION_ID, mysql.AUTH_NATIVE_PASSWORD, nil, nil)
	users := server.NewInMemoryAuthenticationHandler(mysql.AUTH_NATIVE_PASSWORD)
	if err := users.AddUser(sqlUser, ""); err != nil {
		return errors.Join(err, ln.Close())
	}
	var wg sync.WaitGroup
	for {
		conn, err := ln.Accept()
		if errors.Is(err, net.ErrClosed) {
			wg.Wait()
			return nil
		}
		if err != nil {
			return err
		}
		wg.Go(func() {
			defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
			if !coalesce {
				a.serveConn(constant, conn, users)
				return
			}
			a.serveConn(constant, &coalesced{Conn: conn, out: bufio.NewWriterSize(conn, 32<<10)}, users)
		})
	}
}

// coalesced sends what was written when the next command is waited for.
type coalesced struct {
	net.Conn
	out *bufio.Writer
}

func (c *coalesced) Write(p []byte) (int, error) { return c.out.Write(p) }

func (c *coalesced) Read(p []byte) (int, error) {
	if err := c.out.Flush(); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

// answers are results by their queries.
type answers struct {
	server.EmptyHandler
	results map[string]*mysql.Result
}

func (a *answers) HandleQuery(query string) (*mysql.Result, error) {
	result, ok := a.results[query]
	if !ok {
		return nil, fmt.Errorf("no answer to %s", query)
	}
	return result, nil
}

// serveConn answers until the client leaves. It loses what goes wrong: the client
// sees it too, and fails the bench.
func (a *answers) serveConn(constant *server.Server, conn net.Conn, users server.AuthenticationHandler) {
	c, err := constant.NewCustomizedConn(conn, users, a)
	for err == nil && !c.Closed() {
		err = c.HandleCommand()
	}
	_ = conn.Close()
}

func readAnswers(path string) (*answers, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var raw map[string][]byte
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, err
	}
	a := &answers{results: map[string]*mysql.Result{}}
	for query, packets := range raw {
		if a.results[query], err = resultOf(packets); err != nil {
			return nil, fmt.Errorf("the answer to %s: %w", query, err)
		}
	}
	return a, nil
}

// resultOf takes apart the packets of an answer: a count, columns, an end, rows, an
// end.
func resultOf(packets []byte) (*mysql.Result, error) {
	set := &mysql.Resultset{}
	for first, inRows := true, false; len(packets) > 0; first = false {
		size := sqlHeader + int(packets[0]) | int(packets[1])<<8 | int(packets[2])<<16
		if size > len(packets) {
			return nil, fmt.Errorf("a packet of %d bytes is cut after %d", size, len(packets))
		}
		payload := packets[sqlHeader:size]
		packets = packets[size:]
		switch {
		case first:
		case payload[0] == mysql.EOF_HEADER && len(payload) < 9:
			inRows = true
		case inRows:
			set.RowDatas = append(set.RowDatas, payload)
		default:
			field, err := mysql.FieldData(payload).Parse()
			if err != nil {
				return nil, err
			}
			set.Fields = append(set.Fields, field)
		}
	}
	return mysql.NewResult(set), nil
}
