package core

import (
	"container/list"
	"sync"

	pb "roster/core/metapb"
)

// Rendered keeps what was made of instances, so that it is made once as long as
// the records it rests on stay the same. It never answers from memory alone: a
// caller has read the records before it asks. What it keeps may hold secrets in
// clear. It is safe for concurrent use.
//
// K tells apart the things made of one instance. Which instance it is, and whether
// its secrets show, Rendered knows from the Reading.
type Rendered[K comparable, T any] struct {
	make func(K, *pb.InstanceInfoPB) (T, error)
	size func(T) int
	max  int

	mu sync.Mutex
	// kept is the entry of each place, used the same from the latest use on.
	kept  map[place[K]]*list.Element
	used  list.List
	bytes int
}

type place[K comparable] struct {
	key      K
	instance string
	extent   extent
}

type rendering[K comparable, T any] struct {
	place[K]
	raw   [][]byte
	made  T
	bytes int
}

// entryBytes is about what an entry takes besides its bytes.
const entryBytes = 512

// maxShare is the part of the bound that one entry may take.
const maxShare = 4

// NewRendered returns an empty cache of at most about max bytes. What make returns
// is given to many and must not be changed; size is about how many bytes it takes.
func NewRendered[K comparable, T any](max int, size func(T) int, make func(K, *pb.InstanceInfoPB) (T, error)) *Rendered[K, T] {
	r := &Rendered[K, T]{make: make, size: size, max: max}
	r.kept = map[place[K]]*list.Element{}
	return r
}

// Of is what make returns for a key and an instance as it was read. Errors are not
// kept.
func (r *Rendered[K, T]) Of(key K, reading Reading) (T, error) {
	at := place[K]{key, reading.instance, reading.extent}
	if found := r.find(at); found != nil && reading.same(found.raw) {
		return found.made, nil
	}
	doc, err := reading.Instance()
	if err != nil {
		var none T
		return none, err
	}
	made, err := r.make(key, doc)
	if err == nil {
		r.keep(&rendering[K, T]{place: at, raw: reading.raw, made: made})
	}
	return made, err
}

func (r *Rendered[K, T]) find(at place[K]) *rendering[K, T] {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.kept[at]
	if e == nil {
		return nil
	}
	r.used.MoveToFront(e)
	return e.Value.(*rendering[K, T])
}

// keep takes the place of what was there, and makes room for itself.
func (r *Rendered[K, T]) keep(made *rendering[K, T]) {
	made.bytes = entryBytes + r.size(made.made)
	for _, raw := range made.raw {
		made.bytes += len(raw)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if old := r.kept[made.place]; old != nil {
		r.drop(old)
	}
	if made.bytes > r.max/maxShare {
		return
	}
	for r.bytes+made.bytes > r.max {
		r.drop(r.used.Back())
	}
	r.kept[made.place] = r.used.PushFront(made)
	r.bytes += made.bytes
}

func (r *Rendered[K, T]) drop(e *list.Element) {
	old := r.used.Remove(e).(*rendering[K, T])
	delete(r.kept, old.place)
	r.bytes -= old.bytes
}
