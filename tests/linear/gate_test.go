package linear

import (
	"context"
	"strings"
	"sync"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// gate is a proxy before a listener, on which toxics can be put.
type gate struct{ proxy *toxiproxy.Proxy }

// gatekeeper holds what all proxies need; it does not listen.
var gatekeeper = sync.OnceValue(func() *toxiproxy.ApiServer {
	return toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
})

func openGate(name, upstream string) (*gate, error) {
	g := &gate{toxiproxy.NewProxy(gatekeeper(), name, "127.0.0.1:0", upstream)}
	return g, g.proxy.Start()
}

// address is where the gate listens.
func (g *gate) address() string { return g.proxy.Listen }

func (g *gate) close() { g.proxy.Stop() }

// disturbance is something amiss with a network.
type disturbance struct {
	name string
	// toxics are toxiproxy's, as JSON.
	toxics []string
}

// disturbances are in terms of who connects: requests go up, answers come down.
var disturbances = []disturbance{
	{"slow network", []string{
		`{"type": "latency", "stream": "upstream", "attributes": {"latency": 200, "jitter": 150}}`,
		`{"type": "latency", "stream": "downstream", "attributes": {"latency": 200, "jitter": 150}}`,
	}},
	{"requests dropped", []string{`{"type": "timeout", "stream": "upstream", "attributes": {"timeout": 0}}`}},
	{"answers dropped", []string{`{"type": "timeout", "stream": "downstream", "attributes": {"timeout": 0}}`}},
	{"answers cut off", []string{`{"type": "limit_data", "stream": "downstream", "attributes": {"bytes": 2000}}`}},
	{"connections reset", []string{`{"type": "reset_peer", "stream": "downstream", "attributes": {"timeout": 0}}`}},
	{"packets sliced", []string{`{"type": "slicer", "stream": "upstream", "attributes": {"average_size": 64, "size_variation": 32, "delay": 500}}`}},
}

// disturb puts a disturbance on gates.
func disturb(gates []*gate, d disturbance) error {
	for _, g := range gates {
		for _, toxic := range d.toxics {
			if _, err := g.proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
				return err
			}
		}
	}
	return nil
}

// calm takes every disturbance off gates.
func calm(gates []*gate) {
	for _, g := range gates {
		g.proxy.Toxics.ResetToxics(context.Background())
	}
}
