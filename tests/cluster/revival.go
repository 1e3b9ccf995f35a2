package cluster

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

const (
	// maxRevivals is how often the stores of a cluster are started again.
	maxRevivals = 10
	// revivalPause comes before each, so that what ends a store at once may pass
	// before they are used up.
	revivalPause = time.Second
)

var errNoStore = errors.New("only stores are")

// Revival is the start of a store that had ended by itself.
type Revival struct {
	// Store is its name.
	Store string
	// Why is its panic, or how its process ended.
	Why string
}

func (r Revival) String() string {
	return fmt.Sprintf("%s ended by itself (%s), started again", r.Store, r.Why)
}

// revivals are those of a cluster.
type revivals struct {
	mu    sync.Mutex
	pause time.Duration // before each
	spent int
	done  []Revival
}

// spend lets a store be started again.
func (r *revivals) spend() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.spent == maxRevivals {
		return fmt.Errorf("%d times is all for the stores of a cluster", maxRevivals)
	}
	r.spent++
	return nil
}

// timer is the pause before one.
func (r *revivals) timer() *time.Timer {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.NewTimer(r.pause)
}

func (r *revivals) add(one Revival) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done = append(r.done, one)
}

func (r *revivals) all() []Revival {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.done)
}

// fate is why a process that has exited by itself is not started again, nil if it
// is. It is for whoever holds p.mu.
func (p *Process) fate(l *life) error {
	if !l.judged {
		l.judged, l.fate = true, errNoStore
		if p.revivals != nil {
			l.fate = p.revivals.spend()
		}
	}
	return l.fate
}

// revive starts a process again that has exited by itself, unless it is ended
// before.
func (p *Process) revive(l *life) {
	if p.state() != reviving {
		return
	}
	pause := p.revivals.timer()
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-l.ended:
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.life != l {
		return
	}
	one := Revival{Store: p.Name, Why: p.why(l)}
	if l.fate = p.start(); l.fate == nil {
		p.revivals.add(one)
	}
}
