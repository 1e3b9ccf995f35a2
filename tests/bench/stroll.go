//go:build linux

package main

// stroll visits a worker's share of very many instances again and again, in an order
// in which neighbours are far apart.
type stroll struct {
	instances, worker, workers int
	visits                     int
}

// aPrime is more than the instances of any crowd, so that steps of it visit all.
const aPrime = 15_485_863

// next is the instance to visit and how often it was visited before.
func (s *stroll) next() (number, before int) {
	share := (s.instances - s.worker + s.workers - 1) / s.workers
	step := s.visits % share
	before = s.visits / share
	s.visits++
	return s.worker + step*aPrime%share*s.workers, before
}

// strolls are those of many connections, kept across runs. Each has an instance at
// least.
func strolls(instances int) []*stroll {
	var all []*stroll
	workers := min(manyConnections, instances)
	for worker := range workers {
		all = append(all, &stroll{instances: instances, worker: worker, workers: workers})
	}
	return all
}

// strolling has each worker send requests about the instances it strolls past.
func strolling(server *process, walks []*stroll, request func(number, before int) []byte) opener {
	return connected(server.dialHTTP, func(worker int, c *client) (operation, error) {
		return func() error {
			_, err := c.do(request(walks[worker].next()))
			return err
		}, nil
	})
}

func readCrowd(number, _ int) []byte { return getInstance(crowdID(number)) }

func writeCrowd(number, before int) []byte {
	return setStatus(crowdID(number), 0, statuses[before%len(statuses)])
}
