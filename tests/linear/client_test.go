package linear

import (
	"context"
	"math/rand/v2"
	"time"

	"roster/core"
	"roster/tests/linear/model"
)

const (
	// clients is how many there are, every other one of each front.
	clients = 8
	// maxTries bounds how often a request is sent whose answers are lost.
	maxTries = 6
	// patient clients hear what a server says within its own limit of 10 s; hasty
	// ones do not, and leave it with requests that nobody waits for.
	patient, hasty = 12 * time.Second, 2 * time.Second
	// pace is the wait before the next request after one that had no answer.
	pace = 20 * time.Millisecond
)

// client makes one request after the other.
type client struct {
	number int
	round  int
	rng    *rand.Rand
	given  int
	front  front
	// replicas are those it uses in turn: one, or all.
	replicas  []*replica
	turn      int
	patience  time.Duration
	instances []string
	history   *history
	// wrap changes what the client believes of a server; nil changes nothing.
	wrap func(core.API) core.API
}

// newClients has both fronts, each with clients that stay on a server and some
// that go round, of which one is patient and one is not.
func newClients(round int, rng *rand.Rand, replicas []*replica, instances []string, h *history) []*client {
	all := make([]*client, clients)
	for i := range all {
		c := &client{
			number: i, round: round, rng: rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64())),
			front: front(i % 2), replicas: replicas, turn: i, patience: hasty, instances: instances, history: h,
		}
		if i/2%2 == 0 {
			stays := i / 2 % len(replicas)
			c.replicas = replicas[stays : stays+1]
		}
		if i/4%2 == 0 {
			c.patience = patient
		}
		all[i] = c
	}
	return all
}

// work makes requests until the end of the round.
func (c *client) work(ctx context.Context, end <-chan struct{}) {
	for {
		select {
		case <-end:
			return
		case <-ctx.Done():
			return
		default:
			c.perform(ctx, c.choose())
		}
	}
}

// perform makes a request and records what came of it. One that has an id is
// sent again when its answer is lost, and however often it is sent, it takes
// effect once: success of any try is success of one operation since the first.
// A try that is refused says nothing of those before it, which may be under way.
func (c *client) perform(ctx context.Context, r model.Request) {
	lostSince := int64(-1)
	for range maxTries {
		began := c.history.now()
		a, sent := c.try(ctx, r)
		switch {
		case !sent:
		case a.Code == model.Undetermined && lostSince < 0:
			lostSince = began
		case a.Code == model.Undetermined:
		case a.Code == model.OK && lostSince >= 0:
			c.history.add(c.number, r, a, lostSince, c.history.now())
			return
		default:
			c.history.add(c.number, r, a, began, c.history.now())
			c.lose(r, lostSince)
			return
		}
		pass(ctx, pace)
		if r.ID == "" || lostSince < 0 {
			break
		}
	}
	c.lose(r, lostSince)
}

func (c *client) lose(r model.Request, since int64) {
	if since >= 0 {
		c.history.addLost(r, since)
	}
}

// try sends a request to the client's next server.
func (c *client) try(ctx context.Context, r model.Request) (a model.Answer, sent bool) {
	api := c.replicas[c.turn%len(c.replicas)].api(c.front)
	c.turn++
	if api == nil {
		return a, false
	}
	if c.wrap != nil {
		api = c.wrap(api)
	}
	return send(ctx, api, r, c.patience)
}
