package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// replicasLimit bounds the wait for the replicas of an empty cluster.
const replicasLimit = time.Minute

// replicasOf is how many replicas each region has on so many stores.
func replicasOf(stores int) int { return min(stores, 3) }

// replicated waits until every region has its replicas: stores are safe with
// snapshots as long as these are empty and few.
func (c *Cluster) replicated(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, replicasLimit)
	defer cancel()
	gone, short := await(ctx, func(ctx context.Context) (gone, short error) {
		gone, _ = c.lacking(ctx)
		return gone, c.short(ctx)
	})
	if gone == nil && short == nil {
		return nil
	}
	return fmt.Errorf("the regions do not get their replicas: %w", errors.Join(gone, short))
}

// region is one as PD describes it.
type region struct {
	ID    uint64 `json:"id"`
	Peers []struct {
		Learner bool `json:"is_learner"`
	} `json:"peers"`
	Pending []any `json:"pending_peers"`
}

// short names the first region that lacks replicas.
func (c *Cluster) short(ctx context.Context) error {
	var all struct {
		Regions []region `json:"regions"`
	}
	if err := askPD(ctx, c.pds[0].listens, "regions", &all); err != nil {
		return err
	}
	// The bounds of the keyspaces make one more than there are bounds.
	if len(all.Regions) <= len(keyspaceBounds) {
		return fmt.Errorf("PD knows %d regions, want %d at least", len(all.Regions), len(keyspaceBounds)+1)
	}
	want := replicasOf(len(c.stores))
	for _, r := range all.Regions {
		voters := -len(r.Pending)
		for _, peer := range r.Peers {
			if !peer.Learner {
				voters++
			}
		}
		if voters < want {
			return fmt.Errorf("region %d has %d replicas, want %d", r.ID, voters, want)
		}
	}
	return nil
}
