//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// etcdClient speaks etcd's gRPC API over one connection.
type etcdClient struct {
	conn *grpc.ClientConn
	kv   etcdserverpb.KVClient
	ctx  context.Context //nolint:containedctx // the limit of a run, as a deadline is of the other clients' connections
	stop context.CancelFunc
}

const maxEtcdReply = 64 << 20

func (p *process) dialEtcd(ctx context.Context, limit time.Duration) (*etcdClient, error) {
	conn, err := grpc.NewClient(p.addrs[forGRPC], grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxEtcdReply)))
	if err != nil {
		return nil, err
	}
	c := &etcdClient{conn: conn, kv: etcdserverpb.NewKVClient(conn)}
	c.ctx, c.stop = context.WithTimeout(ctx, limit)
	return c, nil
}

func (c *etcdClient) close() error {
	c.stop()
	return c.conn.Close()
}

// errNoKey says that a key that was written is not there.
var errNoKey = errors.New("etcd has no such key")

// get is a linearizable read: the document and its revision.
func (c *etcdClient) get(key []byte) (document, int64, error) {
	reply, err := c.kv.Range(c.ctx, &etcdserverpb.RangeRequest{Key: key})
	if err != nil {
		return nil, 0, err
	}
	if len(reply.Kvs) != 1 {
		return nil, 0, fmt.Errorf("%w: %s", errNoKey, key)
	}
	return reply.Kvs[0].Value, reply.Kvs[0].ModRevision, nil
}

func (c *etcdClient) put(key []byte, d document) error {
	_, err := c.kv.Put(c.ctx, &etcdserverpb.PutRequest{Key: key, Value: d})
	return err
}

// list reads every listed document.
func (c *etcdClient) list() error {
	end := []byte(listedPrefix)
	end[len(end)-1]++
	reply, err := c.kv.Range(c.ctx, &etcdserverpb.RangeRequest{Key: []byte(listedPrefix), RangeEnd: end})
	if err == nil && len(reply.Kvs) != listedInstances {
		err = fmt.Errorf("%d documents, want %d", len(reply.Kvs), listedInstances)
	}
	return err
}

// update changes a document as its users do: read, change, write unless somebody else
// has, and once more if so.
func (c *etcdClient) update(key []byte, change func(document) (document, error)) error {
	for {
		d, revision, err := c.get(key)
		if err != nil {
			return err
		}
		if d, err = change(d); err != nil {
			return err
		}
		reply, err := c.kv.Txn(c.ctx, &etcdserverpb.TxnRequest{
			Compare: []*etcdserverpb.Compare{{
				Key: key, Target: etcdserverpb.Compare_MOD, Result: etcdserverpb.Compare_EQUAL,
				TargetUnion: &etcdserverpb.Compare_ModRevision{ModRevision: revision},
			}},
			Success: []*etcdserverpb.RequestOp{putOp(key, d)},
		})
		if err != nil {
			return err
		}
		if reply.Succeeded {
			return nil
		}
	}
}

func putOp(key []byte, d document) *etcdserverpb.RequestOp {
	return &etcdserverpb.RequestOp{Request: &etcdserverpb.RequestOp_RequestPut{
		RequestPut: &etcdserverpb.PutRequest{Key: key, Value: d},
	}}
}

// etcdVersion is what the server says it is.
func etcdVersion(ctx context.Context, p *process) (string, error) {
	c, err := p.dialEtcd(ctx, setupLimit)
	if err != nil {
		return "", err
	}
	reply, err := etcdserverpb.NewMaintenanceClient(c.conn).Status(c.ctx, &etcdserverpb.StatusRequest{})
	if err := errors.Join(err, c.close()); err != nil {
		return "", err
	}
	return reply.Version, nil
}
