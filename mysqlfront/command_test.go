package mysqlfront

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestCommands(t *testing.T) {
	r := start(t)
	t.Run("an OK packet tells rows, id, warnings and text", func(t *testing.T) {
		c := r.loggedIn()
		c.command(3, "note")
		if got, want := c.expect(0), []byte("\x00\x03\x07\x02\x00\x01\x00three changed"); !bytes.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("statistics are a bare string", func(t *testing.T) {
		c := r.loggedIn()
		c.command(9, "")
		if got := string(c.expect('U')); !strings.HasPrefix(got, "Uptime: ") || !strings.Contains(got, "  Threads: ") {
			t.Errorf("got %q", got)
		}
	})
	t.Run("init db changes the database and tells of a missing one", func(t *testing.T) {
		c := r.loggedIn()
		c.command(2, "some`where")
		c.expect(0)
		c.command(2, "missing")
		if p := c.expect(0xff); c.errno(p) != 1049 {
			t.Errorf("got %q, want 1049", p)
		}
	})
	t.Run("field list names columns", func(t *testing.T) {
		c := r.loggedIn()
		c.command(4, "t\x00%")
		if got := c.expect(3); !bytes.Contains(got, []byte("\x05value\x05value")) || got[len(got)-1] != 0xfb {
			t.Errorf("got %q", got)
		}
		c.expect(0xfe)
	})
	t.Run("several statements can be switched off, not on", func(t *testing.T) {
		c := r.loggedIn()
		c.command(27, "\x01\x00")
		c.expect(0xfe)
		c.command(27, "\x00\x00")
		if p := c.expect(0xff); c.errno(p) != 1235 {
			t.Errorf("got %q, want 1235", p)
		}
	})
	t.Run("unknown commands are answered with 1047", func(t *testing.T) {
		c := r.loggedIn()
		for code := range 256 {
			if _, known := commands[byte(code)]; known {
				continue
			}
			c.command(byte(code), "x")
			if p := c.expect(0xff); c.errno(p) != 1047 {
				t.Errorf("command %d got %q, want 1047", code, p)
			}
		}
	})
	t.Run("short commands are answered with 1835", func(t *testing.T) {
		for _, code := range []byte{12, 23, 26, 27} {
			c := r.loggedIn()
			c.command(code, "\x01")
			if p := c.expect(0xff); c.errno(p) != 1835 {
				t.Errorf("command %d got %q, want 1835", code, p)
			}
		}
	})
	t.Run("reset makes the session new and keeps the database", func(t *testing.T) {
		c := r.loggedIn()
		c.command(2, "inst")
		c.expect(0)
		c.command(3, "set changed")
		c.expect(0)
		c.command(22, "echo ?")
		id := c.expect(0)[1:5]
		c.expect(3)
		c.expect(0xfe)
		c.expect(3)
		c.expect(0xfe)
		c.command(31, "")
		c.expect(0)
		c.command(3, "database")
		c.expect(1)
		c.expect(3)
		c.expect(0xfe)
		if got := string(c.expect(10)); got != "\x0ainst/root/" {
			t.Errorf("got %q", got)
		}
		c.expect(0xfe)
		c.command(23, string(id)+"\x00\x01\x00\x00\x00")
		if p := c.expect(0xff); c.errno(p) != 1243 {
			t.Errorf("a statement prepared before got %q, want 1243", p)
		}
	})
	t.Run("quit closes", func(t *testing.T) {
		c := r.loggedIn()
		c.command(1, "")
		c.closed()
	})
	t.Run("the process list knows what runs", func(t *testing.T) {
		c := r.loggedIn()
		c.command(3, "slow")
		<-r.engine.started
		found := false
		for _, s := range r.Sessions() {
			a := s.Activity()
			found = found || a.Command == "Query" && a.Statement == "slow" && time.Since(a.Since) < waitTime
		}
		if !found {
			t.Error("the statement is not shown")
		}
		close(r.engine.finish)
		c.expect(0)
	})
}

func TestPacketLimits(t *testing.T) {
	t.Run("a command of the allowed size passes", func(t *testing.T) {
		r := start(t, func(o *Options) { o.MaxPacketBytes = 1000 })
		c := r.loggedIn()
		c.command(3, "note "+strings.Repeat("x", 994))
		c.expect(0)
	})
	for name, size := range map[string]int{"one more byte": 1000, "several packets in a chain": 1<<24 - 2} {
		t.Run(name+" gets 1153 and the connection ends", func(t *testing.T) {
			r := start(t, func(o *Options) { o.MaxPacketBytes = 1000 })
			c := r.loggedIn()
			c.command(3, strings.Repeat("x", size))
			if p := c.expect(0xff); c.errno(p) != 1153 {
				t.Errorf("got %q, want 1153", p[:min(len(p), 100)])
			}
			c.closed()
			r.healthy()
		})
	}
	t.Run("a packet out of order gets 1156 and the connection ends", func(t *testing.T) {
		r := start(t)
		c := r.loggedIn()
		c.sequence = 5
		c.send([]byte{14})
		if p := c.expect(0xff); c.errno(p) != 1156 {
			t.Errorf("got %q, want 1156", p)
		}
		c.closed()
	})
	t.Run("an empty packet ends its connection only", func(t *testing.T) {
		r := start(t)
		other, c := r.loggedIn(), r.loggedIn()
		c.sequence = 0
		c.send(nil)
		c.closed()
		other.command(14, "")
		other.expect(0)
		if r.panics("statement") != 0 {
			t.Error("it panicked")
		}
	})
}
