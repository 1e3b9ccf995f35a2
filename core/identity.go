package core

import (
	"context"
	"errors"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

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

// addHolder notes who holds a cloud_unique_id, if anyone does.
func (e *Env) addHolder(cloudUniqueID string, raw []byte) error {
	if raw == nil {
		return nil
	}
	entry := new(pb.NodeIndexPB)
	e.holders[cloudUniqueID] = entry
	return parseRecord(metakey.NodeIndex(cloudUniqueID), raw, entry)
}

// change runs an operation on the instance it names, or on the one that holds
// cloudUniqueID when it names none. unresolved is the failure if that finds none.
func (s *Service) change(ctx context.Context, c *change, cloudUniqueID string, unresolved *Error) error {
	ctx, cancel := context.WithTimeout(ctx, MaxWait)
	defer cancel()
	if err := c.begin(ctx); err != nil {
		return err
	}
	if c.instance != "" {
		return s.lanes.do(ctx, c)
	}
	for ctx.Err() == nil {
		err := s.store.View(ctx, ViewOptions{}, func(r Reader) (err error) {
			c.instance, err = resolve(r, cloudUniqueID)
			return err
		})
		if err != nil {
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

// nodeIndex is the index of a document: who holds each cloud_unique_id in it.
func nodeIndex(doc *pb.InstanceInfoPB) map[string]*pb.NodeIndexPB {
	index := map[string]*pb.NodeIndexPB{}
	for _, cluster := range doc.GetClusters() {
		for _, node := range cluster.GetNodes() {
			id := node.GetCloudUniqueId()
			if id == "" || index[id] != nil {
				continue
			}
			index[id] = &pb.NodeIndexPB{InstanceId: doc.InstanceId, ClusterId: cluster.ClusterId, ClusterName: cluster.ClusterName}
		}
	}
	return index
}

// writeNodeIndex brings the index from what it was for one document to what it
// is for its successor.
func writeNodeIndex(tx Txn, was, is *pb.InstanceInfoPB) error {
	before, after := nodeIndex(was), nodeIndex(is)
	for id := range before {
		if after[id] == nil {
			if err := tx.Delete(metakey.NodeIndex(id)); err != nil {
				return err
			}
		}
	}
	for id, entry := range after {
		if before[id] != nil && proto.Equal(before[id], entry) {
			continue
		}
		if err := writeRecord(tx, metakey.NodeIndex(id), entry); err != nil {
			return err
		}
	}
	return nil
}

// occupied is the refusal of a cloud_unique_id that another instance holds (R19).
func (e *Env) occupied(instanceID string, nodes []*pb.NodeInfoPB) error {
	for _, node := range nodes {
		id := node.GetCloudUniqueId()
		if h := e.holders[id]; h != nil && h.GetInstanceId() != instanceID {
			return Errorf(AlreadyExisted, "cloud_unique_id is already occupied by an instance, instance_id=%s cluster_name=%s cluster_id=%s cloud_unique_id=%s",
				h.GetInstanceId(), h.GetClusterName(), h.GetClusterId(), id)
		}
	}
	return nil
}
