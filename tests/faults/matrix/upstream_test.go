package matrix

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"roster/tests/harness"
)

// TestUpstreamDown is the rows of the fault table whose failpoint no mutation
// comes by: the one route behind a frontend fails, and nothing else does.
func TestUpstreamDown(t *testing.T) {
	frontend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{}`)) }))
	t.Cleanup(frontend.Close)
	status := harness.Request{Method: http.MethodGet, Path: "/rest/v2/manager/cluster/cluster_info/cloud_cluster_status", Header: http.Header{"Authorization": {"Basic dTpw"}}}
	for _, f := range table {
		if f.point != "rest/upstreamDown" {
			continue
		}
		t.Run(f.term, func(t *testing.T) {
			s, err := harness.Start(harness.Options{Failpoints: true, Args: []string{"--fe-upstream", frontend.URL}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := s.Kill(); err != nil {
					t.Error(err)
				}
			})
			rest := &harness.REST{URL: s.URL, Token: harness.DefaultToken}
			for i, term := range []string{"", f.term, ""} {
				if err := rest.SetFailpoint(t.Context(), f.point, term); err != nil {
					t.Fatal(err)
				}
				reply, err := rest.Send(t.Context(), status)
				if term == crashes {
					if err == nil {
						t.Errorf("it answered %d", reply.Status)
					}
					if err := s.AwaitExit(requestLimit); err != nil {
						t.Error(err)
					}
					return
				}
				if want := []int{200, 502, 200}[i]; err != nil || reply.Status != want {
					t.Errorf("with the term %q: %d %v, want %d", term, reply.Status, err, want)
				}
				if err := create(t.Context(), rest, "instance-"+string(rune('a'+i))); err != nil {
					t.Errorf("with the term %q: %v", term, err)
				}
			}
		})
	}
}
