//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"strconv"

	"github.com/valyala/fasthttp"
)

// constantFlag makes the bench program the server of startConstant.
const constantFlag = "constant"

// startConstant runs a server that answers every request with the same bytes:
// what the load client and the HTTP library could do were the work for nothing.
func startConstant(ctx context.Context, bodyBytes int) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return start(ctx, nil, []string{forHTTP}, self, "-"+constantFlag, strconv.Itoa(bodyBytes))
}

// serveConstant is that server, until the end of ctx.
func serveConstant(ctx context.Context, bodyBytes int) error {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	body := bytes.Repeat([]byte("x"), bodyBytes)
	server := &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) {
		ctx.SetContentType("application/json")
		ctx.Response.SetBodyRaw(body)
	}}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(ln) }()
	fmt.Printf("%s%s\n", forHTTP, ln.Addr())
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return ln.Close()
	}
}
