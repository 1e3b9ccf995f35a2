package core_test

import (
	"strings"
	"sync"
	"testing"

	"roster/core"
	"roster/core/metakey"
	pb "roster/core/metapb"
	"roster/core/seal"
)

func TestUsers(t *testing.T) {
	store := openStore(t)
	s := newService(t, store)
	user := core.User{Name: "u", Role: "operator", Instance: "i", Password: seal.NewSecret("CANARY")}
	wantCode(t, s.AlterUser(t.Context(), "u", core.UserChange{Role: new("reader")}), core.NotFound)
	wantCode(t, s.CreateUser(t.Context(), user), core.OK)
	wantCode(t, s.CreateUser(t.Context(), user), core.AlreadyExisted)
	got, err := s.GetUser(t.Context(), "u")
	if err != nil || got.Password.Reveal() != "CANARY" || got.Role != "operator" || got.Instance != "i" {
		t.Errorf("got %+v, %v", got, err)
	}
	wantCode(t, s.AlterUser(t.Context(), "u", core.UserChange{Role: new("king")}), core.InvalidArgument)
	wantCode(t, s.CreateUser(t.Context(), core.User{Role: "reader"}), core.InvalidArgument)
	for _, unfit := range []string{strings.Repeat("CANARY", 43), "CANARY\x00"} {
		err := s.AlterUser(t.Context(), "u", core.UserChange{Password: seal.NewSecret(unfit)})
		wantCode(t, err, core.InvalidArgument)
		if strings.Contains(err.Error(), "CANARY") {
			t.Errorf("the refusal of a password repeats it: %v", err)
		}
	}
	wantCode(t, s.AlterUser(t.Context(), "u", core.UserChange{Instance: new("j")}), core.OK)
	if got, err := s.GetUser(t.Context(), "u"); err != nil || got.Password.Reveal() != "CANARY" || got.Role != "operator" || got.Instance != "j" {
		t.Errorf("after a grant got %+v, %v", got, err)
	}
	users, err := s.ListUsers(t.Context())
	if err != nil || len(users) != 1 || !users[0].Password.IsZero() {
		t.Errorf("listed %+v, %v", users, err)
	}
	for _, item := range records(t, store, nil, nil) {
		if strings.Contains(string(item.Value), "CANARY") {
			t.Errorf("key %q holds the password", item.Key)
		}
	}
	wantCode(t, s.DropUser(t.Context(), "u"), core.OK)
	wantCode(t, s.DropUser(t.Context(), "u"), core.NotFound)
	if got, err := s.GetUser(t.Context(), "u"); got != nil || err != nil {
		t.Errorf("a dropped user is %+v, %v", got, err)
	}
}

// TestPasswordsAndRequestIDs shows that a repeat is told from another password.
func TestPasswordsAndRequestIDs(t *testing.T) {
	s := newService(t, openStore(t))
	wantCode(t, s.CreateUser(t.Context(), core.User{Name: "u", Role: "reader", Password: seal.NewSecret("one")}), core.OK)
	change := func(password string, want core.Code) {
		t.Helper()
		once := as(t, core.Call{RequestID: "once"})
		wantCode(t, s.AlterUser(once, "u", core.UserChange{Password: seal.NewSecret(password)}), want)
	}
	change("two", core.OK)
	change("two", core.OK)
	change("three", core.AlreadyExisted)
	history, _, err := s.History(t.Context(), core.HistoryQuery{Limit: 10})
	if err != nil || len(history) != 2 || !strings.Contains(history[1].GetRequest(), seal.Masked) {
		t.Errorf("history is %v, %v", history, err)
	}
	if got, err := s.GetUser(t.Context(), "u"); err != nil || got.Password.Reveal() != "two" {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestUserChangesMeet has changes of one user's parts at the same time.
func TestUserChangesMeet(t *testing.T) {
	s := newService(t, openStore(t))
	wantCode(t, s.CreateUser(t.Context(), core.User{Name: "u", Role: "reader", Password: seal.NewSecret("old")}), core.OK)
	var all sync.WaitGroup
	for _, change := range []core.UserChange{{Role: new("admin")}, {Instance: new("i")}, {Password: seal.NewSecret("new")}} {
		all.Go(func() {
			for {
				err := s.AlterUser(t.Context(), "u", change)
				if core.CodeOf(err) != core.Conflict {
					wantCode(t, err, core.OK)
					return
				}
			}
		})
	}
	all.Wait()
	if got, err := s.GetUser(t.Context(), "u"); err != nil || got.Password.Reveal() != "new" || got.Role != "admin" || got.Instance != "i" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestHistoryIsPaged(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "i")
	create(t, s, "j")
	for _, id := range []string{"a", "b", "c"} {
		wantCode(t, s.AddCluster(t.Context(), cluster("i", id)), core.OK)
	}
	for name, c := range map[string]struct {
		query core.HistoryQuery
		want  string
	}{
		"of an instance": {core.HistoryQuery{Instance: "i", Limit: 2}, " a b c"},
		"latest first":   {core.HistoryQuery{Instance: "i", Limit: 2, Reverse: true}, "c b a "},
		"of all":         {core.HistoryQuery{Limit: 3}, " a b c "},
	} {
		t.Run(name, func(t *testing.T) {
			var targets []string
			for done := false; !done; {
				page, next, err := s.History(t.Context(), c.query)
				if err != nil {
					t.Fatal(err)
				}
				if len(page) > c.query.Limit {
					t.Errorf("a page has %d records", len(page))
				}
				for _, record := range page {
					targets = append(targets, record.GetTarget())
				}
				c.query.After, done = next, next == nil
			}
			if got := strings.Join(targets, " "); got != c.want {
				t.Errorf("targets are %q, want %q", got, c.want)
			}
		})
	}
}

func TestReadsAtAVersion(t *testing.T) {
	s := newService(t, openStore(t))
	create(t, s, "i")
	before, err := s.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, s.AddCluster(t.Context(), cluster("i", "c")), core.OK)
	doc, err := s.GetInstance(core.WithVersion(t.Context(), before), &pb.GetInstanceRequest{InstanceId: new("i")})
	if err != nil || len(doc.GetClusters()) != 0 {
		t.Errorf("before the change there are %d clusters, %v", len(doc.GetClusters()), err)
	}
	if doc := get(t, s, "i"); len(doc.GetClusters()) != 1 {
		t.Errorf("after it there are %d", len(doc.GetClusters()))
	}
}

func TestConditions(t *testing.T) {
	store := openStore(t)
	s := newService(t, store)
	create(t, s, "i")
	t.Run("a dry run writes nothing", func(t *testing.T) {
		before := len(records(t, store, nil, nil))
		dry := as(t, core.Call{DryRun: true, RequestID: "dry"})
		wantCode(t, s.AddCluster(dry, cluster("i", "c")), core.OK)
		wantCode(t, s.DropCluster(dry, cluster("i", "c")), core.NotFound)
		query := core.KeyQuery{Type: "TxnIndexKey", Params: map[string]string{"instance_id": "i", "txn_id": "1"}}
		if _, err := s.SetValue(dry, query, []byte(`{"parent_txn_id":"1"}`)); err != nil {
			t.Error(err)
		}
		if after := len(records(t, store, nil, nil)); after != before {
			t.Errorf("%d records became %d", before, after)
		}
	})
	t.Run("a revision that has passed is refused", func(t *testing.T) {
		history, _, err := s.History(t.Context(), core.HistoryQuery{Instance: "i", Limit: 1, Reverse: true})
		if err != nil {
			t.Fatal(err)
		}
		now := as(t, core.Call{IfRevision: history[0].GetRevision()})
		wantCode(t, s.AddCluster(now, cluster("i", "c")), core.OK)
		wantCode(t, s.AddCluster(now, cluster("i", "d")), core.Conflict)
	})
	if key := metakey.User("x"); metakey.TypeOf(key) != "RosterUserKey" {
		t.Errorf("key %x has no type", key)
	}
}
