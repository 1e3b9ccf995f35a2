package mysqlfront

import (
	"encoding/binary"

	"github.com/go-mysql-org/go-mysql/mysql"

	"roster/mysqlfront/session"
)

// maxPreparedBytes bounds the text of a connection's prepared statements.
const maxPreparedBytes = 4 << 20

// statements are the prepared ones of a connection.
type statements struct {
	last uint32
	byID map[uint32]*prepared
	// bytes is their text, long what COM_STMT_SEND_LONG_DATA has brought.
	bytes, long int
}

// prepared is a statement that waits to be executed.
type prepared struct {
	session.Statement
	id   uint32
	text string
	// types are those of the last execution: clients send them once.
	types []byte
	// long holds parameters that arrived in pieces, by position.
	long map[int][]byte
	// overlong is set when more pieces came than are kept.
	overlong bool
}

func (s *statements) clear() { s.byID, s.bytes, s.long = nil, 0, 0 }

func (s *statements) add(st session.Statement, text string) *prepared {
	if s.byID == nil {
		s.byID = make(map[uint32]*prepared)
	}
	s.last++
	p := &prepared{Statement: st, id: s.last, text: text}
	s.byID[p.id] = p
	s.bytes += len(text)
	return p
}

func (s *statements) remove(id uint32) {
	if p := s.byID[id]; p != nil {
		s.reset(p)
		s.bytes -= len(p.text)
		delete(s.byID, id)
	}
}

// reset forgets the pieces.
func (s *statements) reset(p *prepared) {
	for _, piece := range p.long {
		s.long -= len(piece)
	}
	p.long, p.overlong = nil, false
}

// stmtPrepare is COM_STMT_PREPARE. Names and types of the columns are told now,
// but nothing is known of the parameters.
func (c *conn) stmtPrepare(payload []byte) {
	if limit := c.srv.opts.MaxPrepared; len(c.stmts.byID) >= limit || c.stmts.bytes+len(payload) > maxPreparedBytes {
		c.fail(failure(1461, "42000", "Can't create more than max_prepared_stmt_count statements (current value: %d)", limit))
		return
	}
	st, err := c.prepare(string(payload))
	if err != nil {
		c.fail(err)
		return
	}
	params, columns := st.Params(), st.Columns()
	if params > 1<<16-1 {
		c.fail(errManyParams)
		return
	}
	added := c.stmts.add(st, string(payload))
	p := append(c.packet(), mysql.OK_HEADER)
	p = binary.LittleEndian.AppendUint32(p, added.id)
	p = binary.LittleEndian.AppendUint16(p, uint16(len(columns)))
	p = binary.LittleEndian.AppendUint16(p, uint16(params))
	p = append(p, 0)
	_ = c.write(binary.LittleEndian.AppendUint16(p, c.warnings()))
	if params > 0 {
		for range params {
			_ = c.write(appendColumn(c.packet(), session.Column{Name: "?"}))
		}
		c.eof()
	}
	if len(columns) > 0 {
		_ = sendColumns(&c.out, columns, c.appendEOF)
	}
}

// stmtExecute is COM_STMT_EXECUTE. A cursor for reading may be asked for; all rows
// are sent at once, which clients take as well.
func (c *conn) stmtExecute(payload []byte) {
	r := reader{b: payload}
	id, flags := r.u32(), r.u8()
	r.take(4) // how often: always once
	p := c.stmts.byID[id]
	switch {
	case r.bad:
		c.fail(errMalformed)
		return
	case p == nil:
		c.fail(unknownStatement(id, "mysqld_stmt_execute"))
		return
	case flags&^mysql.CURSOR_TYPE_READ_ONLY != 0:
		c.fail(failure(1235, "42000", "Cursors for update or scrolling are not supported: execute without"))
		return
	}
	c.outdate(p.text)
	args, err := p.arguments(&r, c.session.Location)
	c.stmts.reset(p)
	if err != nil {
		c.fail(err)
		return
	}
	c.run(p.Statement, args, true)
}

// stmtSendLongData has no answer; what is wrong shows at execution.
func (c *conn) stmtSendLongData(payload []byte) {
	r := reader{b: payload}
	id, position := r.u32(), int(r.u16())
	p := c.stmts.byID[id]
	if r.bad || p == nil || position >= p.Params() {
		return
	}
	if c.stmts.long+len(r.b) > c.srv.opts.MaxPacketBytes {
		c.stmts.reset(p)
		p.overlong = true
	}
	if p.overlong {
		return
	}
	if p.long == nil {
		p.long = make(map[int][]byte)
	}
	p.long[position] = append(p.long[position], r.b...)
	c.stmts.long += len(r.b)
}

// stmtClose has no answer.
func (c *conn) stmtClose(payload []byte) {
	r := reader{b: payload}
	c.stmts.remove(r.u32())
}

func (c *conn) stmtReset(payload []byte) {
	r := reader{b: payload}
	id := r.u32()
	p := c.stmts.byID[id]
	switch {
	case r.bad:
		c.fail(errMalformed)
	case p == nil:
		c.fail(unknownStatement(id, "mysqld_stmt_reset"))
	default:
		c.stmts.reset(p)
		c.ok(nil)
	}
}

func unknownStatement(id uint32, asked string) *session.Error {
	return failure(1243, "HY000", "Unknown prepared statement handler (%d) given to %s", id, asked)
}
