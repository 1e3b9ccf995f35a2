package httpfront

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"

	"roster/core"
	pb "roster/core/metapb"
)

// roles is what every route shall need, apart from the table.
var roles = map[string]Role{
	"create_instance": RoleAdmin, "drop_instance": RoleAdmin, "enable_instance_sse": RoleAdmin, "disable_instance_sse": RoleAdmin,
	"add_obj_info": RoleAdmin, "update_ak_sk": RoleAdmin, "legacy_update_ak_sk": RoleAdmin, "set_value": RoleAdmin,

	"set_instance_status": RoleOperator, "add_cluster": RoleOperator, "drop_cluster": RoleOperator, "rename_cluster": RoleOperator,
	"update_cluster_mysql_user_name": RoleOperator, "set_cluster_status": RoleOperator, "add_node": RoleOperator, "drop_node": RoleOperator,
	"abort_txn": RoleOperator, "abort_tablet_job": RoleOperator, "get_value": RoleOperator,

	"get_instance": RoleReader, "get_cluster": RoleReader, "get_cluster_status": RoleReader, "get_obj_store_info": RoleReader,
	"get_tablet_stats": RoleReader, "encode_key": RoleReader, "decode_key": RoleReader,
}

// goodQuery lets the routes that need arguments succeed.
const goodQuery = "&key=0110696e7374616e6365000110746573740001&key_type=InstanceKey&instance_id=test"

// recorder is an API that keeps the names of the operations called.
type recorder struct {
	mu    sync.Mutex
	calls []string
}

func (r *recorder) api() core.API {
	return fakeAPI{func(_ context.Context, op string, _ any) (any, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.calls = append(r.calls, op)
		return nil, nil
	}}
}

func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	calls := r.calls
	r.calls = nil
	return calls
}

func TestEveryOperationHasOneRoute(t *testing.T) {
	var rec recorder
	h := start(t, Options{API: rec.api()})
	routesOf := make(map[string][]string)
	for _, route := range table {
		if got := h.call(route.name+"?"+goodQuery[1:], "{}"); got.status != http.StatusOK {
			t.Errorf("%s answers %d %s", route.name, got.status, got.body)
		}
		for _, op := range rec.take() {
			routesOf[op] = append(routesOf[op], route.name)
		}
	}
	for m := range reflect.TypeFor[core.API]().Methods() {
		if len(routesOf[m.Name]) != 1 {
			t.Errorf("operation %s has the routes %v, want one", m.Name, routesOf[m.Name])
		}
	}
}

func TestRoutesAnswerUnderEveryAddress(t *testing.T) {
	h := start(t, Options{})
	for _, prefix := range []string{
		"/MetaService/http/", "/MetaService/http/v1/", "/doris.cloud.MetaService/http/", "/doris.cloud.MetaService/http/v1/",
		"//MetaService///http//v1//", "/x/../MetaService/http/./", "/MetaService/ht%74p/v1%2f",
	} {
		for _, suffix := range []string{"", "/", "//"} {
			got := h.send(http.MethodPut, prefix+"add_node"+suffix+"?token="+adminToken, "{}")
			if got.status != http.StatusOK || got.body != okBody {
				t.Errorf("%sadd_node%s answers %d %s", prefix, suffix, got.status, got.body)
			}
		}
	}
}

func TestMethodAndContentTypeDoNotMatter(t *testing.T) {
	h := start(t, Options{API: fakeAPI{func(_ context.Context, _ string, req any) (any, error) {
		if id := req.(*pb.AlterInstanceRequest).GetInstanceId(); id != "i" {
			return nil, core.Errorf(core.InvalidArgument, "instance_id is %q", id)
		}
		return nil, nil
	}}})
	for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"} {
		for _, contentType := range []string{"text/plain", "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""} {
			got := h.send(method, "/MetaService/http/drop_instance?token="+adminToken, `{"instance_id":"i"}`, "Content-Type", contentType)
			if got.status != http.StatusOK || got.body != okBody {
				t.Errorf("%s with %q answers %d %s", method, contentType, got.status, got.body)
			}
		}
	}
	t.Run("HEAD", func(t *testing.T) {
		got := h.send(http.MethodHead, "/MetaService/http/drop_instance?token="+adminToken, `{"instance_id":"i"}`)
		if got.status != http.StatusOK || got.body != "" {
			t.Errorf("answers %d %s", got.status, got.body)
		}
	})
}

func TestUnknownPaths(t *testing.T) {
	h := start(t, Options{})
	for target, shown := range map[string]string{
		"/MetaService/http/no_such":          "/MetaService/http/no_such",
		"/MetaService/http/v2/add_node":      "/MetaService/http/v2/add_node",
		"/MetaService/http/v1/v1/add_node":   "/MetaService/http/v1/v1/add_node",
		"/MetaService/http/add_node/x":       "/MetaService/http/add_node/x",
		"/MetaService/http/Add_Node":         "/MetaService/http/Add_Node",
		"/MetaService/http/v1":               "/MetaService/http/v1",
		"/MetaService/http":                  "/MetaService/http",
		"/MetaService/http/%252e%252e/x":     "/MetaService/http/...",
		"/MetaService/http/add_node&token=x": "/MetaService/http/add_node...",
	} {
		mark := "?"
		got := h.send(http.MethodGet, target+mark+"token="+adminToken, "")
		want := "{\n    \"code\": \"NOT_FOUND\",\n    \"msg\": \"http path not found, path=" + shown + "\"\n}\n"
		if got.status != http.StatusNotFound || got.body != want {
			t.Errorf("%s answers %d %s", target, got.status, got.body)
		}
	}
	t.Run("the token is checked first", func(t *testing.T) {
		if got := h.send(http.MethodGet, "/MetaService/http/no_such", ""); got.status != http.StatusForbidden {
			t.Errorf("answers %d %s", got.status, got.body)
		}
	})
	t.Run("elsewhere there is no token", func(t *testing.T) {
		for _, target := range []string{"/", "/status", "/MetaServices/http/add_node", "/RecyclerService/http/x", "/healthz/x"} {
			if got := h.send(http.MethodGet, target, ""); got.status != http.StatusNotFound {
				t.Errorf("%s answers %d %s", target, got.status, got.body)
			}
		}
	})
}

func TestRoles(t *testing.T) {
	var rec recorder
	h := start(t, Options{API: rec.api()})
	if len(roles) != len(table) {
		t.Errorf("%d routes have a role here, the table has %d", len(roles), len(table))
	}
	for _, token := range testTokens() {
		for name, needed := range roles {
			for _, version := range []string{"", "v1/"} {
				rec.take()
				got := h.send(http.MethodPost, "/MetaService/http/"+version+name+"?token="+token.Secret.Reveal()+goodQuery, "{}")
				if token.Role >= needed {
					if got.status != http.StatusOK {
						t.Errorf("%s may not call %s: %d %s", token.Role, name, got.status, got.body)
					}
					continue
				}
				wantMsg := "role " + token.Role.String() + " may not call " + name + ", which needs role " + needed.String() + ": use a token of that role"
				if got.status != http.StatusForbidden || !strings.Contains(got.body, `"code": "PERMISSION_DENIED"`) || !strings.Contains(got.body, wantMsg) {
					t.Errorf("%s calling %s is answered %d %s", token.Role, name, got.status, got.body)
				}
				if calls := rec.take(); calls != nil {
					t.Errorf("%s calling %s reached %v", token.Role, name, calls)
				}
			}
		}
	}
}

func TestRolesByName(t *testing.T) {
	for _, r := range []Role{RoleReader, RoleOperator, RoleAdmin} {
		if got, err := ParseRole(r.String()); err != nil || got != r {
			t.Errorf("%s reads as %v, %v", r, got, err)
		}
	}
	for _, name := range []string{"", "Admin", "root"} {
		if got, err := ParseRole(name); err == nil {
			t.Errorf("%q reads as %v", name, got)
		}
	}
}

func TestCallTellsOfTheCaller(t *testing.T) {
	var got core.Call
	h := start(t, Options{API: fakeAPI{func(ctx context.Context, _ string, _ any) (any, error) {
		got = core.CallOf(ctx)
		if _, limited := ctx.Deadline(); !limited {
			return nil, errors.New("no deadline")
		}
		return nil, nil
	}}})
	for _, c := range []struct {
		name, query string
		headers     []string
		want        core.Call
	}{
		{"an admin", "token=" + adminToken, nil, core.Call{Caller: "root", Reveal: true}},
		{"an operator", "token=" + operatorToken, nil, core.Call{Caller: "ops", Reveal: true}},
		{"a reader sees no secrets", "token=" + readerToken, nil, core.Call{Caller: "viewer"}},
		{"force", "force=true&token=" + readerToken, nil, core.Call{Caller: "viewer", Force: true}},
		{"force only by true", "force=1&token=" + readerToken, nil, core.Call{Caller: "viewer"}},
		{"a request id in the header", "request_id=b&token=" + readerToken, []string{"X-Request-Id", "a"}, core.Call{Caller: "viewer", RequestID: "a"}},
		{"a request id in the query", "request_id=b%2Fc&token=" + readerToken, nil, core.Call{Caller: "viewer", RequestID: "b/c"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.want.Front = "rest"
			answer := h.send(http.MethodGet, "/MetaService/http/get_instance?"+c.query, "", c.headers...)
			if answer.status != http.StatusOK || got != c.want {
				t.Errorf("got %+v, want %+v; %s", got, c.want, answer.body)
			}
			if id := answer.header.Get("X-Request-Id"); id == "" || c.want.RequestID != "" && id != c.want.RequestID {
				t.Errorf("the reply has request id %q", id)
			}
		})
	}
}

func TestRequestIDs(t *testing.T) {
	h := start(t, Options{})
	t.Run("one is made for every request that has none", func(t *testing.T) {
		a, b := h.call("add_node", "{}"), h.call("add_node", "{}")
		if ids := a.header["X-Request-Id"]; len(ids) != 1 || ids[0] == b.header.Get("X-Request-Id") {
			t.Errorf("got %v and %v", ids, b.header["X-Request-Id"])
		}
	})
	for name, id := range map[string]string{
		"over 256 bytes": strings.Repeat("x", 257), "a line feed": "a%0d%0aX-Evil:%20b", "no ASCII": "%C3%A9",
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			got := h.call("add_node?request_id="+id, "{}")
			if got.status != http.StatusBadRequest || !strings.Contains(got.body, "the request id, X-Request-Id or request_id,") {
				t.Errorf("answers %d %s", got.status, got.body)
			}
			if got.header.Get("X-Evil") != "" {
				t.Error("the id became a header")
			}
		})
	}
	t.Run("takes 256 bytes", func(t *testing.T) {
		if got := h.call("add_node?request_id="+strings.Repeat("x", 256), "{}"); got.status != http.StatusOK {
			t.Errorf("answers %d %s", got.status, got.body)
		}
	})
}
