package linear

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"

	"roster/core"
	"roster/tests/linear/model"
)

// instanceCount is how many instances the clients of a round share.
const instanceCount = 10

const (
	// recoverLimit bounds the time until everything serves again after a fault.
	recoverLimit = time.Minute
	// checkLimit bounds the search for an order of a round's operations.
	checkLimit = 5 * time.Minute
)

// round is one history, with a fault in its midst.
type round struct {
	number int
	fault  fault
	length time.Duration
	rng    *rand.Rand
	// wrap changes what clients believe of a server; nil changes nothing.
	wrap func(core.API) core.API

	history *history
	// before counts the operations before the fault.
	before int
	took   time.Duration
}

// run lets clients work on new instances through the fault: it begins after
// three tenths of the round, and ends after two thirds of it.
func (r *round) run(ctx context.Context, d *deployment) error {
	instances, err := r.create(ctx, d)
	if err != nil {
		return err
	}
	r.history = newHistory()
	end := make(chan struct{})
	var working sync.WaitGroup
	for _, c := range newClients(r.number, r.rng, d.replicas, instances, r.history) {
		c.wrap = r.wrap
		working.Go(func() { c.work(ctx, end) })
	}
	pass(ctx, r.length*3/10)
	r.before = r.history.len()
	err = r.fault.begin()
	pass(ctx, r.length*11/30)
	err = errors.Join(err, r.fault.end())
	pass(ctx, r.length/3)
	close(end)
	working.Wait()
	r.took = time.Since(r.history.base)
	if err != nil {
		return fmt.Errorf("%s: %w", r.fault.name, err)
	}
	if err := r.look(ctx, d, instances); err != nil {
		return err
	}
	for code := range r.history.answers {
		if !code.Known() {
			return fmt.Errorf("%s: a server answered with what is neither an answer nor the loss of one: %s", r.fault.name, code)
		}
	}
	return nil
}

func (r *round) create(ctx context.Context, d *deployment) ([]string, error) {
	instances := make([]string, instanceCount)
	for i := range instances {
		instances[i] = fmt.Sprintf("instance_%d_%d", r.number, i)
		if err := create(ctx, d.replicas[0].api(restFront), instances[i]); err != nil {
			return nil, err
		}
	}
	return instances, nil
}

// look reads every instance through every server, which all have to serve again.
func (r *round) look(ctx context.Context, d *deployment, instances []string) error {
	ctx, cancel := context.WithTimeout(ctx, recoverLimit)
	defer cancel()
	for i, server := range d.replicas {
		reader := &client{number: i, front: front(i % 2), replicas: d.replicas[i : i+1], patience: hasty, history: r.history}
		for _, id := range instances {
			for seen := r.history.answered(model.OK); r.history.answered(model.OK) == seen; {
				if ctx.Err() != nil {
					return fmt.Errorf("%s does not answer %v after the end of: %s", server.name, recoverLimit, r.fault.name)
				}
				reader.perform(ctx, model.Request{Kind: model.GetInstance, Instance: id})
			}
		}
	}
	return nil
}

// check looks for an order of the operations that explains all answers.
func (r *round) check() (porcupine.CheckResult, time.Duration) {
	began := time.Now()
	return porcupine.CheckOperationsTimeout(model.New(), r.history.operations, checkLimit), time.Since(began)
}

func (r *round) String() string {
	h := r.history
	counts := h.answers
	return fmt.Sprintf("round %d, %s: %d operations, %.0f/s, %d of them before the fault; %d done, %d refused, %d failed, %d lost",
		r.number, r.fault.name, len(h.operations), float64(len(h.operations))/r.took.Seconds(), r.before, counts[model.OK],
		counts[model.InvalidArgument]+counts[model.NotFound]+counts[model.AlreadyExisted],
		counts[model.Conflict]+counts[model.Internal], counts[model.Undetermined])
}

// pass lets time pass.
func pass(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
