package main

import (
	"context"
	"math"
	"slices"
	"sync"

	"github.com/pingcap/kvproto/pkg/errorpb"
	"github.com/pingcap/kvproto/pkg/kvrpcpb"
	"github.com/pingcap/kvproto/pkg/tikvpb"
)

// service is unistore without the faults that TiKV does not have:
//   - One-phase and asynchronous commits lose updates: between the timestamp of
//     a commit and its arrival, others read the old value at a later timestamp.
//     It answers as a TiKV that cannot do them, and clients commit in two phases.
//   - A lock that was committed conflicts with no later writer of the key. It
//     becomes a write of what the key holds.
//   - A reverse scan ignores its version. It becomes a scan.
//   - A commit is as large in Raft's log as the values it commits, which limits
//     it to one of the largest. Those of large values are done key by key.
//   - A write that meets a split may hang. A split waits for the writes.
type service struct {
	tikvpb.TikvServer
	// large has the start timestamps of transactions with large values. They are
	// few and stay.
	large *sync.Map
	gate  *gate
}

// largeBytes of values in one prewrite make a transaction large.
const largeBytes = 1 << 20

// KvPrewrite implements tikvpb.TikvServer.
func (s service) KvPrewrite(ctx context.Context, req *kvrpcpb.PrewriteRequest) (*kvrpcpb.PrewriteResponse, error) {
	if refused, err := s.amend(ctx, req); refused != nil || err != nil {
		return refused, err
	}
	return s.TikvServer.KvPrewrite(ctx, req)
}

// KvScan implements tikvpb.TikvServer.
func (s service) KvScan(ctx context.Context, req *kvrpcpb.ScanRequest) (*kvrpcpb.ScanResponse, error) {
	if !req.Reverse {
		return s.TikvServer.KvScan(ctx, req)
	}
	forward := *req
	forward.Reverse, forward.Limit = false, math.MaxInt32
	forward.StartKey, forward.EndKey = req.EndKey, req.StartKey
	resp, err := s.TikvServer.KvScan(ctx, &forward)
	if err != nil {
		return nil, err
	}
	slices.Reverse(resp.Pairs)
	resp.Pairs = resp.Pairs[:min(len(resp.Pairs), int(req.Limit))]
	return resp, nil
}

// KvCommit implements tikvpb.TikvServer.
func (s service) KvCommit(ctx context.Context, req *kvrpcpb.CommitRequest) (*kvrpcpb.CommitResponse, error) {
	if !s.isLarge(req) {
		return s.TikvServer.KvCommit(ctx, req)
	}
	resp := &kvrpcpb.CommitResponse{}
	for _, key := range req.Keys {
		one := *req
		one.Keys = [][]byte{key}
		var err error
		if resp, err = s.TikvServer.KvCommit(ctx, &one); err != nil || resp.RegionError != nil || resp.Error != nil {
			return resp, err
		}
	}
	return resp, nil
}

func (s service) isLarge(req *kvrpcpb.CommitRequest) bool {
	_, large := s.large.Load(req.StartVersion)
	return large
}

// BatchCommands implements tikvpb.TikvServer.
func (s service) BatchCommands(stream tikvpb.Tikv_BatchCommandsServer) error {
	c := &commands{Tikv_BatchCommandsServer: stream, service: s, writes: writes{gate: s.gate, waiting: map[uint64]bool{}}}
	defer c.writes.close()
	return s.TikvServer.BatchCommands(c)
}

// SplitRegion implements tikvpb.TikvServer.
func (s service) SplitRegion(ctx context.Context, req *kvrpcpb.SplitRegionRequest) (resp *kvrpcpb.SplitRegionResponse, err error) {
	if !s.gate.split(ctx, func() { resp, err = s.TikvServer.SplitRegion(ctx, req) }) {
		resp = &kvrpcpb.SplitRegionResponse{RegionError: &errorpb.Error{
			Message: "writes are under way for too long", ServerIsBusy: &errorpb.ServerIsBusy{},
		}}
	}
	return resp, err
}

// amend changes a prewrite into one that unistore does right. It is refused when
// a key to lock cannot be read now.
func (s service) amend(ctx context.Context, req *kvrpcpb.PrewriteRequest) (refused *kvrpcpb.PrewriteResponse, err error) {
	req.TryOnePc, req.UseAsyncCommit, req.Secondaries = false, false, nil
	size := 0
	for _, m := range req.Mutations {
		if size += len(m.Value); size >= largeBytes {
			s.large.Store(req.StartVersion, true)
		}
		if m.Op != kvrpcpb.Op_Lock {
			continue
		}
		held, err := s.KvGet(ctx, &kvrpcpb.GetRequest{Context: req.Context, Key: m.Key, Version: req.StartVersion})
		switch {
		case err != nil:
			return nil, err
		case held.RegionError != nil:
			return &kvrpcpb.PrewriteResponse{RegionError: held.RegionError}, nil
		case held.Error.GetLocked().GetLockVersion() == req.StartVersion:
			// The prewrite was repeated, and unistore knows it.
		case held.Error != nil:
			return &kvrpcpb.PrewriteResponse{Errors: []*kvrpcpb.KeyError{held.Error}}, nil
		case held.NotFound:
			m.Op = kvrpcpb.Op_Del
		default:
			m.Op, m.Value = kvrpcpb.Op_Put, held.Value
		}
	}
	return nil, nil
}
