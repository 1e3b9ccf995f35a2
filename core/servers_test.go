package core_test

import (
	"slices"
	"testing"
	"time"

	"roster/core"
	"roster/core/metakey"
)

func TestServersAreKnownUntilTheyLeaveOrExpire(t *testing.T) {
	store := &hurried{Store: openStore(t)}
	s := newService(t, store)
	const ttl = 10 * time.Second
	announceAs := func(wantNew bool, server core.Server) time.Time {
		t.Helper()
		seen, anew, err := s.Announce(t.Context(), server, ttl)
		if anew != wantNew || err != nil {
			t.Fatalf("Announce of %s = new %t, %v, want new %t", server.ID, anew, err, wantNew)
		}
		return seen
	}
	announce := func(server core.Server) time.Time {
		t.Helper()
		return announceAs(true, server)
	}
	list := func(want ...string) []core.Server {
		t.Helper()
		servers, err := s.ListServers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, server := range servers {
			ids = append(ids, server.ID)
		}
		if !slices.Equal(ids, want) {
			t.Errorf("the servers are %q, want %q", ids, want)
		}
		return servers
	}
	records := func() (n int) {
		t.Helper()
		start, end := metakey.ServerRange()
		err := store.View(t.Context(), core.ViewOptions{}, func(r core.Reader) error {
			page, err := r.Scan(core.Range{Start: start, End: end})
			n = len(page.Items)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}

	list()
	started := announce(core.Server{ID: "b", HTTPAddr: "b:1", MySQLAddr: "b:2", Version: "1", Role: "replica"})
	announce(core.Server{ID: "a"})
	got := list("a", "b")[1]
	want := core.Server{ID: "b", HTTPAddr: "b:1", MySQLAddr: "b:2", Version: "1", Role: "replica", Started: started, LastSeen: started}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}

	store.advance(ttl / 2)
	want.LastSeen = announceAs(false, core.Server{ID: "b", HTTPAddr: "b:1", MySQLAddr: "b:2", Version: "1", Role: "replica", Started: started})
	if got := list("a", "b")[1]; got != want || !got.LastSeen.After(got.Started) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	store.advance(ttl / 2)
	list("b")
	if n := records(); n != 2 {
		t.Errorf("%d records are there before anybody removes the expired one, want 2", n)
	}
	announce(core.Server{ID: "c"})
	if n := records(); n != 2 {
		t.Errorf("%d records are there, want those of b and c", n)
	}
	if err := s.Withdraw(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	list("c")
	announce(core.Server{ID: "b", Started: started})
	list("b", "c")
	store.advance(ttl)
	announce(core.Server{ID: "b", Started: started})
	list("b")
}
