//go:build linux

package main

// script is what one connection sends, over and over. It is kept across runs
// since the state that a cluster was left in decides which request is next.
type script struct {
	requests [][]byte
	at       int
}

// next is the request whose turn it is.
func (s *script) next() []byte {
	request := s.requests[s.at]
	s.at = (s.at + 1) % len(s.requests)
	return request
}

// scriptsOf makes a script for each of many connections.
func scriptsOf(requests func(worker int) [][]byte) []*script {
	var all []*script
	for worker := range manyConnections {
		all = append(all, &script{requests: requests(worker)})
	}
	return all
}
