//go:build linux

package main

import "bytes"

// announcement takes a process's output and hands on the addresses in it.
type announcement struct {
	expected []string
	addrs    chan map[string]string // buffered: holds them once all are found
	found    bool
	text     []byte
}

func (a *announcement) Write(p []byte) (int, error) {
	if a.found || len(a.text) > maxTail {
		return len(p), nil
	}
	a.text = append(a.text, p...)
	addrs := map[string]string{}
	for _, said := range a.expected {
		// Only a whole line counts: a write may end inside the port.
		_, after, _ := bytes.Cut(a.text, []byte(said))
		if addr, _, whole := bytes.Cut(after, []byte("\n")); whole {
			addrs[said] = string(bytes.TrimSpace(addr))
		}
	}
	if len(addrs) == len(a.expected) {
		a.found = true
		a.addrs <- addrs
	}
	return len(p), nil
}
