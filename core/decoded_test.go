package core

import (
	"fmt"
	"testing"

	"roster/core/metakey"
	pb "roster/core/metapb"
)

func TestADocumentIsKeptForTheBytesItWasWrittenAs(t *testing.T) {
	d := newDecoded(100)
	doc := new(pb.InstanceInfoPB)
	d.keep("i", []byte("mine"), doc)
	if got := d.take("i", []byte("another's")); got != nil {
		t.Error("a document was taken for what another process wrote")
	}
	d.keep("i", []byte("mine"), doc)
	if got := d.take("i", []byte("mine")); got != doc {
		t.Error("the document was not kept")
	}
	if got := d.take("i", []byte("mine")); got != nil {
		t.Error("two callers may change one document")
	}
}

func TestDecodedDocumentsAreBounded(t *testing.T) {
	d := newDecoded(100)
	for i := range 20 {
		d.keep(fmt.Sprint(i), make([]byte, 30), new(pb.InstanceInfoPB))
		if i > 0 {
			d.keep("0", make([]byte, 20), d.take("0", make([]byte, 30-10*min(i-1, 1))))
		}
		if d.docs.bytes > 100 || len(d.docs.kept) != d.docs.used.Len() {
			t.Fatalf("%d bytes are kept in %d entries, %d in use", d.docs.bytes, len(d.docs.kept), d.docs.used.Len())
		}
	}
	if d.take("0", make([]byte, 20)) == nil || d.take("1", make([]byte, 30)) != nil {
		t.Error("not the one that was used least recently went")
	}
	d.keep("large", make([]byte, 101), new(pb.InstanceInfoPB))
	if d.take("large", make([]byte, 101)) != nil {
		t.Error("what is larger than the bound was kept")
	}
}

func TestAChangeRestsOnWhatAnotherProcessWrote(t *testing.T) {
	b := newBed(t)
	for _, a := range asks()[:1] {
		b.apart(b.caught(func(s API) error { return a(t.Context(), s) }))
	}
	key := string(metakey.Instance("i"))
	doc, err := parseInstance("i", b.store.items[key])
	if err != nil {
		t.Fatal(err)
	}
	doc.Name = new("renamed elsewhere")
	if b.store.items[key], err = encodeRecord(doc); err != nil {
		t.Fatal(err)
	}
	b.apart(b.caught(func(s API) error { return s.AddCluster(t.Context(), theCluster("c0", theNode(0))) }))
	if doc, err = parseInstance("i", b.store.items[key]); err != nil || doc.GetName() != "renamed elsewhere" || len(doc.Clusters) != 1 {
		t.Errorf("the document is %v, %v", doc, err)
	}
}
