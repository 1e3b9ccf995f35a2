//go:build linux

package main

import "slices"

// work is one thing that everybody is asked to do.
type work struct {
	id, title string
	// notes say what exactly is done.
	notes []string
	cells []*cell
	// synced says that it is writing.
	synced bool
}

// pair is a cell at one connection and at many; nil for one that is missing.
type pair struct{ one, many *cell }

// at adds a cell.
func (w *work) at(workers int, name string, server *process, open opener) *cell {
	c := &cell{of: w.id, name: name, workers: workers, server: server, open: open, synced: w.synced}
	w.cells = append(w.cells, c)
	return c
}

// both adds a cell at one connection and at many.
func (w *work) both(name string, server *process, open opener) pair {
	return pair{one: w.at(1, name, server, open), many: w.at(manyConnections, name, server, open)}
}

// workers are the numbers of connections that occur, the most first.
func (w *work) workers() (all []int) {
	for _, c := range w.cells {
		if !slices.Contains(all, c.workers) {
			all = append(all, c.workers)
		}
	}
	slices.Sort(all)
	slices.Reverse(all)
	return all
}
