package embedded

import (
	"context"
	"errors"
	"testing"
	"time"

	"roster/core"
)

func TestVersionsNeverStepBack(t *testing.T) {
	for name, restart := range map[string]time.Duration{
		"at the same time":           0,
		"an hour earlier":            -time.Hour,
		"a day later":                24 * time.Hour,
		"before the clock's own era": -60 * 366 * 24 * time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			dir, clock := t.TempDir(), newClock()
			var last uint64
			var snapshots []uint64
			for i, value := range []string{"1", "2", "3"} {
				if i > 0 {
					clock.step(restart)
				}
				s := open(t, Options{Dir: dir, Clock: clock.now})
				for range 3 {
					err := s.Update(t.Context(), func(tx core.Txn) error {
						if tx.Version() <= last {
							t.Errorf("version %d comes after %d", tx.Version(), last)
						}
						last = tx.Version()
						return tx.Put([]byte("n"), []byte(value))
					})
					if err != nil {
						t.Fatal(err)
					}
				}
				v := latest(t, s)
				if v <= last {
					t.Errorf("the latest version %d is not above the update's, %d", v, last)
				}
				last = v
				snapshots = append(snapshots, v)
				shut(t, s)
			}
			if restart > 0 {
				return // the earlier snapshots are too old by now
			}
			s := open(t, Options{Dir: dir, Clock: clock.now})
			for i, v := range snapshots {
				if got, want := get(t, s, v, "n"), string(rune('1'+i)); got != want {
					t.Errorf("n=%q at version %d, want %s", got, v, want)
				}
			}
		})
	}
}

// ledger is an oracle's memory on a disk that may fail.
type ledger struct {
	bound uint64
	err   error
}

func (l *ledger) reserve(_, bound uint64) error {
	if l.err == nil {
		l.bound = bound
	}
	return l.err
}

func TestOracleReservesAhead(t *testing.T) {
	clock, disk := newClock(), &ledger{}
	o, err := newOracle(clock.now, 0, 0, disk.reserve)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		clock.step(100 * time.Millisecond)
		v, err := o.fresh()
		if err != nil {
			t.Fatal(err)
		}
		if v > disk.bound {
			t.Fatalf("version %d was given out, but only those up to %d are reserved", v, disk.bound)
		}
	}
	disk.err = errors.New("disk full")
	clock.step(time.Minute)
	if v, err := o.fresh(); !errors.Is(err, disk.err) {
		t.Errorf("fresh = %d, %v without a reservation, want the disk's error", v, err)
	}
}

func TestOracleSealsWhatItGaveOut(t *testing.T) {
	clock, disk := newClock(), &ledger{}
	o, err := newOracle(clock.now, 0, 0, disk.reserve)
	if err != nil {
		t.Fatal(err)
	}
	v, err := o.fresh()
	if err != nil {
		t.Fatal(err)
	}
	if err := o.seal(); err != nil {
		t.Fatal(err)
	}
	if disk.bound <= v || disk.bound > v+1 {
		t.Errorf("version %d was given out and %d sealed, want the next one", v, disk.bound)
	}
}

func TestViewAtATimeWithoutACommit(t *testing.T) {
	clock := newClock()
	s := open(t, Options{Clock: clock.now})
	set(t, s, "n", "1")
	clock.step(time.Hour)
	then := core.VersionAt(clock.now())
	if got := get(t, s, then, "n"); got != "1" {
		t.Errorf("n=%q an hour after its commit, want 1", got)
	}
	set(t, s, "n", "2") // in the same millisecond
	if got := get(t, s, then, "n"); got != "1" {
		t.Errorf("n=%q at a version that was read before the commit, want 1", got)
	}
	err := s.View(t.Context(), core.ViewOptions{Version: core.VersionAt(clock.now().Add(time.Second))}, nil)
	wantCode(t, err, core.InvalidArgument)
}

func TestViewWaitsForCommitsBelowIt(t *testing.T) {
	clock, disk := newClock(), &ledger{}
	o, err := newOracle(clock.now, 0, 0, disk.reserve)
	if err != nil {
		t.Fatal(err)
	}
	v, err := o.submit()
	if err != nil {
		t.Fatal(err)
	}
	clock.step(time.Second)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = o.open(ctx, core.VersionAt(clock.now()))
	wantCode(t, err, core.Unavailable)
	if len(o.views) != 0 {
		t.Error("a view that did not open holds its snapshot")
	}

	opened := make(chan error, 1)
	go func() {
		_, err := o.open(t.Context(), core.VersionAt(clock.now()))
		opened <- err
	}()
	o.settle(v)
	if err := <-opened; err != nil {
		t.Errorf("open: %v", err)
	}
}

func TestRaiseFloorKeepsSnapshotsInUse(t *testing.T) {
	clock, disk := newClock(), &ledger{}
	o, err := newOracle(clock.now, 0, 0, disk.reserve)
	if err != nil {
		t.Fatal(err)
	}
	old, err := o.open(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	o.settle(old + 10)
	_, since, err := o.begin()
	if err != nil {
		t.Fatal(err)
	}
	o.settle(old + 20)
	for _, step := range []struct {
		name  string
		want  uint64
		after func()
	}{
		{"while a view reads", old, func() { o.shut(old) }},
		{"while an update reads", old + 10, func() { o.end(since) }},
		{"with nothing in use", old + 20, func() {}},
	} {
		if got := o.raiseFloor(old + 30); got != step.want {
			t.Errorf("%s the floor is %d, want %d", step.name, got, step.want)
		}
		step.after()
	}
	if got := o.raiseFloor(old); got != old+20 {
		t.Errorf("the floor went back to %d from %d", got, old+20)
	}
}
