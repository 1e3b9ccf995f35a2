package tikvstore

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"time"

	"google.golang.org/grpc"
)

// refusalWait bounds the look for why TLS fails.
const refusalWait = time.Second

// overTLS are the options by which PD's client uses TLS though it has no
// certificate of ours: by itself it would then go on in clear.
func overTLS(opts Options, config *tls.Config) []grpc.DialOption {
	if config == nil || opts.Cert != "" {
		return nil // with one it does
	}
	config = config.Clone()
	config.NextProtos = []string{"h2"}
	dialer := &tls.Dialer{Config: config}
	return []grpc.DialOption{grpc.WithContextDialer(func(ctx context.Context, addr string) (net.Conn, error) {
		return dialer.DialContext(ctx, "tcp", addr)
	})}
}

// refusal is why we and a PD member do not agree on TLS, nil if that is not what
// is wrong. PD's client only tells that nobody answers.
func refusal(ctx context.Context, addrs []string, config *tls.Config) error {
	if config == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refusalWait)
	defer cancel()
	for _, addr := range addrs {
		if _, host, found := strings.Cut(addr, "://"); found {
			addr = host
		}
		if err := handshake(ctx, addr, config); err != nil {
			return err
		}
	}
	return nil
}

func handshake(ctx context.Context, addr string, config *tls.Config) error {
	config = config.Clone()
	config.NextProtos = []string{"h2"}
	conn, err := (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", addr)
	if err == nil {
		defer func() { _ = conn.Close() }()
		// What a server thinks of our certificate comes after the handshake.
		deadline, _ := ctx.Deadline()
		_ = conn.SetReadDeadline(deadline)
		_, err = conn.Read(make([]byte, 1))
	}
	var verification *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var op *net.OpError
	if errors.As(err, &verification) || errors.As(err, &record) || errors.As(err, &op) && op.Op == "remote error" {
		return err
	}
	return nil
}
