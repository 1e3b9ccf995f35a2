//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
)

// syncsOfEtcd are the metrics that count its syncs: of the log and of the database.
var syncsOfEtcd = []string{"etcd_disk_wal_fsync_duration_seconds_count", "etcd_disk_backend_commit_duration_seconds_count"}

// forGRPC names the address of etcd.
const forGRPC = "gRPC"

// startEtcd runs etcd on data below dir, with its default settings.
func startEtcd(ctx context.Context, bin, dir string) (*process, error) {
	if _, err := os.Stat(bin); err != nil {
		return nil, fmt.Errorf("etcd %w; make bin/etcd builds it", errNotInstalled)
	}
	data, err := os.MkdirTemp(dir, "etcd-")
	if err != nil {
		return nil, err
	}
	clients, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	peers, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	p, err := startAt(ctx, clients, bin, "--data-dir", data, "--log-level", "panic",
		"--listen-client-urls", "http://"+clients, "--advertise-client-urls", "http://"+clients,
		"--listen-peer-urls", "http://"+peers, "--initial-advertise-peer-urls", "http://"+peers, "--initial-cluster", "default=http://"+peers)
	if err != nil {
		return nil, err
	}
	p.addrs = map[string]string{forGRPC: clients}
	p.syncs = func(ctx context.Context) (int64, error) { return counter(ctx, clients, syncsOfEtcd...) }
	if err := fillEtcd(ctx, p); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

// The keys of etcd: documents by their instances, and those that are listed.
func documentKey(instance string) []byte { return []byte("instance/" + instance) }

const listedPrefix = "listed/"

// fillEtcd creates the documents the load is about.
func fillEtcd(ctx context.Context, p *process) (err error) {
	c, err := p.dialEtcd(ctx, setupLimit)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	documents := map[string]document{
		readInstance:          newDocument(readInstance, clustersPerInstance),
		hotInstance(rest):     newDocument(hotInstance(rest), manyConnections),
		crowdedInstance(rest): newDocument(crowdedInstance(rest), manyConnections),
	}
	for worker := range manyConnections {
		id := distinctInstance(rest, worker)
		documents[id] = newDocument(id, clustersPerInstance)
	}
	for id, d := range documents {
		if err := c.put(documentKey(id), d); err != nil {
			return err
		}
	}
	// A transaction of etcd has 128 operations at most.
	const together = 100
	for first := 0; first < listedInstances; first += together {
		tx := new(etcdserverpb.TxnRequest)
		for number := first; number < first+together; number++ {
			id := crowdID(number)
			tx.Success = append(tx.Success, putOp([]byte(listedPrefix+id), newDocument(id, 1)))
		}
		if _, err := c.kv.Txn(c.ctx, tx); err != nil {
			return err
		}
	}
	return nil
}
