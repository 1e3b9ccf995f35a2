package embedded

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	// A segment's head is its magic, id, salt, before and a checksum.
	segmentMagic = "rosterj1"
	segmentHead  = 32
	// redoSuffix marks a segment whose batches the engine may not have yet on
	// disk, valuesSuffix one that is kept for its values only.
	redoSuffix   = ".redo"
	valuesSuffix = ".values"
	// scanBytes is how much is read at a time in the search for a frame.
	scanBytes = 1 << 20
)

// segment is one file of the journal.
type segment struct {
	id, salt uint32
	// before is the highest version in the segments before this one.
	before uint64
	redo   bool // changed only while the segment is sealed
	ready  bool // written with zeros, so that a sync writes no metadata
	file   *os.File
	end    int64 // of the frames; of the file once nothing is appended any more
	values int64 // the bytes of values in it

	pending int // the appends that the engine has not taken yet
}

// name is the name of the segment's file.
func (s *segment) name() string {
	if s.redo {
		return fmt.Sprintf("%08x%s", s.id, redoSuffix)
	}
	return fmt.Sprintf("%08x%s", s.id, valuesSuffix)
}

// segmentID is the id in a file's name.
func segmentID(name string) (id uint32, redo, ok bool) {
	hex, redo := strings.CutSuffix(name, redoSuffix)
	if !redo {
		hex, ok = strings.CutSuffix(name, valuesSuffix)
		if !ok {
			return 0, false, false
		}
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	return uint32(n), redo, err == nil && len(hex) == 8
}

func (s *segment) head() []byte {
	b := append(make([]byte, 0, segmentHead), segmentMagic...)
	b = binary.LittleEndian.AppendUint32(b, s.id)
	b = binary.LittleEndian.AppendUint32(b, s.salt)
	b = binary.LittleEndian.AppendUint64(b, s.before)
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castFor))
	return append(b, make([]byte, segmentHead-len(b))...)
}

// openSegment opens a segment of an earlier run. It is errTorn if its head was
// never finished.
func openSegment(dir, name string) (*segment, error) {
	id, redo, _ := segmentID(name)
	file, err := os.OpenFile(filepath.Join(dir, name), os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	s := &segment{id: id, redo: redo, file: file}
	head := make([]byte, segmentHead)
	if _, err = file.ReadAt(head, 0); err == nil || errors.Is(err, io.EOF) {
		s.salt = binary.LittleEndian.Uint32(head[12:])
		s.before = binary.LittleEndian.Uint64(head[16:])
		if err = nil; !bytes.Equal(head, s.head()) {
			err = errTorn
		}
	}
	if err == nil {
		s.end, err = file.Seek(0, io.SeekEnd)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return s, nil
}

// value reads a value and checks that it is what was written.
func (s *segment) value(p place) ([]byte, error) {
	value := make([]byte, p.length)
	if _, err := s.file.ReadAt(value, int64(p.offset)); err != nil {
		return nil, err
	}
	if crc32.Checksum(value, castFor) != p.sum {
		return nil, fmt.Errorf("journal segment %08x has another value at %d than the one written", s.id, p.offset)
	}
	return value, nil
}

// frame is the batch at an offset and the offset behind it, errTorn if no whole
// frame is there.
func (s *segment) frame(at int64) (*batch, int64, error) {
	head := make([]byte, headBytes)
	if err := s.readAt(head, at); err != nil {
		return nil, 0, err
	}
	n, err := headLength(head)
	if err != nil || n > s.end-at-headBytes {
		return nil, 0, errTorn
	}
	rest := make([]byte, n)
	if err := s.readAt(rest, at+headBytes); err != nil {
		return nil, 0, err
	}
	b, err := decodeFrame(head, rest, s.id, s.salt, uint32(at))
	return b, at + headBytes + n, err
}

func (s *segment) readAt(b []byte, at int64) error {
	_, err := s.file.ReadAt(b, at)
	if errors.Is(err, io.EOF) {
		return errTorn
	}
	return err
}

// frames calls each for every batch, and returns the offset behind the last.
func (s *segment) frames(each func(*batch) error) (int64, error) {
	at := int64(segmentHead)
	for {
		b, next, err := s.frame(at)
		if errors.Is(err, errTorn) {
			return at, nil
		}
		if err == nil {
			err = each(b)
		}
		if err != nil {
			return at, err
		}
		at = next
	}
}

// follows reports whether there is a whole frame anywhere behind an offset.
func (s *segment) follows(at int64) (bool, error) {
	buf := make([]byte, scanBytes)
	for at < s.end {
		n, err := s.file.ReadAt(buf[:min(scanBytes, s.end-at)], at)
		if err != nil && !errors.Is(err, io.EOF) || n == 0 {
			return false, err
		}
		for from := 0; ; from++ {
			i := bytes.Index(buf[from:n], []byte(frameMagic))
			if i < 0 {
				break
			}
			from += i
			if _, _, err := s.frame(at + int64(from)); !errors.Is(err, errTorn) {
				return err == nil, err
			}
		}
		at += int64(max(n-len(frameMagic)+1, 1)) // a magic may lie across two reads
	}
	return false, nil
}
