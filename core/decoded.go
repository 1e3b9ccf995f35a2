package core

import (
	"bytes"
	"sync"

	pb "roster/core/metapb"
)

// maxDecodedBytes bounds the encoded length of the documents kept. In memory they
// take about six times as much.
const maxDecodedBytes = 6 << 20

// decoded keeps documents beside the bytes they were written as, so that the next
// change of an instance need not decode what the last one encoded. It never answers
// from memory alone: a document is good for exactly the bytes it was written as,
// whoever wrote since. It is safe for concurrent use.
type decoded struct {
	mu   sync.Mutex
	docs lru[string, decodedDoc]
}

type decodedDoc struct {
	raw []byte
	doc *pb.InstanceInfoPB
}

func newDecoded(max int) *decoded { return &decoded{docs: newLRU[string, decodedDoc](max)} }

// take returns the document of raw, which is the caller's to change from then on,
// or nil.
func (d *decoded) take(instance string, raw []byte) *pb.InstanceInfoPB {
	d.mu.Lock()
	defer d.mu.Unlock()
	if found := d.docs.take(instance); bytes.Equal(found.raw, raw) {
		return found.doc
	}
	return nil
}

// keep takes a document over, which was written as raw.
func (d *decoded) keep(instance string, raw []byte, doc *pb.InstanceInfoPB) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.docs.keep(instance, decodedDoc{raw, doc}, len(raw))
}
