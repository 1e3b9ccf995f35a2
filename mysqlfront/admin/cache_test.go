package admin

import (
	"fmt"
	"sync"
	"testing"

	"roster/core"
	"roster/core/coretest"
)

func TestCache(t *testing.T) {
	e, s := New(Options{Backend: newFake()}), admin()
	prepare := func(text string) any {
		t.Helper()
		stmt, ok, err := e.Prepare(s, text)
		if !ok || err != nil {
			t.Fatalf("%s: %v, %v", text, ok, err)
		}
		return stmt
	}
	if prepare(`SHOW CLUSTERS`) != prepare(`SHOW CLUSTERS`) {
		t.Error("a statement is parsed twice")
	}
	if secret := `ALTER USER u IDENTIFIED BY 'p'`; prepare(secret) == prepare(secret) {
		t.Error("a secret is kept")
	}
	for i := range 2 * maxCached {
		prepare(fmt.Sprintf("KILL %d", i))
	}
	if n := len(e.known.kept); n > maxCached {
		t.Errorf("%d statements are kept", n)
	}
}

// TestSharedStatements runs what several sessions share at the same time.
func TestSharedStatements(t *testing.T) {
	e := New(Options{Backend: coretest.NewService(t, core.Options{})})
	_, err := exec(t, e.opts.Backend, admin(), newShop)
	must(t, err)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, r := range table {
				s := admin()
				stmt, ok, err := e.Prepare(s, r.examples[0])
				if !ok || err != nil {
					t.Errorf("%s: %v", r.examples[0], err)
					return
				}
				result, err := stmt.Run(t.Context(), s, make([]any, stmt.Params()))
				if err != nil || result.Rows == nil {
					continue
				}
				for _, err := range result.Rows {
					if err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
}
