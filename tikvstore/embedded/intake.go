package embedded

import (
	"context"
	"maps"
	"sync"
	"time"

	"roster/core"
)

const (
	// takeDelay is how long the engine may be without a batch, unless somebody
	// wants to read it there.
	takeDelay = 5 * time.Millisecond
	// takeBytes ends that delay. Commits wait from maxUntaken on.
	takeBytes  = 256 << 10
	maxUntaken = 4 * takeBytes
)

// intake gives the engine batches in the order of their versions, many at once:
// each time costs several goroutines that wake up. Commits do not wait for it, as
// the journal has them. Reads of the engine do, for the keys that it lacks.
type intake struct {
	take func(...*batch) error
	fail func(error) // is told why the engine takes no more

	arrived, hurry chan struct{}

	mu      sync.Mutex
	waiting []*batch
	size    int64
	lacking map[uint64]uint64 // hashes of keys, and their latest versions
	given   uint64
	taken   uint64
	moved   chan struct{} // closed and replaced when taken moves or err is set
	err     error
}

func newIntake(take func(...*batch) error, fail func(error)) *intake {
	return &intake{
		take:    take,
		fail:    fail,
		arrived: make(chan struct{}, 1),
		hurry:   make(chan struct{}, 1),
		lacking: map[uint64]uint64{},
		moved:   make(chan struct{}),
	}
}

// give hands over the batch of a group that is durable but not visible yet.
func (i *intake) give(g *group) {
	size := int64(0)
	for k := range g.batch.writes {
		size += g.batch.writes[k].framed()
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	for i.size >= maxUntaken && i.err == nil {
		moved := i.moved
		i.mu.Unlock()
		poke(i.hurry)
		<-moved
		i.mu.Lock()
	}
	i.given = g.batch.version
	for _, m := range g.commits {
		for _, key := range m.keys {
			i.lacking[key] = i.given
		}
	}
	i.waiting = append(i.waiting, &g.batch)
	i.size += size
	if len(i.waiting) == 1 {
		poke(i.arrived)
	}
	if i.size >= takeBytes {
		poke(i.hurry)
	}
}

// run gives the engine what arrives, and all there is when quit is closed.
func (i *intake) run(quit <-chan struct{}) {
	delay := time.NewTimer(takeDelay)
	defer delay.Stop()
	for {
		select {
		case <-i.arrived:
		case <-quit:
			i.takeAll()
			return
		}
		delay.Reset(takeDelay)
		select {
		case <-delay.C:
		case <-i.hurry:
		case <-quit:
		}
		i.takeAll()
	}
}

func (i *intake) takeAll() {
	i.mu.Lock()
	batches, version, err := i.waiting, i.given, i.err
	i.waiting, i.size = nil, 0
	i.mu.Unlock()
	if len(batches) == 0 || err != nil {
		return
	}
	if err = i.take(batches...); err != nil {
		i.fail(err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.err = err
	if err == nil {
		i.taken = version
		maps.DeleteFunc(i.lacking, func(_, v uint64) bool { return v <= version })
	}
	close(i.moved)
	i.moved = make(chan struct{})
}

// awaitKey returns once the engine has what was given of the key with a hash.
func (i *intake) awaitKey(ctx context.Context, key uint64) error {
	i.mu.Lock()
	version := i.lacking[key]
	i.mu.Unlock()
	return i.await(ctx, version)
}

// awaitAll returns once the engine has all that was given so far.
func (i *intake) awaitAll(ctx context.Context) error {
	i.mu.Lock()
	version := i.given
	i.mu.Unlock()
	return i.await(ctx, version)
}

func (i *intake) await(ctx context.Context, version uint64) error {
	for {
		i.mu.Lock()
		taken, moved, err := i.taken, i.moved, i.err
		i.mu.Unlock()
		switch {
		case taken >= version:
			return nil
		case err != nil:
			return core.Errorf(core.Unavailable,
				"the latest commits can be read only after a restart, they are safe in the journal: check the disk and restart the server").Because(err)
		}
		poke(i.hurry)
		select {
		case <-moved:
		case <-ctx.Done():
			return errEnded(ctx)
		}
	}
}

// poke wakes who receives from a channel that has room for one signal.
func poke(wake chan<- struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}
