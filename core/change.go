package core

import (
	"bytes"
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
	// check refuses a request that is wrong whatever the document holds; nil
	// refuses none.
	check func() error
	// apply may leave the document half changed when it fails: it is thrown away.
	apply func(doc *pb.InstanceInfoPB, env *Env) error

	err error
}

// errUnchanged ends an operation that succeeds without changing anything.
var errUnchanged = errors.New("unchanged")

// errSpoiled ends a try in which a change failed that others were applied before.
var errSpoiled = errors.New("a failed change left the document in an unknown state")

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
	moved   []string
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

// move notes nodes that the operation adds to the document or removes from it.
func (e *Env) move(nodes []*pb.NodeInfoPB) {
	for _, node := range nodes {
		e.moved = append(e.moved, node.GetCloudUniqueId())
	}
}

// commit applies the changes of one instance together: one read, each change in
// turn with its own verdict, one write. Changes that are too much together, or
// one of which the store cannot take, are committed one by one.
func (s *Service) commit(c commitment) {
	b, err := s.attempt(c, false)
	if errors.Is(err, errSpoiled) {
		b, err = s.attempt(c, true)
	}
	switch {
	case err == nil:
		if b.doc != nil && b.env.Exists {
			s.decoded.keep(c.instance, b.saved, b.doc)
		}
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

// attempt commits changes together, or none of them.
func (s *Service) attempt(c commitment, careful bool) (b *batch, err error) {
	err = s.store.Update(c.ctx, func(tx Txn) error {
		b = &batch{Service: s, tx: tx, instance: c.instance, careful: careful}
		return b.run(c.changes)
	})
	if err != nil && b != nil {
		err = s.settle(c.ctx, err, b.mark)
	}
	return b, err
}

// batch is one try at committing changes of one instance. They are applied to one
// document in place. Which parts of it a failed change has touched nobody knows, so
// the document is then made anew from its last encoding.
type batch struct {
	*Service
	tx       Txn
	instance string
	// careful keeps the encoding up to date, so that any change may fail.
	careful bool

	// doc is nil when it has to be made of saved.
	doc *pb.InstanceInfoPB
	// saved is the document's encoding; stale says that changes were applied since.
	saved []byte
	stale bool
	env   Env
	seq   int64
	moved []string
	mark  []byte
}

func (b *batch) run(changes []*change) error {
	if err := b.read(changes); err != nil {
		return err
	}
	for _, c := range changes {
		if err := b.prepare(); err != nil {
			return err
		}
		var env *Env
		if env, c.err = b.try(c); env == nil {
			continue
		}
		if err := b.keep(c, env); err != nil {
			return err
		}
	}
	if b.mark == nil {
		return nil
	}
	if err := b.prepare(); err != nil {
		return err
	}
	if err := b.writeMoved(); err != nil {
		return err
	}
	if err := b.save(); err != nil {
		return err
	}
	return b.tx.Put(metakey.Instance(b.instance), b.saved)
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
	b.doc, b.saved = b.decoded.take(b.instance, raw), raw
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

// prepare has the document ready for the next change.
func (b *batch) prepare() (err error) {
	switch {
	case b.doc != nil && b.careful:
		return b.save()
	case b.doc != nil:
		return nil
	case b.stale:
		return errSpoiled
	}
	if b.doc, err = parseInstance(b.instance, b.saved); err == nil && !b.env.Exists {
		b.doc.InstanceId = &b.instance
	}
	return err
}

// save brings the encoding up to date.
func (b *batch) save() (err error) {
	if !b.stale {
		return nil
	}
	if b.saved, err = encodeRecord(b.doc); err != nil {
		return err
	}
	if len(b.saved) > MaxValueBytes {
		return Errorf(InvalidArgument, "the document of instance %s would take %d bytes, at most %d are allowed: split its clusters over several instances",
			b.instance, len(b.saved), MaxValueBytes)
	}
	b.stale = false
	return nil
}

// try applies a change to the document, or throws the document away. It returns an
// Env if there is something to write.
func (b *batch) try(c *change) (*Env, error) {
	if repeated, err := c.repeated(b.tx); repeated || err != nil {
		return nil, err
	}
	if c.holder != "" {
		if b.env.holders[c.holder] != b.instance {
			return nil, errMoved
		}
		if err := b.tx.Guard(metakey.NodeIndex(c.holder)); err != nil {
			return nil, err
		}
	}
	if err := b.unchangedSince(c.call.IfRevision); err != nil {
		return nil, err
	}
	env := b.env
	env.Force = c.call.Force
	if c.call.DryRun {
		err := contain(func() error { return c.apply(proto.CloneOf(b.doc), &env) })
		return nil, b.unchanged(c, err)
	}
	err := contain(func() error { return c.apply(b.doc, &env) })
	if err == nil {
		b.doc.Mtime = new(env.Now)
		b.stale = true
		return &env, nil
	}
	if b.stale || !b.intact() {
		b.doc = nil
	}
	return nil, b.unchanged(c, err)
}

// intact reports whether the document is still what its encoding says, which costs
// less to find out than to make it anew: most changes fail before they touch it.
func (b *batch) intact() bool {
	return contain(func() error {
		now, err := encodeRecord(b.doc)
		if err == nil && !bytes.Equal(now, b.saved) {
			err = errSpoiled
		}
		return err
	}) == nil
}

// unchanged is the verdict on a change that leaves the document as it was.
func (b *batch) unchanged(c *change, err error) error {
	if errors.Is(err, errUnchanged) {
		return c.remember(b.tx, b.now())
	}
	return err
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

// keep writes what a change leaves besides the document.
func (b *batch) keep(c *change, env *Env) (err error) {
	for _, w := range env.writes {
		if err := writeRecord(b.tx, w.key, w.record); err != nil {
			return err
		}
	}
	if b.mark, err = c.write(b.tx, b.now(), b.seq); err != nil {
		return err
	}
	b.env.Exists, b.env.Seen = true, true
	b.moved = append(b.moved, env.moved...)
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
