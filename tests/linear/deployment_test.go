package linear

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/pingcap/log"
	"go.uber.org/zap/zapcore"

	"roster/tests/cluster"
	"roster/tests/harness"
)

// deployment is the servers of a run, over one store.
type deployment struct {
	replicas []*replica
	bed      *bed // nil if the store is nobody's to disturb
}

// manyReplicas is how many servers share a store in TiKV; an embedded one
// belongs to one server.
const manyReplicas = 3

// deploy starts the servers, and the cluster if the test is to have its own.
// They end with the test.
func deploy(t *testing.T) *deployment {
	t.Helper()
	d := &deployment{}
	if *bedded {
		d.bed = startBed(t)
	}
	n := 1
	if os.Getenv("ROSTER_PD") != "" {
		n = manyReplicas
	}
	options := harness.Options{DataDir: t.TempDir()}
	if *failpoint != "" {
		options.Env = []string{"GO_FAILPOINTS=" + *failpoint}
	}
	for i := range n {
		r := &replica{name: fmt.Sprintf("server%d", i+1), options: options}
		t.Cleanup(func() {
			if err := r.stop(); err != nil {
				t.Error(err)
			}
		})
		if err := r.start(); err != nil {
			t.Fatal(err)
		}
		d.replicas = append(d.replicas, r)
	}
	return d
}

// output is the end of what each server has printed.
func (d *deployment) output() string {
	const most = 4 << 10
	var all strings.Builder
	for _, r := range d.replicas {
		out := r.output()
		fmt.Fprintf(&all, "%s:\n%s\n", r.name, out[max(0, len(out)-most):])
	}
	return all.String()
}

// bed is a cluster with a gate before each process.
type bed struct {
	cluster *cluster.Cluster
	gates   map[string]*gate
}

// startBed starts a cluster of one PD server and one store, and has servers use it.
func startBed(t *testing.T) *bed {
	t.Helper()
	b := &bed{gates: map[string]*gate{}}
	log.SetLevel(zapcore.FatalLevel) // client-go's; its errors are returned too
	t.Cleanup(func() {               // after the cluster has ended
		for _, g := range b.gates {
			g.close()
		}
	})
	b.cluster = cluster.Run(t, cluster.Options{Advertise: func(name, listens string) (string, error) {
		g, err := openGate(name, listens)
		if err != nil {
			return "", err
		}
		b.gates[name] = g
		return g.address(), nil
	}})
	t.Setenv("ROSTER_PD", strings.Join(b.cluster.PDAddrs(), ","))
	return b
}
