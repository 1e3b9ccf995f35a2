//go:build cluster

package replicas

import (
	"bytes"
	"sync"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/Shopify/toxiproxy/v2/toxics"
	"github.com/rs/zerolog"
)

// link is a proxy before the store that can break every connection at the moment
// of a commit.
type link struct{ proxy *toxiproxy.Proxy }

// keeper holds what all proxies need; it does not listen.
var keeper = sync.OnceValue(func() *toxiproxy.ApiServer {
	return toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
})

const toxic = "commit_cutter"

func init() { toxics.Register(toxic, new(cutter)) }

func openLink(name, upstream string) (*link, error) {
	l := &link{toxiproxy.NewProxy(keeper(), name, "127.0.0.1:0", upstream)}
	if err := l.proxy.Start(); err != nil {
		return nil, err
	}
	for _, direction := range []string{"upstream", "downstream"} {
		wrapped := `{"name": "` + direction + `", "type": "` + toxic + `", "stream": "` + direction + `", "attributes": {"up": ` +
			map[string]string{"upstream": "true", "downstream": "false"}[direction] + `}}`
		if _, err := l.proxy.Toxics.AddToxicJson(bytes.NewReader([]byte(wrapped))); err != nil {
			l.proxy.Stop()
			return nil, err
		}
	}
	return l, nil
}

// breakAll ends every connection and refuses new ones.
func (l *link) breakAll() { l.proxy.Stop() }

// restore lets connections in again, at the same address.
func (l *link) restore() error { return l.proxy.Start() }

// cut is one break at a commit: from that moment on nothing passes.
type cut struct {
	// key is part of the key of the change's history record: it is first in the
	// prewrite and then in the commit.
	key []byte
	// delivered tells whether the store gets the request to commit.
	delivered bool
	struck    chan struct{} // closed at the moment

	prewritten, over bool
}

// armed is the cut that the toxics of all connections wait for, if there is one: a
// client sends a prewrite by one connection and its commit by another.
var armed struct {
	sync.Mutex
	cut *cut
}

func arm(c *cut) {
	armed.Lock()
	defer armed.Unlock()
	armed.cut = c
}

// pass tells whether what a connection carries may pass.
func pass(data []byte, up bool) bool {
	armed.Lock()
	defer armed.Unlock()
	c := armed.cut
	switch {
	case c == nil:
		return true
	case c.over:
		return false
	case !up || !bytes.Contains(data, c.key):
		return true
	case !c.prewritten:
		c.prewritten = true
		return true
	}
	c.over = true
	close(c.struck)
	return c.delivered
}

// cutter is the toxic of one direction.
type cutter struct {
	Up bool `json:"up"`
}

// Pipe implements toxics.Toxic.
func (k *cutter) Pipe(stub *toxics.ToxicStub) {
	for {
		select {
		case <-stub.Interrupt:
			return
		case chunk := <-stub.Input:
			if chunk == nil {
				stub.Close()
				return
			}
			if pass(chunk.Data, k.Up) {
				stub.Output <- chunk
			}
		}
	}
}
