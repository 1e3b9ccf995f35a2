package linear

import (
	"fmt"
	"strings"
	"sync"

	"roster/core"
	"roster/tests/harness"
)

// front is a way into a server.
type front int

const (
	restFront front = iota
	sqlFront
)

// replica is one of the servers, with a gate before each of its fronts. It keeps
// its name over restarts, not its addresses.
type replica struct {
	name    string
	options harness.Options

	server *harness.Server
	gates  []*gate
	pools  []*harness.SQL // of every start
	logs   strings.Builder

	mu   sync.Mutex
	apis map[front]core.API // nil while it is down
}

// start runs the server and lets clients in.
func (r *replica) start() (err error) {
	if r.server, err = harness.Start(r.options); err != nil {
		return err
	}
	r.gates = nil
	for _, address := range []string{strings.TrimPrefix(r.server.URL, "http://"), r.server.SQLAddr} {
		g, err := openGate(r.name, address)
		if err != nil {
			return err
		}
		r.gates = append(r.gates, g)
	}
	pool, err := harness.OpenSQL(r.gates[sqlFront].address(), harness.SQLOptions{})
	if err != nil {
		return err
	}
	r.pools = append(r.pools, pool)
	r.let(map[front]core.API{
		restFront: &harness.REST{URL: "http://" + r.gates[restFront].address(), Token: harness.DefaultToken},
		sqlFront:  pool,
	})
	return nil
}

func (r *replica) let(apis map[front]core.API) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.apis = apis
}

// api is a client of the server, nil while it is down.
func (r *replica) api(f front) core.API {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.apis[f]
}

func (r *replica) kill() error { return r.end(r.server.Kill) }

// stop ends the server and what it left; it has to exit with 0.
func (r *replica) stop() error {
	var err error
	if r.server != nil {
		err = r.end(r.server.Stop)
	}
	for _, pool := range r.pools {
		_ = pool.DB.Close() // of connections that faults have cut
	}
	return err
}

func (r *replica) end(how func() error) error {
	r.let(nil)
	err := how()
	for _, g := range r.gates {
		g.close()
	}
	fmt.Fprintln(&r.logs, r.server.Output())
	r.server, r.gates = nil, nil
	return err
}

func (r *replica) pause() error  { return r.server.Pause() }
func (r *replica) resume() error { return r.server.Resume() }

// output is what the server has printed, over all its starts.
func (r *replica) output() string {
	if r.server == nil {
		return r.logs.String()
	}
	return r.logs.String() + r.server.Output()
}
