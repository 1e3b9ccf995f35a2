package tikvstore

import (
	"encoding/json"
	"sync/atomic"
	"time"

	"github.com/tikv/client-go/v2/txnkv/transaction"
)

// shortcuts have a cluster commit in one phase, or asynchronously: over one region
// with few keys that is a request less than two-phase commit has, or two. client-go
// falls back by itself where the cluster cannot, but only after a timestamp in
// vain, so a cluster that has refused both is not asked again for a while.
type shortcuts struct {
	refused atomic.Pointer[time.Time]
}

// refusalLasts is short since a region whose leader has just moved refuses too.
const refusalLasts = time.Minute

func (s *shortcuts) offer(driver *transaction.KVTxn) {
	if at := s.refused.Load(); at != nil && time.Since(*at) < refusalLasts {
		return
	}
	driver.SetEnable1PC(true)
	driver.SetEnableAsyncCommit(true)
	driver.SetCommitCallback(func(text string, err error) {
		// A large transaction falls back from the one, and does not try the other.
		var info transaction.TxnInfo
		if err == nil && json.Unmarshal([]byte(text), &info) == nil && info.OnePCFallback && info.AsyncCommitFallback {
			s.refused.Store(new(time.Now()))
		}
	})
}
