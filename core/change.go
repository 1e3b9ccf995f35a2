package core

import (
	"errors"
	"fmt"
	"runtime/debug"

	"google.golang.org/protobuf/proto"

	"roster/core/metakey"
	pb "roster/core/metapb"
)

// change is one operation on an instance's document.
type change struct {
	trace
	// holder is the cloud_unique_id the instance was found by in the node index.
	holder string
	// nodes are the cloud_unique_ids whose holders apply asks for.
	nodes []string
	// indexed says that apply may add or remove nodes.
	indexed bool
	// check refuses a request that is wrong whatever the document holds; nil
	// refuses none.
	check func() error
	apply func(doc *pb.InstanceInfoPB, env *Env) error

	err error
}

// errUnchanged ends an operation that succeeds without changing anything.
var errUnchanged = errors.New("unchanged")

// errMoved says that the node an instance was found by has left it since.
var errMoved = errors.New("the node moved to another instance")

// Env is what an operation may know besides the document and the request, and
// where it leaves what it writes besides the document.
type Env struct {
	policy
	// Now is in seconds since 1970.
	Now int64
	// Exists says that the instance is there; if not, its document is empty.
	Exists bool
	// Seen says that the instance id was used before, even if recycled since.
	Seen bool
	// Force is Call.Force.
	Force bool

	vault   secrets
	holders map[string]string
	writes  []write
}

// write is a record that an operation leaves besides the document.
type write struct {
	key    []byte
	record proto.Message
}

// put adds a record to what the operation writes.
func (e *Env) put(key []byte, record proto.Message) {
	e.writes = append(e.writes, write{key, record})
}

// commit applies the changes of one instance together: one read, each change in
// turn with its own verdict, one write. Changes that are too much together, or
// one of which the store cannot take, are committed one by one.
func (s *Service) commit(c commitment) {
	var mark []byte
	err := s.store.Update(c.ctx, func(tx Txn) error {
		b := &batch{Service: s, tx: tx, instance: c.instance}
		err := b.run(c.changes)
		mark = b.mark
		return err
	})
	switch err = s.settle(c.ctx, err, mark); {
	case err == nil:
	case len(c.changes) > 1 && (CodeOf(err) == InvalidArgument || CodeOf(err) == Internal):
		for _, ch := range c.changes {
			s.commit(commitment{ctx: c.ctx, instance: c.instance, changes: []*change{ch}})
		}
	default:
		// A refusal may rest on a neighbour that was not written after all.
		for _, ch := range c.changes {
			ch.err = err
		}
	}
}

// batch is one try at committing changes of one instance.
type batch struct {
	*Service
	tx       Txn
	instance string

	was, doc *pb.InstanceInfoPB
	env      Env
	seq      int64
	indexed  bool
	mark     []byte
}

func (b *batch) run(changes []*change) error {
	if err := b.read(changes); err != nil {
		return err
	}
	for _, c := range changes {
		doc, env, err := b.try(c)
		if err != nil {
			c.err = err
			continue
		}
		c.err = nil
		if err := b.keep(c, doc, env); err != nil {
			return err
		}
	}
	if b.mark == nil {
		return nil
	}
	if b.indexed {
		if err := writeNodeIndex(b.tx, b.was, b.doc); err != nil {
			return err
		}
	}
	return writeRecord(b.tx, metakey.Instance(b.instance), b.doc)
}

// read fetches everything the changes rest on at once.
func (b *batch) read(changes []*change) error {
	key, seen := metakey.Instance(b.instance), metakey.InstanceSeen(b.instance)
	keys := [][]byte{key, seen}
	for _, c := range changes {
		for _, id := range c.nodes {
			keys = append(keys, metakey.NodeIndex(id))
		}
		if c.holder != "" {
			keys = append(keys, metakey.NodeIndex(c.holder))
		}
	}
	got, err := b.tx.BatchGet(keys)
	if err != nil {
		return err
	}
	raw, exists := got[string(key)]
	if b.was, err = parseInstance(b.instance, raw); err != nil {
		return err
	}
	b.doc = b.was
	if !exists {
		b.doc.InstanceId = &b.instance
	}
	b.env = Env{
		policy: b.policy,
		Now:    b.now().Unix(),
		Exists: exists,
		Seen:   got[string(seen)] != nil,
		vault:  secrets{keys: b.keys, reader: b.tx, instance: b.instance},
	}
	b.env.holders, err = readHolders(got, changes)
	return err
}

// try applies a change to a copy of the document. It returns no copy when the
// change succeeds without writing anything.
func (b *batch) try(c *change) (*pb.InstanceInfoPB, *Env, error) {
	if repeated, err := c.repeated(b.tx); repeated || err != nil {
		return nil, nil, err
	}
	if c.holder != "" {
		if b.env.holders[c.holder] != b.instance {
			return nil, nil, errMoved
		}
		if err := b.tx.Guard(metakey.NodeIndex(c.holder)); err != nil {
			return nil, nil, err
		}
	}
	if err := b.unchangedSince(c.call.IfRevision); err != nil {
		return nil, nil, err
	}
	doc, env := proto.CloneOf(b.doc), b.env
	env.Force = c.call.Force
	err := contain(func() error { return c.apply(doc, &env) })
	if errors.Is(err, errUnchanged) {
		return nil, nil, c.remember(b.tx, b.now())
	}
	if err != nil {
		return nil, nil, err
	}
	if c.call.DryRun {
		return nil, nil, nil
	}
	doc.Mtime = new(env.Now)
	if size := proto.Size(doc); size > MaxValueBytes {
		return nil, nil, Errorf(InvalidArgument, "the document of instance %s would take %d bytes, at most %d are allowed: split its clusters over several instances",
			b.instance, size, MaxValueBytes)
	}
	return doc, &env, nil
}

// unchangedSince refuses a change that was decided on an older revision of the
// instance than its last.
func (b *batch) unchangedSince(revision uint64) error {
	if revision == 0 {
		return nil
	}
	last, err := lastRevision(b.tx, b.instance)
	if err != nil {
		return err
	}
	if last != revision {
		return Errorf(Conflict, "instance %s has revision %d, not %d: read it again; nothing was written", b.instance, last, revision)
	}
	return nil
}

// keep makes the outcome of a change the document that the next one sees.
func (b *batch) keep(c *change, doc *pb.InstanceInfoPB, env *Env) error {
	if doc == nil {
		return nil
	}
	for _, w := range env.writes {
		if err := writeRecord(b.tx, w.key, w.record); err != nil {
			return err
		}
	}
	mark, err := c.write(b.tx, b.now(), b.seq)
	if err != nil {
		return err
	}
	b.doc, b.env.Exists, b.env.Seen = doc, true, true
	b.indexed = b.indexed || c.indexed
	b.mark = mark
	b.seq++
	return nil
}

// contain turns a panic into an error, so that one request cannot take its
// neighbours or the process with it.
func contain(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = Errorf(Internal, "internal error, see the server's log").
				Because(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	return fn()
}
