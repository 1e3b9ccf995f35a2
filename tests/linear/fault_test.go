package linear

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
)

// fault is something that fails for a while.
type fault struct {
	name       string
	begin, end func() error
}

// noFault leaves everything as it is.
var noFault = fault{"no fault", func() error { return nil }, func() error { return nil }}

// faults deals out faults: each kind once before any kind comes again.
type faults struct {
	kinds []func(*rand.Rand) fault
	rng   *rand.Rand
	left  []func(*rand.Rand) fault
}

func (f *faults) next() fault {
	if len(f.left) == 0 {
		f.left = append(f.left, f.kinds...)
		f.rng.Shuffle(len(f.left), func(i, j int) { f.left[i], f.left[j] = f.left[j], f.left[i] })
	}
	kind := f.left[0]
	f.left = f.left[1:]
	return kind(f.rng)
}

// faults are all that a deployment can suffer: in one of its servers, in the
// network before it, and in the cluster if that is its own.
func (d *deployment) faults(rng *rand.Rand) *faults {
	f := &faults{rng: rng}
	server := func(name string, begin, end func(*replica) error) {
		f.kinds = append(f.kinds, func(rng *rand.Rand) fault {
			r := pick(rng, d.replicas...)
			return fault{fmt.Sprintf("%s %s", r.name, name), func() error { return begin(r) }, func() error { return end(r) }}
		})
	}
	server("killed", (*replica).kill, (*replica).start)
	server("paused", (*replica).pause, (*replica).resume)
	for _, amiss := range disturbances {
		server("behind "+amiss.name,
			func(r *replica) error { return disturb(r.gates, amiss) },
			func(r *replica) error { calm(r.gates); return nil })
	}
	if d.bed != nil {
		f.kinds = append(f.kinds, d.bed.faults()...)
	}
	return f
}

// faults of the cluster. Its stores are not killed: they are no TiKV, and lose
// what they have acknowledged.
func (b *bed) faults() []func(*rand.Rand) fault {
	pd, store := b.cluster.PD(0), b.cluster.Store(0)
	all := []fault{
		{"pd killed", pd.Kill, func() error { return errors.Join(pd.Start(), b.ready()) }},
		{"pd paused", pd.Pause, pd.Resume},
		{"store paused", store.Pause, store.Resume},
	}
	for _, name := range slices.Sorted(maps.Keys(b.gates)) {
		gates := []*gate{b.gates[name]}
		for _, amiss := range disturbances {
			all = append(all, fault{
				fmt.Sprintf("%s behind %s", name, amiss.name),
				func() error { return disturb(gates, amiss) }, func() error { calm(gates); return nil },
			})
		}
	}
	kinds := make([]func(*rand.Rand) fault, len(all))
	for i, one := range all {
		kinds[i] = func(*rand.Rand) fault { return one }
	}
	return kinds
}

func (b *bed) ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), recoverLimit)
	defer cancel()
	return b.cluster.Ready(ctx)
}
