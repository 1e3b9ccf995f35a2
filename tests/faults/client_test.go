package faults

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"roster/core"
	pb "roster/core/metapb"
)

// client makes one request after the other and knows what has come of each. It
// has instances of its own, and a part of those it shares with other clients.
// What it names begins with its prefix.
type client struct {
	number int
	prefix string
	rng    *rand.Rand
	names  int
	// docs are the client's parts of the instances as they have to be.
	docs map[string]*pb.InstanceInfoPB
	// used are the cloud_unique_ids of requests since the last verification.
	used []string
	// pending is the request whose outcome is unknown, and why; there is at
	// most one, because the client stops at it.
	pending *operation
	cause   error
	// last is the acknowledged request that had a request id last.
	last *operation
}

func newClient(number int, seed uint64) *client {
	return &client{
		number: number,
		prefix: fmt.Sprintf("k%d_", number),
		rng:    rand.New(rand.NewPCG(seed, uint64(number))),
		docs:   map[string]*pb.InstanceInfoPB{},
	}
}

func newClients(n int, seed uint64) []*client {
	clients := make([]*client, n)
	for i := range clients {
		clients[i] = newClient(i, seed)
	}
	return clients
}

func (c *client) name() string {
	c.names++
	return fmt.Sprintf("%s%d", c.prefix, c.names)
}

// node is a node with an id and endpoint that no other has.
func (c *client) node() *pb.NodeInfoPB {
	unique := c.name()
	return &pb.NodeInfoPB{
		CloudUniqueId: &unique,
		Ip:            new(fmt.Sprintf("10.%d.%d.%d", c.number, c.names>>8&255, c.names&255)),
		HeartbeatPort: new(int32(9000 + c.names>>16)),
	}
}

// work makes requests until one has no answer, or until last is closed: then
// it makes one more.
func (c *client) work(ctx context.Context, api core.API, t *tally, last <-chan struct{}) error {
	for finished := false; !finished; {
		select {
		case <-last:
			finished = true
		case <-ctx.Done():
			return fmt.Errorf("client %d: %w", c.number, context.Cause(ctx))
		default:
		}
		op := c.choose()
		c.used = append(c.used, op.nodes()...)
		v, cause, err := op.run(ctx, api)
		if err != nil {
			return fmt.Errorf("client %d: %w", c.number, err)
		}
		t.count(v)
		switch v {
		case acknowledged:
			c.docs[op.instance] = op.after(c.docs[op.instance])
			if op.requestID != "" {
				c.last = &op
			}
		case unknown:
			c.pending, c.cause = &op, cause
			return nil
		case unsent:
			return nil
		}
	}
	return nil
}

// verify compares the client's parts of all its instances with what the server
// has: acknowledged operations are there, refused ones are not, the pending one
// is there as a whole or not at all. It reports whether the pending one was.
func (c *client) verify(ctx context.Context, api core.API) (landed bool, err error) {
	var faults []error
	if op := c.pending; op != nil {
		landed, err = c.settle(ctx, api, *op)
		faults = append(faults, err)
		c.pending, c.cause = nil, nil
	}
	if op := c.last; op != nil {
		faults = append(faults, c.repeat(ctx, api, *op))
	}
	for _, id := range c.instances() {
		faults = append(faults, c.compare(ctx, api, id))
	}
	faults = append(faults, c.compareIndex(ctx, api))
	return landed, errors.Join(faults...)
}

// settle learns what came of an operation without an answer. One with a request
// id is then repeated, and has to take effect exactly once.
func (c *client) settle(ctx context.Context, api core.API, op operation) (landed bool, err error) {
	before := c.docs[op.instance]
	after := op.after(before)
	got, err := read(ctx, api, op.instance)
	if err != nil {
		return false, err
	}
	got = part(got, c.prefix)
	landed = proto.Equal(got, after) && !proto.Equal(before, after)
	if !landed && !proto.Equal(got, before) {
		return false, fmt.Errorf("client %d: %v, whose outcome was unknown, is there in part\n%s", c.number, op, difference(got, after))
	}
	if op.requestID == "" {
		c.docs[op.instance] = got
		return landed, nil
	}
	c.docs[op.instance] = after
	return landed, errors.Join(c.repeat(ctx, api, op), c.repeat(ctx, api, op))
}

// repeat makes a request again under its id: the answer has to be the first one.
func (c *client) repeat(ctx context.Context, api core.API, op operation) error {
	v, cause, err := op.run(ctx, api)
	if err == nil && v != acknowledged && v != refused {
		err = cause
	}
	if err != nil {
		return fmt.Errorf("client %d: the repeat of %v: %w", c.number, op, err)
	}
	return c.compare(ctx, api, op.instance)
}

func (c *client) compare(ctx context.Context, api core.API, instance string) error {
	got, err := read(ctx, api, instance)
	if err != nil {
		return err
	}
	got = part(got, c.prefix)
	if want := c.docs[instance]; !proto.Equal(got, want) {
		return fmt.Errorf("client %d: instance %s is not what the answers say\n%s", c.number, instance, difference(got, want))
	}
	return nil
}

// compareIndex looks up every cloud_unique_id the client has, or might have had.
func (c *client) compareIndex(ctx context.Context, api core.API) error {
	var faults []error
	held := map[string]bool{}
	for _, doc := range c.docs {
		for _, cluster := range doc.GetClusters() {
			for _, node := range cluster.GetNodes() {
				held[node.GetCloudUniqueId()] = true
				faults = append(faults, resolves(ctx, api, node.GetCloudUniqueId(), cluster.GetClusterId()))
			}
		}
	}
	for _, unique := range c.used {
		if !held[unique] {
			faults = append(faults, leadsNowhere(ctx, api, unique))
		}
	}
	c.used = slices.Collect(maps.Keys(held))
	return errors.Join(faults...)
}

// instances are the ids of the instances there are.
func (c *client) instances() []string {
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(c.docs)) {
		if c.docs[id] != nil {
			ids = append(ids, id)
		}
	}
	return ids
}

func (c *client) owns(instance string) bool { return strings.HasPrefix(instance, c.prefix) }

func difference(got, want *pb.InstanceInfoPB) string {
	return fmt.Sprintf(" got %s\nwant %s", prototext.Format(got), prototext.Format(want))
}
