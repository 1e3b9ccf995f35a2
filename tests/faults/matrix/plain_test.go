package matrix

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"roster/failpoints"
	"roster/tests/harness"
)

// TestPlainBinary: the shipped server evaluates no failpoint, though its
// environment names each, and has nothing that switches one.
func TestPlainBinary(t *testing.T) {
	var terms []string
	for _, p := range failpoints.Catalogue {
		terms = append(terms, p.Path()+`=return("crash")`)
	}
	s := harness.Run(t, harness.Options{Env: []string{"GO_FAILPOINTS=" + strings.Join(terms, ";")}})
	plain := &server{Server: s, rest: &harness.REST{URL: s.URL, Token: harness.DefaultToken}, sql: openSQL(t, s)}
	plain.operate(t)
	for _, r := range []harness.Request{
		{Method: http.MethodGet, Path: "/failpoints"},
		{Method: http.MethodGet, Path: path},
		{Method: http.MethodPut, Path: path, Body: `return("error")`},
		{Method: http.MethodDelete, Path: "/failpoints"},
		{Path: harness.Path("injection_point"), Query: url.Values{"op": {"clear"}}},
		{Path: "/MetaService/http/injection_point", Query: url.Values{"op": {"clear"}}},
	} {
		reply, err := plain.rest.Send(t.Context(), r)
		if err != nil || reply.Status != http.StatusNotFound {
			t.Errorf("%s %s: %d %v, want 404", r.Method, r.Path, reply.Status, err)
		}
	}
	for _, text := range []string{"SHOW FAILPOINTS", "SET FAILPOINT 'store/beforeRead' = 'off'", "CLEAR FAILPOINT 'store/beforeRead'", "CLEAR FAILPOINTS"} {
		_, err := plain.sql.DB.ExecContext(t.Context(), text)
		var refusal *mysql.MySQLError
		if !errors.As(err, &refusal) || refusal.Number != 1235 {
			t.Errorf("%s: %v, want error 1235", text, err)
		}
	}
}
