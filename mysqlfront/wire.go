package mysqlfront

import (
	"encoding/binary"

	"github.com/go-mysql-org/go-mysql/mysql"

	"roster/core"
	"roster/mysqlfront/session"
)

// packet is room to append a payload to.
func (c *conn) packet() []byte { return c.out.begin() }

// write takes a payload that was appended to packet's room.
func (c *conn) write(p []byte) error { return c.out.end(p) }

func appendError(p []byte, e *session.Error) []byte {
	p = append(p, mysql.ERR_HEADER)
	p = binary.LittleEndian.AppendUint16(p, e.Number)
	p = append(p, '#')
	p = append(p, e.State...)
	return append(p, e.Msg...)
}

// fail answers with an error, which SHOW WARNINGS shows too.
func (c *conn) fail(err error) {
	e := session.Shown(err)
	c.errno = e.Number
	if core.CodeOf(err) == core.Undetermined {
		c.broken = true // so that no client takes the connection for a settled one
	}
	c.session.Warnings = append(c.session.Warnings, session.Warning{Level: "Error", Code: e.Number, Message: e.Msg})
	c.logFailure(e, err)
	_ = c.write(appendError(c.packet(), e))
}

// ok answers with an OK packet.
func (c *conn) ok(r *session.Result) {
	if r == nil {
		r = new(session.Result)
	}
	p := append(c.packet(), mysql.OK_HEADER)
	p = mysql.AppendLengthEncodedInteger(p, r.Affected)
	p = mysql.AppendLengthEncodedInteger(p, r.InsertID)
	p = binary.LittleEndian.AppendUint16(p, c.status())
	p = binary.LittleEndian.AppendUint16(p, c.warnings())
	if r.Info != "" && c.caps&mysql.CLIENT_SESSION_TRACK != 0 {
		p = appendString(p, r.Info)
	} else {
		p = append(p, r.Info...)
	}
	_ = c.write(p)
}

// eof ends a list of columns or rows.
func (c *conn) eof() { _ = c.write(c.appendEOF(c.packet())) }

func (c *conn) appendEOF(p []byte) []byte { return appendEOF(p, c.warnings(), c.status()) }

func appendEOF(p []byte, warnings, status uint16) []byte {
	p = append(p, mysql.EOF_HEADER)
	p = binary.LittleEndian.AppendUint16(p, warnings)
	return binary.LittleEndian.AppendUint16(p, status)
}

func (c *conn) warnings() uint16 { return uint16(min(len(c.session.Warnings), 1<<16-1)) }

func (c *conn) status() uint16 {
	if c.session.Snapshot != 0 {
		return mysql.SERVER_STATUS_AUTOCOMMIT | mysql.SERVER_STATUS_IN_TRANS | mysql.SERVER_STATUS_IN_TRANS_READONLY
	}
	return mysql.SERVER_STATUS_AUTOCOMMIT
}

func appendString[T string | []byte](p []byte, s T) []byte {
	return append(mysql.AppendLengthEncodedInteger(p, uint64(len(s))), s...)
}

// reader takes a payload apart. Past its end it yields zeros and is bad.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.b, r.bad = nil, true
		return nil
	}
	taken := r.b[:n:n]
	r.b = r.b[n:]
	return taken
}

func (r *reader) u8() byte    { return byte(r.uint(1)) }
func (r *reader) u16() uint16 { return uint16(r.uint(2)) }
func (r *reader) u32() uint32 { return uint32(r.uint(4)) }
func (r *reader) u64() uint64 { return r.uint(8) }

// uint is n bytes, the lowest first.
func (r *reader) uint(n int) uint64 {
	var v uint64
	for i, b := range r.take(n) {
		v |= uint64(b) << (8 * i)
	}
	return v
}

// until0 is the bytes before a 0, which must be there.
func (r *reader) until0() []byte {
	for i, b := range r.b {
		if b == 0 {
			s := r.take(i)
			r.take(1)
			return s
		}
	}
	r.b, r.bad = nil, true
	return nil
}

// prefixed is bytes after their length.
func (r *reader) prefixed() []byte {
	first := r.u8()
	n := uint64(first)
	switch first {
	case 0xfb, 0xff: // NULL, and nothing
		r.bad = true
	case 0xfc:
		n = r.uint(2)
	case 0xfd:
		n = r.uint(3)
	case 0xfe:
		n = r.u64()
	}
	if r.bad || n > uint64(len(r.b)) {
		r.b, r.bad = nil, true
		return nil
	}
	return r.take(int(n))
}
