package faults

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	"roster/core"
	pb "roster/core/metapb"
	"roster/tests/harness"
)

const (
	// arena is the instance that everybody writes, rival another one that wants
	// some of the same cloud_unique_ids.
	arena, rival = "arena", "rival"
	// prizes is how many things of each kind the clients fight for.
	prizes = 4
	// Requests of each client by kind.
	nodeDuels, plainNodes, statusTries, userLists = 8, 8, 12, 4
)

// TestContention has many clients write one instance at once, each in an order
// of its own.
func TestContention(t *testing.T) {
	seed := harness.Seed(t, *seed)
	dir := t.TempDir()
	s, api := start(t, dir)
	c := contention{acked: map[string][]string{}, prizes: map[string]int{}}
	clients := newClients(maxClients, seed)
	if err := c.run(t.Context(), api, preparation(clients)); err != nil {
		t.Fatal(err)
	}
	for _, tries := range []func(*client) []try{(*client).duels, (*client).fights} {
		err := each(clients, func(client *client) error { return c.run(t.Context(), api, tries(client)) })
		if err != nil {
			t.Fatalf("%v\n%s", err, tail(s))
		}
	}
	docs := map[string]*pb.InstanceInfoPB{}
	for _, instance := range []string{arena, rival} {
		doc, err := read(t.Context(), api, instance)
		if err != nil {
			t.Fatal(err)
		}
		docs[instance] = part(doc, "")
	}
	stop(t, s)
	acked := c.checkPrizes(t)
	for instance, doc := range docs {
		c.checkHistory(t, dir, doc, instance)
	}
	t.Logf("%d clients on one instance: %d acknowledged, %d refused, %d prizes won once each", len(clients), acked, c.refused, len(c.prizes))
}

// try is a request that may lose to another client's.
type try struct {
	operation
	// lost is the code that answers a loser, OK if the request cannot lose.
	lost core.Code
	// prize is what only one request can win, "" for one that fights for none.
	prize string
}

// preparation is what has to be there before the fight.
func preparation(clients []*client) []try {
	tries := []try{
		{operation: createInstance(arena)}, {operation: createInstance(rival)},
		{operation: addCluster(arena, base, base)}, {operation: addCluster(rival, base, base)},
	}
	for i := range prizes {
		tries = append(tries, try{operation: addCluster(arena, statusCluster(i), statusCluster(i))})
	}
	for _, c := range clients {
		tries = append(tries, try{operation: addCluster(arena, c.prefix, c.prefix)})
	}
	return tries
}

func statusCluster(i int) string { return fmt.Sprintf("status_%d", i) }

// duels are requests for cloud_unique_ids that the client's neighbour wants at
// the same time for the other instance.
func (c *client) duels() []try {
	instance := arena
	if c.number%2 == 1 {
		instance = rival
	}
	tries := make([]try, nodeDuels)
	for i := range tries {
		wanted := c.node()
		wanted.CloudUniqueId = new(fmt.Sprintf("wanted_node_%d_%d", c.number/2, i))
		tries[i] = try{addNodes(instance, base, wanted), core.AlreadyExisted, "cloud_unique_id " + wanted.GetCloudUniqueId()}
	}
	return tries
}

// fights are what the client does in the arena, in an order of its own.
func (c *client) fights() []try {
	var tries []try
	for range plainNodes {
		tries = append(tries, try{operation: addNodes(arena, base, c.node(), c.node())})
	}
	for i := range prizes {
		taken := c.node()
		taken.Ip = new(fmt.Sprintf("10.255.0.%d", i))
		taken.HeartbeatPort = new(int32(9050))
		id, name := fmt.Sprintf("wanted_id_%d", i), fmt.Sprintf("wanted_name_%d", i)
		tries = append(tries,
			try{addNodes(arena, base, c.node(), taken), core.InvalidArgument, "endpoint " + taken.GetIp()},
			try{addCluster(arena, id, c.name(), c.node()), core.AlreadyExisted, "cluster id " + id},
			try{addCluster(arena, c.name(), name, c.node()), core.AlreadyExisted, "cluster name " + name},
		)
	}
	name := fmt.Sprintf("wanted_rename_%d", c.number%prizes)
	tries = append(tries, try{renameCluster(arena, c.prefix, name), core.InvalidArgument, "new name " + name})

	for range statusTries {
		status := following[pb.ClusterStatus(1+c.rng.IntN(3))]
		tries = append(tries, try{operation: setStatus(arena, statusCluster(c.rng.IntN(prizes)), status), lost: core.InvalidArgument})
	}
	for range userLists {
		tries = append(tries, try{operation: setUsers(arena, base, c.name())})
	}
	c.rng.Shuffle(len(tries), func(i, j int) { tries[i], tries[j] = tries[j], tries[i] })
	return tries
}

// contention is what all clients have been answered.
type contention struct {
	mu sync.Mutex
	// acked are the acknowledged requests of each instance.
	acked   map[string][]string
	refused int
	// prizes counts who won each.
	prizes map[string]int
}

// run makes requests one after the other.
func (c *contention) run(ctx context.Context, api core.API, tries []try) error {
	for _, t := range tries {
		if err := c.try(ctx, api, t); err != nil {
			return err
		}
	}
	return nil
}

func (c *contention) try(ctx context.Context, api core.API, t try) error {
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	err := t.send(ctx, api)
	c.mu.Lock()
	defer c.mu.Unlock()
	won := 0
	switch {
	case err == nil:
		c.acked[t.instance] = append(c.acked[t.instance], t.key())
		won = 1
	case core.CodeOf(err) == t.lost:
		c.refused++
	default:
		return fmt.Errorf("%v: %w", t.operation, err)
	}
	if t.prize != "" {
		c.prizes[t.prize] += won
	}
	return nil
}

// checkPrizes checks that each prize was won once, and returns how many requests
// were acknowledged.
func (c *contention) checkPrizes(t *testing.T) (acked int) {
	t.Helper()
	for prize, winners := range c.prizes {
		if winners != 1 {
			t.Errorf("%s has %d winners, want 1", prize, winners)
		}
	}
	for _, requests := range c.acked {
		acked += len(requests)
	}
	return acked
}

// checkHistory checks that the history of an instance holds what was
// acknowledged and nothing else, and leads to the document: then no update was
// lost, and all were applied one after the other.
func (c *contention) checkHistory(t *testing.T, dir string, doc *pb.InstanceInfoPB, instance string) {
	t.Helper()
	history := readHistory(t, dir, instance)
	var got []string
	for _, op := range history {
		got = append(got, op.key())
	}
	want := c.acked[instance]
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the history of %s has %d operations, %d were acknowledged, and they are not the same", instance, len(got), len(want))
	}
	replayed, err := replay(history)
	if err != nil {
		t.Error(err)
	}
	if !proto.Equal(replayed, doc) {
		t.Errorf("the history of %s does not lead to its document\n%s", instance, difference(doc, replayed))
	}
}
