package embedded

import (
	"context"
	"errors"
	"slices"
	"testing"

	"roster/core"
)

func plenty() (uint64, error) { return 1 << 40, nil }

// queued is a committer that is not running, with an oracle of its own. What it
// writes goes to keep.
func queued(t *testing.T, keep func(*batch) (bool, error)) *committer {
	t.Helper()
	o, err := newOracle(newClock().now, 0, 0, (&ledger{}).reserve)
	if err != nil {
		t.Fatal(err)
	}
	c := newCommitter(o, plenty)
	c.most = load{entries: 4, bytes: 100, values: 100}
	c.keep = keep
	c.give = func(*group) {}
	return c
}

// writes are as many as a load tells.
func writes(l load) []write { return make([]write, l.entries) }

func submit(t *testing.T, c *committer, key uint64, l load) *commit {
	t.Helper()
	m := &commit{writes: writes(l), keys: []uint64{key}, since: c.oracle.visible, load: l}
	if lost, err := c.submit(m); lost != nil || err != nil {
		t.Fatalf("submit: %v, %v", lost, err)
	}
	return m
}

func TestCommitsThatWaitAreWrittenTogether(t *testing.T) {
	var groups []int
	c := queued(t, func(b *batch) (bool, error) {
		groups = append(groups, len(b.writes))
		return true, nil
	})
	var all []*commit
	for i := range 9 {
		all = append(all, submit(t, c, uint64(i), load{entries: 1}))
	}
	all = append(all, submit(t, c, 100, load{entries: 50})) // alone, however large
	before := c.oracle.visible
	for group := c.take(); len(group) > 0; group = c.take() {
		c.finish(c.write(group))
		last := group[len(group)-1].version
		if c.oracle.visible != last || last <= before {
			t.Errorf("version %d is visible after a group up to %d", c.oracle.visible, last)
		}
	}
	if want := []int{4, 4, 1, 50}; !slices.Equal(groups, want) {
		t.Errorf("groups of %d writes were kept, want %d", groups, want)
	}
	for _, m := range all {
		if err := c.wait(t.Context(), m); err != nil {
			t.Errorf("commit: %v", err)
		}
	}
}

func TestQueuedCommitsConflict(t *testing.T) {
	c := queued(t, func(*batch) (bool, error) { return true, nil })
	first := submit(t, c, 1, load{entries: 1})
	since := c.oracle.visible
	second := &commit{keys: []uint64{2, 1}, since: since}
	lost, err := c.submit(second)
	if err != nil || lost == nil || lost.by != first.version {
		t.Fatalf("submit = %v, %v against a queued commit, want to lose to version %d", lost, err, first.version)
	}
	c.finish(c.write(c.take()))
	second.since = c.oracle.visible
	if lost, err := c.submit(second); lost != nil || err != nil {
		t.Errorf("submit = %v, %v on a snapshot with the winner, want success", lost, err)
	}
}

func TestGuardsAreNotWritten(t *testing.T) {
	c := queued(t, func(b *batch) (bool, error) {
		t.Errorf("guards were written at version %d", b.version)
		return true, nil
	})
	m := submit(t, c, 1, load{})
	c.finish(c.write(c.take()))
	if err := c.wait(t.Context(), m); err != nil {
		t.Error(err)
	}
	if c.oracle.visible != m.version {
		t.Errorf("version %d is visible, want the guard's, %d: else it is in the way for ever", c.oracle.visible, m.version)
	}
}

func TestRefusedGroupIsNotInTheWay(t *testing.T) {
	refusal := core.Errorf(core.Internal, "refused")
	c := queued(t, func(*batch) (bool, error) { return false, refusal })
	m := submit(t, c, 1, load{entries: 1})
	c.finish(c.write(c.take()))
	if err := c.wait(t.Context(), m); !errors.Is(err, refusal) {
		t.Errorf("commit: %v, want %v", err, refusal)
	}
	submit(t, c, 1, load{entries: 1})
}

func TestFailedWriteStopsWriting(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Dir: dir})
	set(t, s, "a", "1")
	before := latest(t, s)
	keep := s.commits.keep
	s.commits.keep = func(b *batch) (bool, error) {
		if handed, err := keep(b); err != nil {
			return handed, err
		}
		return true, errors.New("I/O error") // although it is all there
	}
	update := func() error {
		return s.Update(t.Context(), func(tx core.Txn) error { return tx.Put([]byte("a"), []byte("2")) })
	}
	wantCode(t, update(), core.Undetermined)
	wantCode(t, update(), core.Unavailable)
	if got := get(t, s, 0, "a"); got != "1" || latest(t, s) != before {
		t.Errorf("a=%q at version %d after a write of unknown outcome, want 1 at %d", got, latest(t, s), before)
	}
	err := s.View(t.Context(), core.ViewOptions{Version: s.oracle.last}, nil)
	wantCode(t, err, core.Unavailable)
	shut(t, s)

	s = open(t, Options{Dir: dir})
	if got := get(t, s, 0, "a"); got != "2" {
		t.Errorf("a=%q after a restart, want 2: the write was durable", got)
	}
	set(t, s, "a", "3")
}

func TestFailedWriteAnswersTheQueue(t *testing.T) {
	c := queued(t, func(*batch) (bool, error) { return true, errors.New("I/O error") })
	written := submit(t, c, 1, load{entries: 4})
	waiting := submit(t, c, 2, load{entries: 4})
	c.finish(c.write(c.take()))
	wantCode(t, c.wait(t.Context(), written), core.Undetermined)
	wantCode(t, c.wait(t.Context(), waiting), core.Unavailable)
}

// What comes after a group of unknown outcome is not to be seen without it.
func TestNothingBecomesVisibleAfterAFailedWrite(t *testing.T) {
	refusal := core.Errorf(core.Unavailable, "refused")
	c := queued(t, func(*batch) (bool, error) { return false, refusal })
	before := c.oracle.visible
	m := submit(t, c, 1, load{entries: 1})
	g := c.write(c.take())
	c.halt(errors.New("I/O error"))
	c.finish(g)
	if err := c.wait(t.Context(), m); !errors.Is(err, refusal) || c.oracle.visible != before {
		t.Errorf("commit: %v, and version %d is visible, want %v and %d", err, c.oracle.visible, refusal, before)
	}
}

func TestWaitForACommitIsBounded(t *testing.T) {
	c := queued(t, nil)
	m := submit(t, c, 1, load{entries: 1})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantCode(t, c.wait(ctx, m), core.Undetermined)
}

func TestAnEndedContextDoesNotHideTheOutcome(t *testing.T) {
	c := queued(t, func(*batch) (bool, error) { return true, nil })
	m := submit(t, c, 1, load{entries: 1})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c.finish(c.write(c.take()))
	if err := c.wait(ctx, m); err != nil {
		t.Errorf("commit: %v, want success", err)
	}
}
