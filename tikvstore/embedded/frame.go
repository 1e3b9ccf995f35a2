package embedded

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// A frame is a batch in the journal. It counts as a whole or not at all:
//
//	magic, length, checksum   4 bytes each
//	version                   8 bytes
//	entries                   kind, lengths of key and value, key, value
//	end mark                  1 byte
//
// The length is that of the entries. The checksum covers the length and all that
// follows the checksum. It starts from the salt of the segment, so that nobody
// can store a value that looks like a frame. The end mark is never zero, so a
// write that stopped short is never whole by chance.
const (
	frameMagic = "\xf7Rj1"
	headBytes  = 20
	endMark    = 0xe5
	// maxFrameBytes bounds the entries of a frame that is believed.
	maxFrameBytes = 1 << 30
)

var (
	errTorn = errors.New("no whole frame")
	castFor = crc32.MakeTable(crc32.Castagnoli)
)

// batch is what becomes durable at one version.
type batch struct {
	version uint64
	writes  []write
	seg     *segment // where the journal has it
}

// place is where the journal keeps a value; segment 0 is nowhere.
type place struct{ segment, offset, length, sum uint32 }

const placeBytes = 16

func (p place) encode() []byte {
	b := make([]byte, 0, placeBytes)
	b = binary.LittleEndian.AppendUint32(b, p.segment)
	b = binary.LittleEndian.AppendUint32(b, p.offset)
	b = binary.LittleEndian.AppendUint32(b, p.length)
	return binary.LittleEndian.AppendUint32(b, p.sum)
}

func decodePlace(b []byte) (place, bool) {
	if len(b) != placeBytes {
		return place{}, false
	}
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(b[i:]) }
	return place{word(0), word(4), word(8), word(12)}, true
}

// appendFrame appends the frame of b, and notes in the writes where in buf the
// values lie that stay in the journal.
func appendFrame(buf []byte, b *batch, segment, salt uint32) []byte {
	start := len(buf)
	buf = append(buf, frameMagic...)
	buf = append(buf, make([]byte, 8)...)
	buf = binary.LittleEndian.AppendUint64(buf, b.version)
	for i := range b.writes {
		w := &b.writes[i]
		buf = append(buf, byte(w.kind))
		buf = binary.AppendUvarint(buf, uint64(len(w.key)))
		buf = binary.AppendUvarint(buf, uint64(len(w.value)))
		buf = append(buf, w.key...)
		w.place = place{}
		if w.outside() {
			w.place = place{segment, uint32(len(buf)), uint32(len(w.value)), crc32.Checksum(w.value, castFor)}
		}
		buf = append(buf, w.value...)
	}
	frame := buf[start:]
	binary.LittleEndian.PutUint32(frame[4:], uint32(len(frame)-headBytes))
	buf = append(buf, endMark)
	frame = buf[start:]
	binary.LittleEndian.PutUint32(frame[8:], frameSum(salt, frame[:headBytes], frame[headBytes:]))
	return buf
}

// frameSum is the checksum of a frame with a head and what comes behind it.
func frameSum(salt uint32, head, rest []byte) uint32 {
	sum := crc32.Update(salt, castFor, head[4:8])
	sum = crc32.Update(sum, castFor, head[12:])
	return crc32.Update(sum, castFor, rest)
}

// headLength is the length of what follows a head, errTorn if it is none.
func headLength(head []byte) (int64, error) {
	n := binary.LittleEndian.Uint32(head[4:])
	if string(head[:4]) != frameMagic || n > maxFrameBytes {
		return 0, errTorn
	}
	return int64(n) + 1, nil
}

// decodeFrame returns the batch of a frame that starts at offset in its segment.
// The writes share rest's memory.
func decodeFrame(head, rest []byte, segment, salt, offset uint32) (*batch, error) {
	last := len(rest) - 1
	if last < 0 || rest[last] != endMark || frameSum(salt, head, rest) != binary.LittleEndian.Uint32(head[8:]) {
		return nil, errTorn
	}
	b := &batch{version: binary.LittleEndian.Uint64(head[12:])}
	for at := 0; at < last; {
		w := write{kind: kind(rest[at])}
		at++
		keyLength, n := binary.Uvarint(rest[at:last])
		at += max(n, 0)
		valueLength, m := binary.Uvarint(rest[at:last])
		at += max(m, 0)
		left := uint64(last - at)
		if n <= 0 || m <= 0 || w.kind > erase || keyLength > left || valueLength > left-keyLength {
			return nil, errTorn
		}
		w.key = rest[at : at+int(keyLength)]
		at += int(keyLength)
		w.value = rest[at : at+int(valueLength)]
		if w.outside() {
			w.place = place{segment, offset + headBytes + uint32(at), uint32(valueLength), crc32.Checksum(w.value, castFor)}
		}
		at += int(valueLength)
		b.writes = append(b.writes, w)
	}
	return b, nil
}
