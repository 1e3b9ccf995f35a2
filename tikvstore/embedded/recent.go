package embedded

import "hash/maphash"

// maxRecent bounds the keys a recent remembers. A transaction that stays open
// while more than this are written loses and runs again.
const maxRecent = 1 << 18

// recent knows the version at which each key was last written or guarded, as
// far back as a running Update needs it. Keys are kept as 64-bit hashes: two
// keys with one hash cost a needless retry.
type recent struct {
	seed   maphash.Seed
	latest map[uint64]uint64
	order  []touch // by version
	// forgotten is the highest version that may be missing.
	forgotten uint64
	// pruneAt is the length of order that is worth a look at what can go.
	pruneAt int
}

type touch struct{ key, version uint64 }

// pruneStep keeps pruning rare: each looks at all running Updates.
const pruneStep = 1024

func newRecent() recent {
	return recent{seed: maphash.MakeSeed(), latest: map[uint64]uint64{}, pruneAt: pruneStep}
}

func (r *recent) hash(key []byte) uint64 { return maphash.Bytes(r.seed, key) }

// conflict reports whether one of the keys was touched after version since, and
// at which version it was.
func (r *recent) conflict(keys []uint64, since uint64) (uint64, bool) {
	for _, key := range keys {
		if v := r.latest[key]; v > since {
			return v, true
		}
	}
	return 0, since < r.forgotten
}

// add records that the keys were touched at version v, the highest so far.
func (r *recent) add(keys []uint64, v uint64) {
	for _, key := range keys {
		r.latest[key] = v
		r.order = append(r.order, touch{key, v})
	}
}

// prune forgets what happened up to version done, and more if there is too much.
func (r *recent) prune(done uint64) {
	n := 0
	for n < len(r.order) && (r.order[n].version <= done || len(r.order)-n > maxRecent) {
		t := r.order[n]
		r.forgotten = t.version
		if r.latest[t.key] == t.version {
			delete(r.latest, t.key)
		}
		n++
	}
	r.order = append(r.order[:0], r.order[n:]...)
	r.pruneAt = min(2*len(r.order), maxRecent) + pruneStep
}
