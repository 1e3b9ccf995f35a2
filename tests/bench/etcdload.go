//go:build linux

package main

// withEtcd has each worker do its operation over a connection of its own.
func withEtcd(server *process, use func(worker int, c *etcdClient) operation) opener {
	return connected(server.dialEtcd, func(worker int, c *etcdClient) (operation, error) { return use(worker, c), nil })
}

func readingDocument(_ int, c *etcdClient) operation {
	key := documentKey(readInstance)
	return func() error {
		_, _, err := c.get(key)
		return err
	}
}

func listingDocuments(_ int, c *etcdClient) operation { return c.list }

// puttingDocument writes a document that the worker knows without reading it.
func puttingDocument(worker int, c *etcdClient) operation {
	id := distinctInstance(rest, worker)
	d, turn := newDocument(id, clustersPerInstance), 0
	return func() error {
		if err := d.setStatus(0, statuses[turn%len(statuses)]); err != nil {
			return err
		}
		turn++
		return c.put(documentKey(id), d)
	}
}

// updatingStatus sets the status of a cluster in turn.
func updatingStatus(c *etcdClient, instance string, cluster int) operation {
	turn := 0
	return func() error {
		err := c.update(documentKey(instance), func(d document) (document, error) {
			return d, d.setStatus(cluster, statuses[turn%len(statuses)])
		})
		turn++
		return err
	}
}

// updatingNodes adds a node to the worker's cluster and drops it in turn. A run
// ends with either, so the next one has to ask which is next.
func updatingNodes(worker int, c *etcdClient) operation {
	instance := crowdedInstance(rest)
	n := extraNode(instance, worker)
	return func() error {
		return c.update(documentKey(instance), func(d document) (document, error) {
			if dropped, err := d.dropNode(worker, n); err == nil {
				return dropped, nil
			}
			return d.addNode(worker, n)
		})
	}
}
