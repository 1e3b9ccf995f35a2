package linear

import (
	"fmt"
	"math/rand/v2"

	"roster/tests/linear/model"
)

// What there is of each in an instance: few, so that clients meet.
const (
	clusterIDs = 3
	names      = 4
	nodes      = 6
)

// mix is what clients do, by weight: of 100, 40 reads, 35 changes of nodes, 15
// of clusters and 10 of the instance.
var mix = []struct {
	weight int
	kind   model.Kind
	fill   func(*client, *model.Request)
}{
	{40, model.GetInstance, func(*client, *model.Request) {}},
	{20, model.AddNode, (*client).fillNodes},
	{15, model.DropNode, (*client).fillNodes},
	{5, model.AddCluster, func(c *client, r *model.Request) { r.Name = c.anyName() }},
	{1, model.DropCluster, func(*client, *model.Request) {}},
	{3, model.RenameCluster, func(c *client, r *model.Request) { r.Name = c.anyName() }},
	{3, model.SetClusterStatus, func(c *client, r *model.Request) {
		r.Status = pick(c.rng, model.Normal, model.Suspended, model.ToResume)
	}},
	{3, model.SetClusterUsers, func(c *client, r *model.Request) { r.Users = []string{c.unique("user"), c.unique("user")} }},
	{10, model.SetInstanceStatus, func(c *client, r *model.Request) { r.Status = pick(c.rng, model.Normal, model.Overdue) }},
}

// choose is the client's next request. Every other change has an id.
func (c *client) choose() model.Request {
	r := model.Request{Instance: pick(c.rng, c.instances...), Cluster: fmt.Sprintf("cluster_%d", c.rng.IntN(clusterIDs))}
	n := c.rng.IntN(100)
	for _, m := range mix {
		if n -= m.weight; n < 0 {
			r.Kind = m.kind
			m.fill(c, &r)
			break
		}
	}
	if r.Kind == model.GetInstance || r.Kind == model.SetInstanceStatus {
		r.Cluster = ""
	}
	if r.Kind != model.GetInstance && c.rng.IntN(2) == 0 {
		r.ID = c.unique("request")
	}
	return r
}

// fillNodes names one or two nodes. A cloud_unique_id belongs to one instance,
// so that instances depend on themselves only.
func (c *client) fillNodes(r *model.Request) {
	for _, n := range c.rng.Perm(nodes)[:1+c.rng.IntN(2)] {
		r.Nodes = append(r.Nodes, model.Node{ID: fmt.Sprintf("%s_node_%d", r.Instance, n), Endpoint: fmt.Sprintf("10.0.0.%d:9050", n)})
	}
}

func (c *client) anyName() string { return fmt.Sprintf("name_%d", c.rng.IntN(names)) }

// unique is a name that nobody else has given.
func (c *client) unique(what string) string {
	c.given++
	return fmt.Sprintf("%s_%d_%d_%d", what, c.round, c.number, c.given)
}

func pick[E any](rng *rand.Rand, choices ...E) E { return choices[rng.IntN(len(choices))] }
