package core

import (
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

	mu   sync.Mutex
	kept lru[place[K], rendering[T]]
}

type place[K comparable] struct {
	key      K
	instance string
	extent   extent
}

type rendering[T any] struct {
	raw  [][]byte
	made T
}

// entryBytes is about what an entry takes besides its bytes.
const entryBytes = 512

// NewRendered returns an empty cache of at most about max bytes. What make returns
// is given to many and must not be changed; size is about how many bytes it takes.
func NewRendered[K comparable, T any](max int, size func(T) int, make func(K, *pb.InstanceInfoPB) (T, error)) *Rendered[K, T] {
	return &Rendered[K, T]{make: make, size: size, kept: newLRU[place[K], rendering[T]](max)}
}

// Of is what make returns for a key and an instance as it was read. Errors are not
// kept.
func (r *Rendered[K, T]) Of(key K, reading Reading) (T, error) {
	at := place[K]{key, reading.instance, reading.extent}
	if found := r.find(at); found.raw != nil && reading.same(found.raw) {
		return found.made, nil
	}
	doc, err := reading.Instance()
	if err != nil {
		var none T
		return none, err
	}
	made, err := r.make(key, doc)
	if err == nil {
		r.keep(at, rendering[T]{reading.raw, made})
	}
	return made, err
}

func (r *Rendered[K, T]) find(at place[K]) rendering[T] {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.kept.find(at)
}

func (r *Rendered[K, T]) keep(at place[K], made rendering[T]) {
	bytes := entryBytes + r.size(made.made)
	for _, raw := range made.raw {
		bytes += len(raw)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept.keepShare(at, made, bytes)
}
