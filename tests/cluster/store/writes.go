package main

import (
	"sync"

	"github.com/pingcap/kvproto/pkg/tikvpb"
)

// writes are those of one stream that are past the gate and not answered yet.
type writes struct {
	gate *gate

	mu      sync.Mutex
	waiting map[uint64]bool
	closed  bool
}

// begin takes the writes of a batch through the gate.
func (w *writes) begin(batch *tikvpb.BatchCommandsRequest) {
	var ids []uint64
	for i, r := range batch.Requests {
		if r.GetPrewrite() != nil || r.GetCommit() != nil || r.GetBatchRollback() != nil || r.GetResolveLock() != nil {
			ids = append(ids, batch.RequestIds[i])
		}
	}
	w.gate.enter(len(ids))
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed { // while they were kept back
		w.gate.leave(len(ids))
		return
	}
	for _, id := range ids {
		w.waiting[id] = true
	}
}

func (w *writes) end(ids []uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range ids {
		if w.waiting[id] {
			delete(w.waiting, id)
			w.gate.leave(1)
		}
	}
}

// close gives up the writes whose answers nobody takes any more.
func (w *writes) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gate.leave(len(w.waiting))
	clear(w.waiting)
	w.closed = true
}
