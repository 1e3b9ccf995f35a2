//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"

	"roster/core"
	"roster/core/metakey"
	pb "roster/core/metapb"
	"roster/tikvstore/embedded"
)

// crowdFlag makes the bench program the loader of startCrowd.
const crowdFlag = "crowd"

// crowdID is the id of one of very many instances.
func crowdID(number int) string { return fmt.Sprintf("crowd-%07d", number) }

// startCrowd runs roster on a data directory that holds so many instances of one
// cluster. They are written by a process of its own, whose memory ends with it.
func startCrowd(ctx context.Context, bin, dir string, instances int) (*process, error) {
	data, err := os.MkdirTemp(dir, "crowd-")
	if err != nil {
		return nil, err
	}
	// Its first start gives the directory the key that records are sealed with.
	empty, err := startRoster(ctx, bin, data)
	if err != nil {
		return nil, err
	}
	if err := empty.stop(); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	loader := exec.CommandContext(ctx, self, "-"+crowdFlag, strconv.Itoa(instances), data)
	if out, err := loader.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("writing %d instances: %w\n%s", instances, err, out)
	}
	return startRoster(ctx, bin, data)
}

// instancesPerTxn keeps a transaction far below core.MaxTxnBytes.
const instancesPerTxn = 2000

// loadCrowd writes instances to a new store as create_instance and add_cluster would,
// but for their history.
func loadCrowd(ctx context.Context, data string, instances int) (err error) {
	store, err := embedded.Open(embedded.Options{Dir: data})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	now := time.Now().Unix()
	for first := 0; first < instances; first += instancesPerTxn {
		err := store.Update(ctx, func(tx core.Txn) error {
			for number := first; number < min(first+instancesPerTxn, instances); number++ {
				if err := putInstance(tx, crowdID(number), now); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func putInstance(tx core.Txn, id string, now int64) error {
	cluster := &pb.ClusterPB{
		ClusterId: new(clusterID(0)), ClusterName: new(clusterName(0)), Type: pb.ClusterPB_COMPUTE.Enum(),
		ClusterStatus: pb.ClusterStatus_NORMAL.Enum(), Ctime: &now, Mtime: &now,
	}
	for number := range nodesPerCluster {
		n := nodeOf(id, 0, number)
		cluster.Nodes = append(cluster.Nodes, &pb.NodeInfoPB{
			CloudUniqueId: &n.id, Ip: &n.ip, HeartbeatPort: new(int32(n.port)), Ctime: &now, Mtime: &now,
		})
		if err := putRecord(tx, metakey.NodeIndex(n.id), &pb.NodeIndexPB{InstanceId: &id}); err != nil {
			return err
		}
	}
	if err := putRecord(tx, metakey.InstanceSeen(id), &pb.InstanceSeenPB{Ctime: &now}); err != nil {
		return err
	}
	return putRecord(tx, metakey.Instance(id), &pb.InstanceInfoPB{
		InstanceId: &id, UserId: new("bench"), Name: new("bench"), Status: pb.InstanceInfoPB_NORMAL.Enum(),
		Ctime: &now, Mtime: &now, Clusters: []*pb.ClusterPB{cluster},
	})
}

func putRecord(tx core.Txn, key []byte, record proto.Message) error {
	raw, err := proto.Marshal(record)
	if err != nil {
		return err
	}
	return tx.Put(key, raw)
}
