//go:build cluster

package replicas

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"roster/tests/harness"
)

// past is one reader for each replica that reads within the retention, all the
// time.
type past struct {
	readers map[*replica]*pastReader
	stop    context.CancelFunc
	done    sync.WaitGroup
}

type pastReader struct {
	mu      sync.Mutex
	reads   int
	last    time.Time     // of success
	longest time.Duration // of a success
	failed  map[time.Time]error
}

// readThePast begins when the instance has been there for as long as the readers
// go back.
func readThePast(t *testing.T, all []*replica, instance string) *past {
	t.Helper()
	query := asOf(instance, fmt.Sprintf("NOW() - INTERVAL %d SECOND", int(within.Seconds())))
	harness.Poll(t, "an instance of the past", 2*within, func(ctx context.Context) (bool, error) {
		rows, err := all[0].sql.Query(ctx, query)
		return len(rows) == 1, err
	})
	ctx, cancel := context.WithCancel(t.Context())
	p := &past{readers: map[*replica]*pastReader{}, stop: cancel}
	t.Cleanup(func() { p.stop(); p.done.Wait() })
	for _, r := range all {
		reader := &pastReader{failed: map[time.Time]error{}}
		p.readers[r] = reader
		sql := openSQL(t, r.server)
		p.done.Go(func() {
			pace := time.NewTicker(probePace)
			defer pace.Stop()
			for ctx.Err() == nil {
				began := time.Now()
				rows, err := sql.Query(ctx, query)
				if err == nil && len(rows) != 1 {
					err = fmt.Errorf("%d instances are read, want 1", len(rows))
				}
				if ctx.Err() == nil {
					reader.note(began, err)
				}
				select {
				case <-pace.C:
				case <-ctx.Done():
				}
			}
		})
	}
	return p
}

func (r *pastReader) note(began time.Time, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reads++
	if err != nil {
		r.failed[began] = err
		return
	}
	r.last = time.Now()
	r.longest = max(r.longest, r.last.Sub(began))
}

// awaitSuccesses waits until every reader but those of replicas that are gone has
// succeeded after a time.
func (p *past) awaitSuccesses(t *testing.T, after time.Time, gone ...*replica) {
	t.Helper()
	for r, reader := range p.readers {
		if len(gone) > 0 && r == gone[0] {
			continue
		}
		harness.Poll(t, "a read of the past", recovery, func(context.Context) (bool, error) {
			reader.mu.Lock()
			defer reader.mu.Unlock()
			return reader.last.After(after), nil
		})
	}
}

// end checks that every read was answered, but those of a replica since it was
// killed: one within the deadline waits for PD to come back.
func (p *past) end(t *testing.T, gone *replica, killed time.Time) {
	t.Helper()
	p.stop()
	p.done.Wait()
	reads, longest := 0, time.Duration(0)
	for r, reader := range p.readers {
		for began, err := range reader.failed {
			if r != gone || began.Before(killed.Add(-deadline)) {
				t.Errorf("a read of the past: %v", err)
			}
		}
		reads += reader.reads - len(reader.failed)
		longest = max(longest, reader.longest)
	}
	if longest > pdPause+recovery {
		t.Errorf("a read of the past took %v, and PD was away for %v", longest, pdPause)
	}
	t.Logf("counted: %d reads of %v ago succeeded, the longest took %.1fs, PD was away for %v", reads, within, longest.Seconds(), pdPause)
}
