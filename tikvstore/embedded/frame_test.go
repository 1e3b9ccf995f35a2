package embedded

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
)

// sample is a batch with a value of each kind.
func sample() *batch {
	return &batch{version: 7, writes: []write{
		{key: []byte("ularge"), value: bytes.Repeat([]byte("v"), inlineBytes)},
		{key: []byte("usmall"), value: []byte("1")},
		{key: []byte("ugone"), kind: del},
		{key: []byte("uerased"), kind: erase},
	}}
}

// decode reads the frame that data is.
func decode(data []byte, segment, salt, offset uint32) (*batch, error) {
	if len(data) < headBytes {
		return nil, errTorn
	}
	n, err := headLength(data[:headBytes])
	if err != nil || int64(len(data)-headBytes) < n {
		return nil, errTorn
	}
	return decodeFrame(data[:headBytes], data[headBytes:headBytes+n], segment, salt, offset)
}

func TestFrame(t *testing.T) {
	want := sample()
	data := appendFrame(nil, want, 3, 4)
	for i := range want.writes { // as the journal does, which appends at 100
		if p := &want.writes[i].place; p.segment != 0 {
			p.offset += 100
		}
	}
	got, err := decode(data, 3, 4, 100)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got.writes {
		if len(got.writes[i].value) == 0 {
			got.writes[i].value = nil
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("decoded %+v, want %+v", got, want)
	}
	p := got.writes[0].place
	if at := p.offset - 100; !bytes.Equal(data[at:at+p.length], want.writes[0].value) {
		t.Errorf("the value is not at its place %+v", p)
	}
	if back, ok := decodePlace(p.encode()); !ok || back != p {
		t.Errorf("the place is %+v after encoding, want %+v", back, p)
	}
	if _, err := decode(data, 3, 5, 100); !errors.Is(err, errTorn) {
		t.Errorf("a frame with another segment's salt: %v, want it refused", err)
	}
}

func TestEveryDamageToAFrameIsSeen(t *testing.T) {
	data := appendFrame(nil, sample(), 3, 4)
	for i := range data {
		if _, err := decode(data[:i], 3, 4, 0); !errors.Is(err, errTorn) {
			t.Errorf("cut at %d of %d bytes: %v, want it refused", i, len(data), err)
		}
		short := append(bytes.Clone(data[:i]), make([]byte, len(data)-i)...)
		if _, err := decode(short, 3, 4, 0); !errors.Is(err, errTorn) {
			t.Errorf("zeros from %d of %d bytes: %v, want it refused", i, len(data), err)
		}
		flipped := bytes.Clone(data)
		flipped[i] ^= 0x10
		if _, err := decode(flipped, 3, 4, 0); !errors.Is(err, errTorn) {
			t.Errorf("a flipped bit at %d of %d bytes: %v, want it refused", i, len(data), err)
		}
	}
}

func FuzzDecodeFrame(f *testing.F) {
	f.Add(appendFrame(nil, sample(), 1, 0)[headBytes:], uint64(7))
	f.Add([]byte{endMark}, uint64(0))
	f.Fuzz(func(t *testing.T, rest []byte, version uint64) {
		// A valid checksum leads past the check to what decodes the entries.
		head := appendFrame(nil, &batch{version: version}, 1, 0)[:headBytes]
		sum := frameSum(0, head, rest)
		head[8], head[9], head[10], head[11] = byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24)
		b, err := decodeFrame(head, rest, 1, 0, 0)
		if err != nil {
			return
		}
		if b.version != version {
			t.Errorf("version %d, want %d", b.version, version)
		}
		for _, w := range b.writes {
			if p := w.place; p.segment != 0 && !bytes.Equal(rest[p.offset-headBytes:][:p.length], w.value) {
				t.Errorf("a value is not at its place %+v", p)
			}
		}
		again, err := decode(appendFrame(nil, b, 1, 0), 1, 0, 0)
		if err != nil || len(again.writes) != len(b.writes) {
			t.Errorf("encoded again: %v", err)
		}
	})
}
