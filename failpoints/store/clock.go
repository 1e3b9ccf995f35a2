package store

import (
	"time"

	"github.com/pingcap/failpoint"

	"roster/failpoints"
)

// Now is a clock that can jump.
func Now() time.Time {
	now := time.Now()
	failpoint.Inject("clock", func(v failpoint.Value) {
		if failpoints.Act(v) {
			now = now.Add(failpoints.Duration(v))
		}
	})
	return now
}
