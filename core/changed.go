package core

import (
	"cmp"
	"context"
	"slices"

	"roster/core/metakey"
	pb "roster/core/metapb"
	"roster/core/seal"
)

// maxChanged bounds the instances that are told to have changed, and
// maxChangedBytes about their records.
const (
	maxChanged      = 1000
	maxChangedBytes = 16 << 20
)

// ChangedInstances are the instances that changed between two snapshots.
type ChangedInstances struct {
	// Version is the later snapshot's: it holds every change acknowledged before
	// the call. 0 says that the store never knows.
	Version uint64
	// Known is false if they are not known, or too many: all are to be listed, under
	// WithVersion with Version.
	Known bool
	// Instances are in the order of their ids, as they are at Version.
	Instances []ChangedInstance
}

// ChangedInstance is an instance with its document, masked as ListInstances does,
// or nil if its record is not there any more.
type ChangedInstance struct {
	ID  string
	Doc *pb.InstanceInfoPB
}

// ChangedInstances tells which instances changed after a version.
func (s *Service) ChangedInstances(ctx context.Context, since uint64) (ChangedInstances, error) {
	start, end := metakey.InstanceRange()
	storeCtx, cancel := bounded(ctx)
	defer cancel()
	changes, err := s.store.Changes(storeCtx, Range{Start: start, End: end, Limit: maxChanged}, since)
	if err != nil {
		return ChangedInstances{}, err
	}
	changed := ChangedInstances{Version: changes.Version, Known: changes.Known}
	if len(changes.Keys) == 0 {
		return changed, nil
	}
	err = s.view(WithVersion(ctx, changes.Version), func(r Reader) error {
		changed.Instances, changed.Known, err = readChanged(r, changes.Keys)
		return err
	})
	slices.SortFunc(changed.Instances, func(a, b ChangedInstance) int { return cmp.Compare(a.ID, b.ID) })
	return changed, err
}

// readChanged reads instances in pages. known is false if they are too long together.
func readChanged(r Reader, keys [][]byte) (instances []ChangedInstance, known bool, err error) {
	size := 0
	for page := range slices.Chunk(keys, instancePage) {
		found, err := r.BatchGet(page)
		if err != nil {
			return nil, false, err
		}
		for _, key := range page {
			raw := found[string(key)]
			if size += len(raw); size > maxChangedBytes {
				return nil, false, nil
			}
			c, err := changedInstance(key, raw)
			if err != nil {
				return nil, false, err
			}
			instances = append(instances, c)
		}
	}
	return instances, true, nil
}

func changedInstance(key, raw []byte) (ChangedInstance, error) {
	decoded, err := metakey.Decode(key)
	if err != nil || len(decoded.Fields) < 2 {
		return ChangedInstance{}, Errorf(Internal, "the key %x is in the range of instances and names none: remove it", key).Because(err)
	}
	c := ChangedInstance{ID: decoded.Fields[1].Str}
	if raw == nil {
		return c, nil
	}
	c.Doc = new(pb.InstanceInfoPB)
	if err := parseRecord(key, raw, c.Doc); err != nil {
		return ChangedInstance{}, err
	}
	seal.Mask(c.Doc)
	return c, nil
}
