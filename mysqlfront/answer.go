package mysqlfront

import (
	"io"
	"slices"
	"sync"

	"github.com/go-mysql-org/go-mysql/mysql"
)

const (
	// headerBytes is the length of a packet's header.
	headerBytes = 4
	// flushBytes is how much of an answer is written at once.
	flushBytes = 16 << 10
	// maxKept bounds the room for answers that is kept for the next one.
	maxKept = 64 << 10
)

// packets are an answer, or a part of one, as the client is to read it.
type packets struct {
	room []byte
	// sequence is the number of the next packet.
	sequence byte
}

// begin is room to append a payload to. Nothing comes of it without end.
func (p *packets) begin() []byte { return append(p.room, make([]byte, headerBytes)...) }

// end takes what was appended for a packet, or several if it is too long for one.
func (p *packets) end(grown []byte) {
	at := len(p.room)
	for len(grown)-at-headerBytes >= mysql.MaxPayloadLen {
		next := at + headerBytes + mysql.MaxPayloadLen
		finish(grown[at:next], p.sequence)
		p.sequence++
		grown, at = slices.Insert(grown, next, make([]byte, headerBytes)...), next
	}
	finish(grown[at:], p.sequence)
	p.sequence++
	p.room = grown
}

// copy takes packets whatever their numbers are.
func (p *packets) copy(whole []byte) {
	at := len(p.room)
	p.room = append(p.room, whole...)
	for at < len(p.room) {
		header := p.room[at : at+headerBytes]
		header[3] = p.sequence
		p.sequence++
		at += headerBytes + (int(header[0]) | int(header[1])<<8 | int(header[2])<<16)
	}
}

// finish writes the header of a packet.
func finish(p []byte, sequence byte) []byte {
	n := len(p) - headerBytes
	p[0], p[1], p[2], p[3] = byte(n), byte(n>>8), byte(n>>16), sequence
	return p
}

// answer is what is being written to a client. Room is borrowed while it is
// needed, so that idle connections hold none.
type answer struct {
	packets
	w        io.Writer
	borrowed *[]byte
	// err is why writing ended.
	err error
}

var rooms = sync.Pool{New: func() any { return new(make([]byte, 0, flushBytes)) }}

func (a *answer) begin() []byte {
	a.borrow()
	return a.packets.begin()
}

func (a *answer) borrow() {
	if a.borrowed == nil {
		a.borrowed = rooms.Get().(*[]byte)
		a.room = (*a.borrowed)[:0]
	}
}

// add takes packets that follow those there are.
func (a *answer) add(more packets) error {
	a.borrow()
	a.room, a.sequence = append(a.room, more.room...), more.sequence
	return a.bound()
}

// end takes a packet. A failure to write shows again when the answer is flushed.
func (a *answer) end(grown []byte) error {
	a.packets.end(grown)
	return a.bound()
}

// bound writes what has come together if that is much.
func (a *answer) bound() error {
	if len(a.room) >= flushBytes && a.flush() != nil {
		return errGone
	}
	return nil
}

// flush writes what has come together.
func (a *answer) flush() error {
	if len(a.room) > 0 && a.err == nil {
		_, a.err = a.w.Write(a.room)
	}
	if a.borrowed != nil {
		if cap(a.room) <= maxKept {
			*a.borrowed = a.room
			rooms.Put(a.borrowed)
		}
		a.room, a.borrowed = nil, nil
	}
	return a.err
}
