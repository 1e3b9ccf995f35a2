package httpfront

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
)

// idSource names requests that came without a name.
type idSource struct{ process string }

func newIDSource() idSource {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return idSource{hex.EncodeToString(b[:])}
}

// next is unique as long as n is within the process.
func (s idSource) next(n uint64) string {
	var room [40]byte
	return string(strconv.AppendUint(append(append(room[:0], s.process...), '-'), n, 16))
}
