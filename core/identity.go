package core

import (
	"context"
	"errors"
	"slices"
	"strings"

	"roster/core/metakey"
	pb "roster/core/metapb"
)

// embeddedInstance is the instance a cloud_unique_id of the form
// "1:<instance_id>:<any>" names, or "" (meta-service.md 4.2).
func embeddedInstance(cloudUniqueID string) string {
	parts := slices.DeleteFunc(strings.Split(cloudUniqueID, ":"), func(s string) bool { return s == "" })
	if len(parts) != 3 || !startsWithOne(parts[0]) {
		return ""
	}
	return parts[1]
}

// startsWithOne reads s as C's atoi does: blanks, a sign, digits, anything.
func startsWithOne(s string) bool {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	s = strings.TrimLeft(strings.TrimPrefix(s, "+"), "0")
	return strings.HasPrefix(s, "1") && (len(s) == 1 || s[1] < '0' || s[1] > '9')
}

// resolve finds the instance of a cloud_unique_id; "" when there is none.
func resolve(r Reader, cloudUniqueID string) (string, error) {
	if cloudUniqueID == "" {
		return "", nil
	}
	if id := embeddedInstance(cloudUniqueID); id != "" {
		return id, nil
	}
	var entry pb.NodeIndexPB
	_, err := readRecord(r, metakey.NodeIndex(cloudUniqueID), &entry)
	return entry.GetInstanceId(), err
}

// resolveAll finds the instances of cloud_unique_ids and leaves out those that
// have none.
func resolveAll(r Reader, cloudUniqueIDs []string) ([]string, error) {
	var keys [][]byte
	for _, id := range cloudUniqueIDs {
		if embeddedInstance(id) == "" {
			keys = append(keys, metakey.NodeIndex(id))
		}
	}
	got, err := r.BatchGet(keys)
	if err != nil {
		return nil, err
	}
	var instances []string
	for _, id := range cloudUniqueIDs {
		instance := embeddedInstance(id)
		if key := metakey.NodeIndex(id); instance == "" && got[string(key)] != nil {
			var entry pb.NodeIndexPB
			if err := parseRecord(key, got[string(key)], &entry); err != nil {
				return nil, err
			}
			instance = entry.GetInstanceId()
		}
		if instance != "" {
			instances = append(instances, instance)
		}
	}
	return instances, nil
}

// readHolders maps the cloud_unique_ids that changes rest on to the instances
// that hold them.
func readHolders(got map[string][]byte, changes []*change) (map[string]string, error) {
	holders := map[string]string{}
	for _, c := range changes {
		for _, id := range append(c.nodes, c.holder) {
			key := metakey.NodeIndex(id)
			raw := got[string(key)]
			if raw == nil {
				continue
			}
			var entry pb.NodeIndexPB
			if err := parseRecord(key, raw, &entry); err != nil {
				return nil, err
			}
			holders[id] = entry.GetInstanceId()
		}
	}
	return holders, nil
}

// change runs an operation on the instance it names, or on the one that holds
// cloudUniqueID when it names none. unresolved is the failure if that finds none.
func (s *Service) change(ctx context.Context, c *change, cloudUniqueID string, unresolved *Error) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	if err := checkLengths(c.request); err != nil {
		return err
	}
	if c.check != nil {
		if err := c.check(); err != nil {
			return err
		}
	}
	if err := c.begin(ctx, ""); err != nil {
		return err
	}
	if c.instance != "" {
		return s.lanes.do(ctx, c)
	}
	for ctx.Err() == nil {
		repeated := false
		err := s.store.View(ctx, ViewOptions{}, func(r Reader) (err error) {
			// A repeat may name a node that its first run has dropped.
			if repeated, err = c.repeated(r); repeated || err != nil {
				return err
			}
			c.instance, err = resolve(r, cloudUniqueID)
			return err
		})
		if repeated || err != nil {
			return err
		}
		if c.instance == "" {
			return unresolved
		}
		if embeddedInstance(cloudUniqueID) == "" {
			c.holder = cloudUniqueID
		}
		if err := s.lanes.do(ctx, c); !errors.Is(err, errMoved) {
			return err
		}
	}
	return Errorf(Conflict, "cloud_unique_id %s keeps moving between instances, nothing was written, retry", cloudUniqueID)
}

// resolveGuarded is resolve for a transaction that rests on the answer.
func resolveGuarded(tx Txn, cloudUniqueID string) (string, error) {
	id, err := resolve(tx, cloudUniqueID)
	if err == nil && id != "" && embeddedInstance(cloudUniqueID) == "" {
		err = tx.Guard(metakey.NodeIndex(cloudUniqueID))
	}
	return id, err
}

// nodeIDs are the cloud_unique_ids in a document.
func nodeIDs(doc *pb.InstanceInfoPB) map[string]bool {
	ids := map[string]bool{}
	for _, cluster := range doc.GetClusters() {
		for _, node := range cluster.GetNodes() {
			if id := node.GetCloudUniqueId(); id != "" {
				ids[id] = true
			}
		}
	}
	return ids
}

// writeNodeIndex brings the index from what it was for one document to what it
// is for its successor.
func writeNodeIndex(tx Txn, was, is *pb.InstanceInfoPB) error {
	before, after := nodeIDs(was), nodeIDs(is)
	for id := range before {
		if !after[id] {
			if err := tx.Delete(metakey.NodeIndex(id)); err != nil {
				return err
			}
		}
	}
	for id := range after {
		if !before[id] {
			if err := writeRecord(tx, metakey.NodeIndex(id), &pb.NodeIndexPB{InstanceId: is.InstanceId}); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeMoved brings the index up to date for the nodes that changes added or
// removed: it tells what the document holds in the end.
func (b *batch) writeMoved() error {
	if len(b.moved) == 0 {
		return nil
	}
	held := make(map[string]bool, len(b.moved))
	for _, id := range b.moved {
		held[id] = false
	}
	delete(held, "")
	for _, cluster := range b.doc.GetClusters() {
		for _, node := range cluster.GetNodes() {
			if _, moved := held[node.GetCloudUniqueId()]; moved {
				held[node.GetCloudUniqueId()] = true
			}
		}
	}
	for id, here := range held {
		var err error
		switch {
		case !here:
			err = b.tx.Delete(metakey.NodeIndex(id))
		case b.env.holders[id] != b.instance:
			err = writeRecord(b.tx, metakey.NodeIndex(id), &pb.NodeIndexPB{InstanceId: &b.instance})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// occupied is the refusal of a cloud_unique_id that another instance holds (R19).
func occupied(r Reader, holder, cloudUniqueID string) error {
	doc, err := readInstance(r, holder)
	if err != nil {
		return err
	}
	c := clusterHolding(doc, cloudUniqueID)
	return Errorf(AlreadyExisted, "cloud_unique_id is already occupied by an instance, instance_id=%s cluster_name=%s cluster_id=%s cloud_unique_id=%s",
		holder, c.GetClusterName(), c.GetClusterId(), cloudUniqueID)
}

func clusterHolding(doc *pb.InstanceInfoPB, cloudUniqueID string) *pb.ClusterPB {
	for _, cluster := range doc.GetClusters() {
		for _, node := range cluster.GetNodes() {
			if node.GetCloudUniqueId() == cloudUniqueID {
				return cluster
			}
		}
	}
	return nil
}

// checkFree refuses nodes whose cloud_unique_id another instance holds.
func (e *Env) checkFree(instanceID string, nodes []*pb.NodeInfoPB) error {
	for _, node := range nodes {
		if holder, ok := e.holders[node.GetCloudUniqueId()]; ok && holder != instanceID {
			return occupied(e.vault.reader, holder, node.GetCloudUniqueId())
		}
	}
	return nil
}
