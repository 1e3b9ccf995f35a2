package cluster

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
)

// Ports below those that systems give to outgoing connections: one of these
// could else take the port of a process that is down for a while.
const (
	firstPort = 10_000
	lastPort  = 30_000
)

// freePorts are n addresses on loopback that nobody listens on.
func freePorts(n int) ([]string, error) {
	var free []string
	for range 100 * n {
		ln, err := new(net.ListenConfig).Listen(context.Background(), "tcp",
			fmt.Sprintf("127.0.0.1:%d", firstPort+rand.IntN(lastPort-firstPort)))
		if err != nil {
			continue
		}
		// Open until all are found, so that none is found twice.
		defer func() { _ = ln.Close() }()
		if free = append(free, ln.Addr().String()); len(free) == n {
			return free, nil
		}
	}
	return nil, errors.New("no free ports on 127.0.0.1 between 10000 and 30000")
}
