// Package cluster runs a TiKV cluster on loopback for tests: real PD servers,
// and stores that speak TiKV's protocol and replicate by Raft, each a process.
//
// The stores are unistore, not TiKV. One that is killed may lose writes it has
// acknowledged, so a test of durability kills Roster and never a store. They do
// no one-phase or asynchronous commit. A real TiKV has neither weakness: the
// suites run on the one that ROSTER_PD names.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// startLimit bounds the start of a cluster, and the end of one of Run.
const startLimit = 2 * time.Minute

// Options describe a cluster. The zero value but for Dir is one PD server and
// one store.
type Options struct {
	// PDs and Stores are how many there are of each; 0 is one.
	PDs, Stores int
	// Dir takes the data and a log of each process, and is left as it is.
	Dir string
	// Advertise puts a proxy before a process, "pd1" or "store1": it gets the
	// address that the process listens on and returns the one that others are
	// told to use. Nil tells them where it listens.
	Advertise func(name, listens string) (string, error)
}

// Cluster is a running cluster. Its methods are for one goroutine at a time.
type Cluster struct {
	pds, stores []*Process
	revivals    *revivals
	splitter    *Splitter // nil until the first Split
}

// Start builds the binaries, starts a cluster and waits until it is ready and
// every region has its replicas. Whoever calls it closes the cluster.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	bin, err := Build(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	c := &Cluster{revivals: &revivals{pause: revivalPause}}
	if err := c.plan(bin, o); err != nil {
		return nil, err
	}
	for _, p := range c.processes() {
		err = errors.Join(err, p.Start())
	}
	if err == nil {
		err = c.Ready(ctx)
	}
	if err == nil {
		err = c.Split(ctx, keyspaceBounds...)
	}
	if err == nil {
		err = c.replicated(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Run is Start for one test: the cluster ends with it, and the test fails if one of
// its processes has exited by itself and was not started again. The test's log tells
// of those that were. Its directory, if Dir names none, is removed unless the test
// has failed.
func Run(tb testing.TB, o Options) *Cluster {
	tb.Helper()
	if o.Dir == "" {
		dir, err := os.MkdirTemp("", "roster-cluster-")
		if err != nil {
			tb.Fatal(err)
		}
		o.Dir = dir
		tb.Cleanup(func() {
			if tb.Failed() {
				tb.Logf("the cluster's logs are in %s", dir)
			} else if err := os.RemoveAll(dir); err != nil {
				tb.Error(err)
			}
		})
	}
	c, err := Start(tb.Context(), o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := c.Close(); err != nil {
			tb.Error(err)
		}
		again := c.Revivals()
		for _, one := range again {
			tb.Logf("counted: %v", one)
		}
		if len(again) > 0 {
			tb.Logf("counted: restarts of stores: %d", len(again))
		}
	})
	return c
}

// plan says how each process is started, but starts none.
func (c *Cluster) plan(bin Binaries, o Options) error {
	o.PDs, o.Stores = max(o.PDs, 1), max(o.Stores, 1)
	if o.Dir == "" {
		return errors.New("cluster.Options.Dir is empty; name a directory for data and logs")
	}
	if o.Advertise == nil {
		o.Advertise = func(_, listens string) (string, error) { return listens, nil }
	}
	if err := os.MkdirAll(o.Dir, 0o750); err != nil {
		return err
	}
	ports, err := freePorts(2*o.PDs + o.Stores)
	if err != nil {
		return err
	}
	if c.pds, err = planPDs(bin.PD, o, ports[:2*o.PDs]); err != nil {
		return err
	}
	c.stores, err = planStores(bin.Store, o, c.PDAddrs(), ports[2*o.PDs:])
	for _, store := range c.stores {
		store.revivals = c.revivals
	}
	return err
}

// PDAddrs are the addresses for roster serve --pd.
func (c *Cluster) PDAddrs() []string {
	addrs := make([]string, len(c.pds))
	for i, pd := range c.pds {
		addrs[i] = pd.Address
	}
	return addrs
}

// keyspaceBounds are where PD wants regions to begin, for the default keyspaces
// of API V2. It asks stores for that in a way unistore does not understand, and
// gives no more replicas to a region it waits for.
var keyspaceBounds = [][]byte{{'r', 0, 0, 0}, {'r', 0, 0, 1}, {'x', 0, 0, 0}, {'x', 0, 0, 1}}

// PD is the PD server i, from 0.
func (c *Cluster) PD(i int) *Process { return c.pds[i] }

// Store is the store i, from 0.
func (c *Cluster) Store(i int) *Process { return c.stores[i] }

// Revivals are the starts of stores that had ended by themselves, so far.
func (c *Cluster) Revivals() []Revival { return c.revivals.all() }

// Split makes a region begin at each of the keys.
func (c *Cluster) Split(ctx context.Context, keys ...[]byte) error {
	if c.splitter == nil {
		s, err := NewSplitter(c.PDAddrs(), nil)
		if err != nil {
			return err
		}
		c.splitter = s
	}
	return c.splitter.At(ctx, keys...)
}

// Close ends every process: the stores first, which tell PD that they leave. A
// process that has exited by itself, and was not to be started again, is an error
// with what its log says.
func (c *Cluster) Close() error {
	var err error
	if c.splitter != nil {
		err = c.splitter.Close()
		c.splitter = nil
	}
	for i := len(c.stores) - 1; i >= 0; i-- {
		err = errors.Join(err, c.stores[i].Stop())
	}
	for i := len(c.pds) - 1; i >= 0; i-- {
		err = errors.Join(err, c.pds[i].Stop())
	}
	return err
}

func (c *Cluster) processes() []*Process {
	return append(append([]*Process{}, c.pds...), c.stores...)
}

// newProcess is a process of the cluster that is not started yet.
func newProcess(o Options, name, listens string) (*Process, error) {
	address, err := o.Advertise(name, listens)
	if err != nil {
		return nil, fmt.Errorf("the address that %s advertises: %w", name, err)
	}
	return &Process{Name: name, Address: address, Log: filepath.Join(o.Dir, name+".log"), listens: listens}, nil
}
