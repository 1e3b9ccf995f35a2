//go:build cluster

package replicas

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"roster/core"
	pb "roster/core/metapb"
	"roster/tests/harness"
)

// probe makes one request after the other.
type probe struct {
	name     string
	instance string
	api      core.API
	sql      *harness.SQL // the same, if it is SQL
	writes   bool
	first    int // of the nodes it adds

	mu        sync.Mutex
	codes     map[core.Code]int
	acked     []int       // nodes
	successes []time.Time // when the answers came
	longest   time.Duration
	logins    int   // that failed
	wrong     error // an answer that must not be
}

// probePace keeps the documents that the clients write small.
const probePace = 100 * time.Millisecond

func (p *probe) run(ctx context.Context) {
	pace := time.NewTicker(probePace)
	defer pace.Stop()
	for n := 1; ctx.Err() == nil; n++ {
		// The server's own deadline has to come first.
		one, cancel := context.WithTimeout(ctx, 3*deadline)
		if p.login(one) {
			began := time.Now()
			if err := p.send(one, n); ctx.Err() == nil {
				p.note(n, err, time.Since(began))
			}
		}
		cancel()
		select {
		case <-pace.C:
		case <-ctx.Done():
		}
	}
}

// login makes sure of a connection. A login reads the user from the store, so
// that one may fail which is no request.
func (p *probe) login(ctx context.Context) bool {
	if p.sql == nil || p.sql.DB.PingContext(ctx) == nil {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.logins++
	return false
}

func (p *probe) send(ctx context.Context, n int) error {
	if p.writes {
		return p.api.AddNode(ctx, onCluster(p.instance, node(p.instance, p.first+n)))
	}
	_, err := p.api.GetInstance(ctx, &pb.GetInstanceRequest{InstanceId: &p.instance})
	return err
}

func (p *probe) note(n int, err error, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	code := core.CodeOf(err)
	p.codes[code]++
	p.longest = max(p.longest, took)
	answer, answered := errors.AsType[*core.Error](err)
	switch {
	case took > deadline+overhead:
		p.wrong = errors.Join(p.wrong, fmt.Errorf("request %d took %v, want %v at most: %w", n, took, deadline+overhead, errors.Join(err)))
	case err == nil:
		p.successes = append(p.successes, time.Now())
		if p.writes {
			p.acked = append(p.acked, p.first+n)
		}
	case !answered:
		p.wrong = errors.Join(p.wrong, fmt.Errorf("request %d was not answered: %w", n, err))
	case code == core.Unavailable, p.writes && (code == core.Undetermined || code == core.Conflict):
	default:
		p.wrong = errors.Join(p.wrong, fmt.Errorf("request %d: %v is not to be retried: %w", n, code, answer))
	}
}

func (p *probe) failures() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for code, times := range p.codes {
		if code != core.OK {
			n += times
		}
	}
	return n
}

// succeeded is when the last success was.
func (p *probe) succeeded() (last time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.successes) > 0 {
		last = p.successes[len(p.successes)-1]
	}
	return last
}

// firstAfter is when the first success after a time was; there is one.
func (p *probe) firstAfter(begin time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.successes, begin.Before)
	return p.successes[i]
}
