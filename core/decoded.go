package core

import (
	"bytes"
	"container/list"
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
	max int

	mu sync.Mutex
	// kept is the entry of each instance, used the same from the latest use on.
	kept  map[string]*list.Element
	used  list.List
	bytes int
}

type decodedDoc struct {
	instance string
	raw      []byte
	doc      *pb.InstanceInfoPB
}

func newDecoded(max int) *decoded {
	return &decoded{max: max, kept: map[string]*list.Element{}}
}

// take returns the document of raw, which is the caller's to change from then on,
// or nil.
func (d *decoded) take(instance string, raw []byte) *pb.InstanceInfoPB {
	d.mu.Lock()
	defer d.mu.Unlock()
	e := d.kept[instance]
	if e == nil {
		return nil
	}
	if entry := d.drop(e); bytes.Equal(entry.raw, raw) {
		return entry.doc
	}
	return nil
}

// keep takes a document over, which was written as raw.
func (d *decoded) keep(instance string, raw []byte, doc *pb.InstanceInfoPB) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if old := d.kept[instance]; old != nil {
		d.drop(old)
	}
	if len(raw) > d.max {
		return
	}
	for d.bytes+len(raw) > d.max {
		d.drop(d.used.Back())
	}
	d.kept[instance] = d.used.PushFront(&decodedDoc{instance, raw, doc})
	d.bytes += len(raw)
}

func (d *decoded) drop(e *list.Element) *decodedDoc {
	entry := d.used.Remove(e).(*decodedDoc)
	delete(d.kept, entry.instance)
	d.bytes -= len(entry.raw)
	return entry
}
