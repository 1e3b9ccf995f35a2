package matrix

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"roster/core"
	"roster/failpoints"
	"roster/tests/harness"
)

const tokens = "admin admin admin-token\noperator operator operator-token\n"

// controlled is a server whose failpoints are switched in every way, and clients
// with the roles admin and operator.
func controlled(t *testing.T, env ...string) (admin, operator *harness.REST, sql *harness.SQL) {
	t.Helper()
	s := harness.Run(t, harness.Options{Failpoints: true, Tokens: tokens, Env: env})
	return &harness.REST{URL: s.URL, Token: "admin-token"}, &harness.REST{URL: s.URL, Token: "operator-token"}, openSQL(t, s)
}

func ask(t *testing.T, rest *harness.REST, r harness.Request) (int, harness.Envelope) {
	t.Helper()
	reply, err := rest.Send(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	e, err := reply.Envelope()
	if err != nil {
		t.Fatal(err)
	}
	return reply.Status, e
}

// termOf is what the list of failpoints says of one.
func termOf(t *testing.T, rest *harness.REST, name string) string {
	t.Helper()
	_, e := ask(t, rest, harness.Request{Method: http.MethodGet, Path: "/failpoints"})
	var all []struct{ Name, Term string }
	if err := json.Unmarshal(e.Result, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != len(failpoints.Catalogue) {
		t.Fatalf("%d failpoints are listed, want %d", len(all), len(failpoints.Catalogue))
	}
	for _, p := range all {
		if p.Name == name {
			return p.Term
		}
	}
	t.Fatalf("%s is not listed", name)
	return ""
}

func wantTerm(t *testing.T, rest *harness.REST, name, want string) {
	t.Helper()
	if got := termOf(t, rest, name); got != want {
		t.Errorf("%s has the term %q, want %q", name, got, want)
	}
}

const point, path = "store/beforeCommit", "/failpoints/store/beforeCommit"

func TestSwitchingByHTTP(t *testing.T) {
	admin, operator, _ := controlled(t)
	for _, c := range []struct {
		name   string
		client *harness.REST
		r      harness.Request
		status int
		msg    string
		term   string
	}{
		{"sets", admin, harness.Request{Method: http.MethodPut, Path: path, Body: `3*return("error")`}, 200, "", `3*return("error")`},
		{"shows one", admin, harness.Request{Method: http.MethodGet, Path: path}, 200, "", `3*return("error")`},
		{"refuses a term that is none", admin, harness.Request{Method: http.MethodPut, Path: path, Body: "5*"}, 400, "not a failpoint's term: \"5*\"", `3*return("error")`},
		{"refuses a debugger", admin, harness.Request{Method: http.MethodPut, Path: path, Body: "break"}, 400, "not a failpoint's term", `3*return("error")`},
		{"refuses an unknown name", admin, harness.Request{Method: http.MethodPut, Path: "/failpoints/no/such", Body: "off"}, 404, "no such failpoint: \"no/such\"", `3*return("error")`},
		{"refuses to show an unknown name", admin, harness.Request{Method: http.MethodGet, Path: "/failpoints/no/such"}, 404, "no such failpoint", `3*return("error")`},
		{"refuses other methods", admin, harness.Request{Method: http.MethodPost, Path: path}, 400, "the method is none of", `3*return("error")`},
		{"refuses other roles", operator, harness.Request{Method: http.MethodDelete, Path: path}, 403, "role operator may not call failpoints", `3*return("error")`},
		{"clears", admin, harness.Request{Method: http.MethodDelete, Path: path}, 200, "", ""},
		{"clears again", admin, harness.Request{Method: http.MethodDelete, Path: path}, 200, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, e := ask(t, c.client, c.r)
			if status != c.status || !strings.HasPrefix(e.Msg, c.msg) {
				t.Errorf("got %d %q, want %d %q", status, e.Msg, c.status, c.msg)
			}
			wantTerm(t, admin, point, c.term)
		})
	}
	nobody := &harness.REST{URL: admin.URL}
	if reply, err := nobody.Send(t.Context(), harness.Request{Method: http.MethodGet, Path: "/failpoints"}); err != nil || reply.Status != 403 {
		t.Errorf("without a token: %d %v", reply.Status, err)
	}
}

// TestInjectionPoint is the existing service's route, with its messages.
func TestInjectionPoint(t *testing.T) {
	admin, operator, _ := controlled(t)
	raw := &harness.REST{URL: admin.URL}
	for _, c := range []struct {
		query  string
		status int
		msg    string
		term   string
	}{
		{"op=x", 400, "unknown op:x", ""},
		{"op=set", 400, "empty point name", ""},
		{"op=set&name=" + point, 400, "empty behavior", ""},
		{"op=set&name=" + point + "&behavior=x", 400, "unknown behavior: x", ""},
		{"op=set&name=" + point + "&behavior=sleep&duration=x", 400, "invalid duration:x", ""},
		{"op=set&name=" + point + "&behavior=sleep&duration=20", 200, "", `return("sleep 20ms")`},
		{"op=set&name=" + point + "&behavior=return", 200, "", `return("error")`},
		{"op=set&name=" + point + "&behavior=change_args&value=%zz", 400, "failed to decode value: %zz", `return("error")`},
		{"op=set&name=" + point + "&behavior=change_args&value=%5B", 400, "invalid json value: [", `return("error")`},
		{"op=set&name=" + point + "&behavior=change_args&value=%7B%7D", 400, "value must be a json array", `return("error")`},
		{"op=set&name=" + point + "&behavior=change_args&value=%5Bnull%5D", 400, "value must be boolean, integer, double or string", `return("error")`},
		{"op=set&name=" + point + "&behavior=change_args&value=%5B-1%5D", 200, "", `return(-1)`},
		{"op=disable", 200, "", ""},
		{"op=enable", 200, "", `return(-1)`},
		{"op=clear&name=" + point, 200, "", ""},
		{"op=apply_suite", 400, "empty suite name", ""},
		{"op=apply_suite&name=x", 400, "unknown suite: x\n", ""},
		{"op=apply_suite&name=Transaction::commit.enable_inject", 200, "", `50%return("error")`},
		{"op=clear", 200, "", ""},
		{"op=set&name=no/such&behavior=return", 404, "no such failpoint", ""},
	} {
		t.Run(c.query, func(t *testing.T) {
			status, e := ask(t, raw, harness.Request{Path: harness.Path("injection_point") + "?token=admin-token&" + c.query})
			if status != c.status || !strings.HasPrefix(e.Msg, c.msg) {
				t.Errorf("got %d %q, want %d %q", status, e.Msg, c.status, c.msg)
			}
			wantTerm(t, admin, point, c.term)
		})
	}
	if status, _ := ask(t, operator, harness.Request{Path: harness.Path("injection_point"), Query: url.Values{"op": {"clear"}}}); status != 403 {
		t.Errorf("an operator got %d", status)
	}
}

// TestSafeDropTime: suites of the existing service drop young frontends like this.
func TestSafeDropTime(t *testing.T) {
	s := harness.Run(t, harness.Options{Failpoints: true, Compat: "doris"})
	rest := &harness.REST{URL: s.URL, Token: harness.DefaultToken}
	for _, step := range []struct {
		request harness.Request
		status  int
	}{
		{harness.Request{Path: harness.Path("create_instance"), Body: `{"instance_id":"i","user_id":"u","obj_info":` + store + `}`}, 200},
		{harness.Request{Path: harness.Path("add_cluster"), Body: `{"instance_id":"i","cluster":{"cluster_id":"fe","cluster_name":"fe","type":"SQL",
			"nodes":[{"cloud_unique_id":"1:i:fe","ip":"10.0.0.1","edit_log_port":9010,"node_type":"FE_MASTER"}]}}`}, 200},
		{harness.Request{Path: harness.Path("drop_cluster"), Body: `{"instance_id":"i","cluster":{"cluster_id":"fe"}}`}, 404},
		{harness.Request{Path: harness.Path("injection_point") + "?op=set&name=resource_manager::set_safe_drop_time&behavior=change_args&value=%5B-1%5D&token=" + harness.DefaultToken}, 200},
		{harness.Request{Path: harness.Path("drop_cluster"), Body: `{"instance_id":"i","cluster":{"cluster_id":"fe"}}`}, 200},
	} {
		client := rest
		if strings.Contains(step.request.Path, "token=") {
			client = &harness.REST{URL: s.URL}
		}
		if status, e := ask(t, client, step.request); status != step.status {
			t.Fatalf("%s: %d %s, want %d", step.request.Path, status, e.Msg, step.status)
		}
	}
}

func TestSwitchingBySQL(t *testing.T) {
	admin, _, sql := controlled(t)
	for _, c := range []struct {
		statement string
		args      []any
		code      core.Code
		term      string
	}{
		{"SET FAILPOINT 'store/beforeCommit' = '2*panic'", nil, core.OK, "2*panic"},
		{"SET FAILPOINT ? = ?", []any{point, "pause"}, core.OK, "pause"},
		{"SET FAILPOINT 'store/beforeCommit' = 'x'", nil, core.InvalidArgument, "pause"},
		{"SET FAILPOINT 'no/such' = 'off'", nil, core.NotFound, "pause"},
		{"CLEAR FAILPOINT 'store/beforeCommit'", nil, core.OK, ""},
		{"SET FAILPOINT 'sql/handler' = 'panic'", nil, core.OK, ""},
		{"CLEAR FAILPOINTS", nil, core.OK, ""},
		{"CLEAR FAILPOINT 'no/such'", nil, core.NotFound, ""},
	} {
		if _, err := sql.Query(t.Context(), c.statement, c.args...); core.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %v", c.statement, err, c.code)
		}
		wantTerm(t, admin, point, c.term)
	}
	rows, err := sql.Query(t.Context(), "SHOW FULL FAILPOINTS LIKE 'store/%' WHERE Term = ''")
	if err != nil || len(rows) == 0 || rows[0]["Name"] != "store/afterCommit" && rows[0]["Name"] != "store/beforeRead" {
		t.Errorf("got %v, %v", rows, err)
	}
}

func TestSwitchingByEnvironment(t *testing.T) {
	_, operator, sql := controlled(t, `GO_FAILPOINTS=roster/httpfront/handler=return("error");roster/failpoints/store/beforeCommit=return("error")`)
	if status, e := ask(t, operator, harness.Request{Path: harness.Path("get_cluster"), Body: "{}"}); status != 500 || !strings.Contains(e.Msg, "rest/handler") {
		t.Errorf("got %d %q", status, e.Msg)
	}
	create := "CREATE INSTANCE i PROPERTIES ('user_id'='u', 'obj.ak'='a', 'obj.sk'='s', 'obj.bucket'='b', 'obj.endpoint'='e', 'obj.region'='r', 'obj.provider'='S3')"
	if _, err := sql.Query(t.Context(), create); core.CodeOf(err) != core.Unavailable {
		t.Errorf("got %v, want %v", err, core.Unavailable)
	}
	if _, err := sql.DB.ExecContext(t.Context(), "CLEAR FAILPOINT '"+point+"'"); err != nil {
		t.Error(err)
	}
	if _, err := sql.Query(t.Context(), create); err != nil {
		t.Errorf("after it was cleared: %v", err)
	}
}
