// Package storetest is the conformance suite of core.Store. Every
// implementation passes it unchanged, so that the layers above may rest on one
// set of promises.
package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"roster/core"
)

// caseTimeout ends a case that hangs; no case waits for it.
const caseTimeout = 2 * time.Minute

// testCase is one promise of core.Store and the proof of it.
type testCase struct {
	name string
	run  func(t *testing.T, s *fixture)
}

// Run tests the stores that open returns, one to a case. They are empty and
// independent of each other, let Updates overlap, and are closed by the suite.
func Run(t *testing.T, open func(t *testing.T) core.Store) {
	themes := []struct {
		name  string
		cases []testCase
	}{
		{"reads", reads},
		{"latest values", latestValues},
		{"writes", writes},
		{"conflicts", conflicts},
		{"guards", guards},
		{"scans", scans},
		{"changes", changes},
		{"versions", versions},
		{"limits", limits},
		{"contexts", contexts},
	}
	for _, theme := range themes {
		t.Run(theme.name, func(t *testing.T) {
			for _, c := range theme.cases {
				t.Run(c.name, func(t *testing.T) { c.run(t, newFixture(t, open(t))) })
			}
		})
	}
}

// fixture is a store under test with the shorthands the cases are written in.
// All but tryUpdate end the test on an error.
type fixture struct {
	core.Store
	t   *testing.T
	ctx context.Context
}

func newFixture(t *testing.T, store core.Store) *fixture {
	ctx, cancel := context.WithTimeout(t.Context(), caseTimeout)
	t.Cleanup(func() {
		cancel()
		if err := store.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return &fixture{Store: store, t: t, ctx: ctx}
}

func (s *fixture) tryUpdate(fn func(core.Txn) error) error { return s.Update(s.ctx, fn) }

func (s *fixture) update(fn func(tx txn)) {
	s.t.Helper()
	err := s.tryUpdate(func(tx core.Txn) error {
		fn(txn{reader{tx, s.t}, tx})
		return nil
	})
	if err != nil {
		s.t.Fatalf("Update: %v", err)
	}
}

func (s *fixture) view(fn func(r reader)) {
	s.t.Helper()
	s.viewAt(0, fn)
}

func (s *fixture) viewAt(version uint64, fn func(r reader)) {
	s.t.Helper()
	err := s.View(s.ctx, core.ViewOptions{Version: version}, func(r core.Reader) error {
		fn(reader{r, s.t})
		return nil
	})
	if err != nil {
		s.t.Fatalf("View at version %d: %v", version, err)
	}
}

// put writes pairs of key and value in one Update.
func (s *fixture) put(pairs ...string) {
	s.t.Helper()
	s.update(func(tx txn) {
		for i := 0; i < len(pairs); i += 2 {
			tx.put(pairs[i], pairs[i+1])
		}
	})
}

func (s *fixture) delete(key string) {
	s.t.Helper()
	s.update(func(tx txn) { tx.delete(key) })
}

// want compares pairs of key and value with the latest snapshot; the value ""
// stands for an absent key.
func (s *fixture) want(pairs ...string) {
	s.t.Helper()
	s.view(func(r reader) { r.want(pairs...) })
}

// together runs n workers at the same time and reports their errors.
func (s *fixture) together(n int, worker func(i int) error) {
	s.t.Helper()
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if err := worker(i); err != nil {
				s.t.Errorf("worker %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if s.t.Failed() {
		s.t.FailNow()
	}
}

// same tells whether an error is the very one that was returned.
func same(got, want error) bool {
	return got == want //nolint:errorlint // a copy or a wrapper is not the same
}

func wantCode(t *testing.T, err error, codes ...core.Code) {
	t.Helper()
	var failure *core.Error
	if !errors.As(err, &failure) {
		t.Fatalf("got error %v (%T), want a *core.Error with code %v", err, err, codes)
	}
	for _, code := range codes {
		if failure.Code == code {
			return
		}
	}
	t.Fatalf("got code %v (%v), want %v", failure.Code, err, codes)
}
