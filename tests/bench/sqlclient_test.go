//go:build linux

package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// A server's packets, without their numbers.
var (
	sqlOK       = sqlPacket(0, []byte{0, 0, 0, 2, 0, 0, 0})
	sqlEnd      = sqlPacket(0, []byte{0xfe, 0, 0, 0, 0})
	sqlRefusal  = sqlPacket(0, []byte("\xff\x7a\x04#42S02there is no such table"))
	sqlGreeting = sqlPacket(0, append([]byte{10}, "8.0.0\x00 and more"...))
	sqlColumn   = sqlPacket(0, []byte("\x03def\x00\x00\x00\x01a\x00\x0c\x2d\x00\x10\x00\x00\x00\xfd\x00\x00\x00\x00\x00"))
	sqlAnswer   = bytes.Join([][]byte{sqlPacket(0, []byte{1}), sqlColumn, sqlEnd, sqlPacket(0, []byte("\x01x")), sqlPacket(0, []byte("\x02yz")), sqlEnd}, nil)
)

// talking is a client whose peer sends the bytes and takes whatever comes.
func talking(t *testing.T, said ...[]byte) *sqlClient {
	t.Helper()
	near, far := net.Pipe()
	var wg sync.WaitGroup
	wg.Go(func() { _, _ = io.Copy(io.Discard, far) })
	wg.Go(func() {
		for _, p := range said {
			if _, err := far.Write(p); err != nil {
				return
			}
		}
		_ = far.Close()
	})
	t.Cleanup(func() {
		if err := near.Close(); err != nil {
			t.Error(err)
		}
		wg.Wait()
	})
	return newSQLClient(near)
}

func TestSQLClientReads(t *testing.T) {
	c := talking(t, sqlAnswer, sqlAnswer)
	for range 2 {
		rows, size, err := c.do(sqlQuery("x"))
		if err != nil || rows != 2 || size != len(sqlAnswer) {
			t.Fatalf("%d rows in %d bytes, %v; want 2 in %d", rows, size, err, len(sqlAnswer))
		}
	}
}

func TestSQLClientRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		said [][]byte
		want string
	}{
		"an error":                   {[][]byte{sqlRefusal}, "error 1146: there is no such table"},
		"an error after some rows":   {[][]byte{sqlAnswer[:len(sqlAnswer)-len(sqlEnd)], sqlRefusal}, "error 1146: there is no such table"},
		"an answer without rows":     {[][]byte{sqlOK}, "not to be expected"},
		"an answer cut short":        {[][]byte{sqlAnswer[:len(sqlAnswer)-2]}, "EOF"},
		"a packet over the limit":    {[][]byte{{0xff, 0xff, 0xff, 0}}, "16777215 bytes"},
		"a packet of nothing at all": {[][]byte{{0, 0, 0, 0}}, "0 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := talking(t, tc.said...).do(sqlQuery("x"))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want an error with %q", err, tc.want)
			}
		})
	}
}

func TestSQLClientChanges(t *testing.T) {
	changed := sqlPacket(0, []byte{0, 1, 0, 2, 0, 0, 0})
	for name, tc := range map[string]struct {
		said       []byte
		exec, make string
	}{
		"one row":  {changed, "", ""},
		"no row":   {sqlOK, "", "changed no row"},
		"nothing":  {nil, "EOF", "EOF"},
		"an error": {sqlRefusal, "error 1146", "error 1146"},
		"rows":     {sqlAnswer, "not to be expected", "not to be expected"},
	} {
		t.Run(name, func(t *testing.T) {
			for want, err := range map[*string]error{
				&tc.exec: talking(t, tc.said).exec(sqlQuery("x")),
				&tc.make: talking(t, tc.said).change(sqlQuery("x")),
			} {
				if (err == nil) != (*want == "") || err != nil && !strings.Contains(err.Error(), *want) {
					t.Errorf("got %v, want %q", err, *want)
				}
			}
		})
	}
}

func TestSQLClientReadsOneValue(t *testing.T) {
	one := bytes.Join([][]byte{sqlPacket(0, []byte{1}), sqlColumn, sqlEnd, sqlPacket(0, []byte("\x02yz")), sqlEnd}, nil)
	if got, err := talking(t, one).value("x"); err != nil || got != "yz" {
		t.Errorf("got %q, %v; want yz", got, err)
	}
	if _, err := talking(t, sqlAnswer).value("x"); err == nil {
		t.Error("two rows are no error")
	}
}

func TestSQLClientLogsIn(t *testing.T) {
	for name, tc := range map[string]struct {
		said [][]byte
		want string
	}{
		"at once":                  {[][]byte{sqlGreeting, sqlOK}, ""},
		"with the plugin asked of": {[][]byte{sqlGreeting, sqlPacket(0, []byte("\xfeother\x00salt")), sqlOK}, ""},
		"but is denied":            {[][]byte{sqlGreeting, sqlRefusal}, "error 1146"},
		"but is turned away":       {[][]byte{sqlRefusal}, "error 1146"},
	} {
		t.Run(name, func(t *testing.T) {
			err := talking(t, tc.said...).login()
			if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestSQLClientPrepares(t *testing.T) {
	prepared := sqlPacket(0, []byte{0, 7, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0})
	c := talking(t, prepared, sqlColumn, sqlEnd, sqlColumn, sqlEnd, sqlAnswer)
	command, err := c.prepare("SELECT a FROM b WHERE c = ?", "value")
	want := sqlPacket(0, []byte("\x17\x07\x00\x00\x00\x00\x01\x00\x00\x00\x00\x01\xfd\x00\x05value"))
	if err != nil || !bytes.Equal(command, want) {
		t.Fatalf("got %q, %v; want %q", command, err, want)
	}
	if rows, _, err := c.do(command); err != nil || rows != 2 {
		t.Errorf("%d rows, %v; want those after the description", rows, err)
	}
	if _, err := talking(t, prepared).prepare("SELECT 1"); err == nil {
		t.Error("a parameter without a value is no error")
	}
}

func TestConstantSQLServerAnswersTheSameBytes(t *testing.T) {
	for name, coalesce := range map[string]bool{"packet by packet": false, "coalesced": true} {
		t.Run(name, func(t *testing.T) {
			result, err := resultOf(sqlAnswer)
			if err != nil {
				t.Fatal(err)
			}
			a := &answers{results: map[string]*mysql.Result{"known": result}}
			ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(t.Context())
			served := make(chan error, 1)
			go func() { served <- a.serve(ctx, ln, coalesce) }()
			c, err := dialSQL(t.Context(), ln.Addr().String(), time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.answerTo(sqlQuery("known"))
			if err != nil || !bytes.Equal(unnumbered(got), sqlAnswer) {
				t.Errorf("got %q, %v; want %q", got, err, sqlAnswer)
			}
			if _, _, err := c.do(sqlQuery("other")); err == nil {
				t.Error("another query is no error")
			}
			stop()
			if err := <-served; err != nil {
				t.Error(err)
			}
			if err := c.close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// unnumbered are packets with the number of each set to 0.
func unnumbered(packets []byte) []byte {
	packets = bytes.Clone(packets)
	for p := packets; len(p) > sqlHeader; p = p[sqlHeader+int(p[0]):] {
		p[3] = 0
	}
	return packets
}

func TestResultOfCutPackets(t *testing.T) {
	if _, err := resultOf(sqlAnswer[:len(sqlAnswer)-1]); err == nil {
		t.Error("a cut packet is no error")
	}
}
