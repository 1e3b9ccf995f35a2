package core_test

import (
	"strings"
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
	wantCode(t, s.PutUser(t.Context(), user, false), core.NotFound)
	wantCode(t, s.PutUser(t.Context(), user, true), core.OK)
	wantCode(t, s.PutUser(t.Context(), user, true), core.AlreadyExisted)
	got, err := s.GetUser(t.Context(), "u")
	if err != nil || got.Password.Reveal() != "CANARY" || got.Role != "operator" || got.Instance != "i" {
		t.Errorf("got %+v, %v", got, err)
	}
	user.Role = "king"
	wantCode(t, s.PutUser(t.Context(), user, false), core.InvalidArgument)
	wantCode(t, s.PutUser(t.Context(), core.User{Role: "reader"}, true), core.InvalidArgument)
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
