package mysqlfront

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"roster/mysqlfront/session"
)

func FuzzArguments(f *testing.F) {
	f.Add(1, []byte("\x00\x01\xfd\x00\x03abc"), []byte(nil))
	f.Add(3, []byte("\x02\x01\x08\x80\x08\x00\x05\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xf8\x7f"), []byte("piece"))
	f.Add(1, []byte("\x00\x01\x0c\x00\x0b\xea\x07\x0b\x17\x12\x05\x09\x01\x00\x00\x00"), []byte(nil))
	f.Add(1, []byte("\x00\x01\x0b\x00\x0c\x01\xff\xff\xff\xff\x02\x03\x04\x05\x00\x00\x00"), []byte(nil))
	f.Add(1, []byte("\x00\x01\xfe\x00\xfe\xff\xff\xff\xff\xff\xff\xff\xff"), []byte(nil))
	f.Fuzz(func(t *testing.T, n int, payload, long []byte) {
		n = max(0, min(n, 1000))
		p := &prepared{Statement: &statement{words: []string{strings.Repeat("?", n)}}}
		if long != nil {
			p.long = map[int][]byte{0: long}
		}
		args, err := p.arguments(&reader{b: payload}, time.UTC)
		if err == nil && len(args) != n {
			t.Fatalf("%d arguments for %d parameters", len(args), n)
		}
		for _, a := range args {
			switch a.(type) {
			case nil, int64, uint64, float64, string, []byte, time.Time:
			default:
				t.Errorf("an argument is a %T", a)
			}
		}
	})
}

// FuzzCommands has a logged-in client send any bytes: the connection ends, and
// nothing panics on the way.
func FuzzCommands(f *testing.F) {
	packet := func(payload string) string { return string(finish(append(make([]byte, headerBytes), payload...), 0)) }
	f.Add([]byte(packet("\x03echo x") + packet("\x0e") + packet("\x01")))
	f.Add([]byte(packet("\x16echo ?") + packet("\x17"+execution(1, 253, 0, "\x01x")) + packet("\x19\x01\x00\x00\x00")))
	f.Add([]byte(packet("\x16typed ?") + packet("\x18"+piece(1, 0, "x")) + packet("\x17"+execution(1, 252, 0, ""))))
	f.Add([]byte(packet("\x02inst") + packet("\x04t\x00") + packet("\x09") + packet("\x1f") + packet("\x1b\x01\x00")))
	f.Add([]byte(packet("\x11sha\x00\x00inst\x00") + "\x00\x00\x00\x02"))
	f.Add([]byte(packet("\x0c\x01\x00\x00\x00") + packet("")))
	f.Add([]byte("\xff\xff\xff\x00"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		if strings.Contains(strings.ToLower(string(sent)), "panic") || strings.Contains(string(sent), "slow") || strings.Contains(string(sent), "count") {
			return // what the fake engine does on purpose
		}
		e := newEngine()
		e.typed, e.records = table()
		s := New(Options{Engines: []session.Engine{e}, Users: testUsers(), AllowEmptyPassword: true, LoginTimeout: time.Second})
		client, far := net.Pipe()
		c := newConn(s, far)
		c.open(1, &User{Name: "root", Role: session.Admin}, true, session.Client{})
		c.attach(far, 0)
		done := make(chan struct{})
		go func() {
			defer close(done)
			c.loop()
			_ = far.Close()
		}()
		read := make(chan struct{})
		go func() {
			defer close(read)
			_, _ = io.Copy(io.Discard, client)
		}()
		_, _ = client.Write(sent)
		_ = client.Close()
		<-done
		<-read
		r := &running{Server: s, t: t}
		if r.panics("statement") != 0 {
			t.Error("a command panicked")
		}
	})
}
