//go:build cluster

package replicas

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/tikv/client-go/v2/tikv"

	"roster/core"
	"roster/tests/cluster"
)

// safePoint is what PD holds at a moment: how far back the one who collects lets
// services read, what clients check snapshots against, and from where the stores
// drop versions.
type safePoint struct{ service, saved, cluster uint64 }

// safePoints reads them again and again.
type safePoints struct {
	url   string
	saved *tikv.EtcdSafePointKV
	stop  context.CancelFunc
	done  chan struct{}

	mu                            sync.Mutex
	now                           safePoint
	samples, advances, unanswered int
	wrong                         error
}

func watchSafePoints(t *testing.T, c *cluster.Cluster) *safePoints {
	t.Helper()
	saved, err := tikv.NewEtcdSafePointKV(c.PDAddrs(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	p := &safePoints{url: "http://" + c.PDAddrs()[0] + "/pd/api/v1/gc/safepoint", saved: saved, stop: cancel, done: make(chan struct{})}
	t.Cleanup(func() {
		cancel()
		<-p.done
		if err := saved.Close(); err != nil {
			t.Error(err)
		}
	})
	go func() {
		defer close(p.done)
		pace := time.NewTicker(probePace)
		defer pace.Stop()
		for ctx.Err() == nil {
			next, err := p.read(ctx)
			p.note(next, err)
			select {
			case <-pace.C:
			case <-ctx.Done():
			}
		}
	}()
	return p
}

func (p *safePoints) read(ctx context.Context) (found safePoint, err error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url, nil)
	if err != nil {
		return found, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return found, err
	}
	var body struct {
		Services []struct {
			ID        string `json:"service_id"`
			SafePoint uint64 `json:"safe_point"`
		} `json:"service_gc_safe_points"`
		Cluster uint64 `json:"gc_safe_point"`
	}
	err = json.NewDecoder(resp.Body).Decode(&body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return found, err
	}
	found.cluster = body.Cluster
	for _, service := range body.Services {
		if service.ID == "gc_worker" {
			found.service = service.SafePoint
		}
	}
	text, err := p.saved.Get(tikv.GcSavedSafePoint)
	if err == nil && text != "" {
		found.saved, err = strconv.ParseUint(text, 10, 64)
	}
	return found, err
}

// note checks that no safe point goes back or reaches into the retention. They
// are read in the order in which they must not exceed each other, the other way
// round.
func (p *safePoints) note(next safePoint, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.unanswered++
		return
	}
	p.samples++
	latest := core.VersionAt(time.Now().Add(-retention))
	for name, change := range map[string][2]uint64{
		"of the service": {p.now.service, next.service}, "saved": {p.now.saved, next.saved}, "of the cluster": {p.now.cluster, next.cluster},
	} {
		was, is := change[0], change[1]
		switch {
		case is < was:
			p.wrong = errors.Join(p.wrong, fmt.Errorf("the safe point %s went back from %d to %d", name, was, is))
		case is > latest:
			p.wrong = errors.Join(p.wrong, fmt.Errorf("the safe point %s is %v, within the retention", name, core.VersionTime(is)))
		case is > was:
			p.advances++
		}
	}
	if next.cluster > next.saved {
		p.wrong = errors.Join(p.wrong, fmt.Errorf("versions before %d may go, but clients read from %d on", next.cluster, next.saved))
	}
	p.now = next
}

func (p *safePoints) last() safePoint {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

func (p *safePoints) end(t *testing.T) {
	t.Helper()
	p.stop()
	<-p.done
	if p.wrong != nil {
		t.Error(p.wrong)
	}
	if p.advances < 3 { // each at least once
		t.Errorf("the safe points advanced %d times", p.advances)
	}
	t.Logf("counted: %d samples of the safe points, which advanced %d times and never went back; %d more were not answered", p.samples, p.advances, p.unanswered)
}
