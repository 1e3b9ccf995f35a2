package mysqlfront

import (
	"bytes"
	"errors"
	"testing"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// TestLongPackets has payloads that take several packets read as the protocol has it.
func TestLongPackets(t *testing.T) {
	for _, n := range []int{0, 1, mysql.MaxPayloadLen - 1, mysql.MaxPayloadLen, mysql.MaxPayloadLen + 5, 2*mysql.MaxPayloadLen + 1} {
		payload := bytes.Repeat([]byte("abcdefg"), n/7+1)[:n]
		p := packets{sequence: 254}
		p.end(append(p.begin(), "first"...))
		p.end(append(p.begin(), payload...))
		p.end(append(p.begin(), "last"...))

		sequence, rest := byte(254), p.room
		var got [][]byte
		for joined := []byte(nil); len(rest) > 0; sequence++ {
			size := lengthOf(rest)
			if rest[3] != sequence {
				t.Fatalf("%d bytes: packet %d comes where %d is next", n, rest[3], sequence)
			}
			joined = append(joined, rest[headerBytes:headerBytes+size]...)
			rest = rest[headerBytes+size:]
			if size < mysql.MaxPayloadLen {
				got, joined = append(got, joined), nil
			}
		}
		if len(got) != 3 || string(got[0]) != "first" || !bytes.Equal(got[1], payload) || string(got[2]) != "last" {
			t.Errorf("%d bytes come as %d payloads", n, len(got))
		}
		if sequence != p.sequence {
			t.Errorf("%d bytes: %d is next, want %d", n, p.sequence, sequence)
		}
	}
}

// failing is a connection that takes one write.
type failing struct{ writes, bytes int }

func (f *failing) Write(p []byte) (int, error) {
	f.writes++
	f.bytes += len(p)
	if f.writes > 1 {
		return 0, errors.New("no more")
	}
	return len(p), nil
}

func TestAnswerIsWrittenAtOnce(t *testing.T) {
	w := new(failing)
	a := answer{w: w}
	for range 100 {
		if err := a.end(append(a.begin(), "a short row"...)); err != nil {
			t.Fatal(err)
		}
	}
	if w.writes != 0 {
		t.Errorf("%d writes before the end", w.writes)
	}
	if err := a.flush(); err != nil || w.writes != 1 || w.bytes != 100*(headerBytes+len("a short row")) {
		t.Errorf("%d bytes in %d writes, %v", w.bytes, w.writes, err)
	}
	if a.borrowed != nil {
		t.Error("room is held by an answer that is written")
	}
	if err := a.end(append(a.begin(), make([]byte, flushBytes)...)); !errors.Is(err, errGone) {
		t.Errorf("a failed write: got %v, want %v", err, errGone)
	}
	if err := a.flush(); err == nil {
		t.Error("a failed write is forgotten")
	}
}
