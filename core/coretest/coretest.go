// Package coretest opens the real core for tests of what is on top of it.
package coretest

import (
	"testing"

	"roster/core"
	"roster/core/seal"
	"roster/tikvstore/embedded"
)

// OpenStore is a store that ends with the test.
func OpenStore(tb testing.TB) core.Store {
	tb.Helper()
	store, err := embedded.Open(embedded.Options{Dir: tb.TempDir()})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := store.Close(); err != nil {
			tb.Error(err)
		}
	})
	return store
}

// NewService is a service with keys of its own, and with a store of its own if the
// options have none.
func NewService(tb testing.TB, o core.Options) *core.Service {
	tb.Helper()
	if o.Store == nil {
		o.Store = OpenStore(tb)
	}
	o.Keys = seal.Generate()
	service, err := core.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	return service
}
