// Package clients drives the shipped server by the MySQL clients people have:
// each in a scripted session of its own, as a user would run it.
package clients

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/encoding/protojson"

	pb "roster/core/metapb"
	"roster/tests/harness"
)

// limit bounds each run of a client.
const limit = 40 * time.Second

func TestMain(m *testing.M) { goleak.VerifyTestMain(harness.Suite{Tests: m}) }

// setup installs every client.
const setup = "tests/clients/setup.sh"

func need(t *testing.T, name string) string {
	t.Helper()
	return harness.Need(t, name, setup)
}

// site is a server and one instance with the compute cluster compute_1.
type site struct {
	server             *harness.Server
	rest               *harness.REST
	instance           string
	host, port         string
	user, password, ca string
}

var counter atomic.Int64

// newSite adds an instance for one test to a server.
func newSite(t *testing.T, server *harness.Server) *site {
	t.Helper()
	s := &site{
		server: server, rest: &harness.REST{URL: server.URL, Token: harness.DefaultToken},
		instance: fmt.Sprintf("site-%d", counter.Add(1)), user: "root",
	}
	var err error
	if s.host, s.port, err = net.SplitHostPort(server.SQLAddr); err != nil {
		t.Fatal(err)
	}
	create := new(pb.CreateInstanceRequest)
	add := new(pb.AlterClusterRequest)
	for _, err := range []error{
		protojson.Unmarshal([]byte(`{"instance_id":"`+s.instance+`","name":"n","user_id":"u","obj_info":{"ak":"ak1","sk":"hidden-secret-key","bucket":"b",
			"endpoint":"e","region":"r","provider":"S3","user_id":"bucket_user"}}`), create),
		protojson.Unmarshal([]byte(`{"instance_id":"`+s.instance+`","cluster":{"cluster_id":"c1","cluster_name":"compute_1","type":"COMPUTE","nodes":[
			{"cloud_unique_id":"1:`+s.instance+`:be1","ip":"10.0.0.1","heartbeat_port":9050}]}}`), add),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.rest.CreateInstance(t.Context(), create); err != nil {
		t.Fatal(err)
	}
	if err := s.rest.AddCluster(t.Context(), add); err != nil {
		t.Fatal(err)
	}
	return s
}

// wantStatus checks over REST what a session has left of compute_1.
func (s *site) wantStatus(t *testing.T, want pb.ClusterStatus) {
	t.Helper()
	doc, err := s.rest.GetInstance(t.Context(), &pb.GetInstanceRequest{InstanceId: &s.instance})
	if err != nil {
		t.Fatal(err)
	}
	if got := doc.GetClusters()[0].GetClusterStatus(); got != want {
		t.Errorf("over REST compute_1 is %v, want %v", got, want)
	}
}

// run runs a client to its end and returns what it printed and its exit code.
func run(t *testing.T, name string, args ...string) (output string, exit int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = environment(t)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || ctx.Err() != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// mustRun is run for a client that has to exit with 0.
func mustRun(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, exit := run(t, name, args...)
	if exit != 0 {
		t.Fatalf("%s %s: exit code %d\n%s", name, strings.Join(args, " "), exit, out)
	}
	return out
}

// environment keeps clients from settings and history files of the machine.
func environment(t *testing.T) []string {
	return append(os.Environ(), "HOME="+t.TempDir(), "TERM=xterm", "LC_ALL=C.UTF-8", "MYSQL_HISTFILE=/dev/null", "MYCLI_HISTFILE=/dev/null")
}

// contains fails t for each part that the output lacks.
func contains(t *testing.T, output string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(output, part) {
			t.Errorf("the output lacks %q:\n%s", part, output)
		}
	}
}
