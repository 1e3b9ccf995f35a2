//go:build linux

package main

import "fmt"

// grid is every cell at one number of workers.
type grid struct{ read, distinct, hot, constant, disk *cell }

func newGrid(workers int, server, constant *process, w *workload, dir string) grid {
	appends := "2 KB appends, an fdatasync each"
	if workers > 1 {
		appends = "2 KB appends, fdatasync shared by those waiting"
	}
	return grid{
		read:     overHTTP("get_instance", workers, server, w.read),
		distinct: overHTTP("set_cluster_status, distinct instances", workers, server, w.distinct),
		hot:      overHTTP("set_cluster_status, one hot instance", workers, server, w.hot),
		constant: overHTTP("constant-answer server", workers, constant, w.read),
		disk:     toDisk(appends, workers, dir),
	}
}

// compare relates each load to its ceiling, and many connections to one.
func compare(one, many grid) []comparison {
	var all []comparison
	add := func(of, to *cell, format string, args ...any) {
		all = append(all, comparison{text: of.name + ": " + fmt.Sprintf(format, args...), ratio: ratio(of, to)})
	}
	for _, g := range []grid{one, many} {
		n := g.read.workers
		add(g.read, g.constant, "to the constant-answer server, at %d", n)
		add(g.distinct, g.disk, "to synced appends, at %d", n)
		add(g.hot, g.disk, "to synced appends, at %d", n)
	}
	add(many.read, one.read, "at %d to at 1", many.read.workers)
	add(many.distinct, one.distinct, "at %d to at 1", many.distinct.workers)
	add(many.hot, one.hot, "at %d to at 1", many.hot.workers)
	add(many.hot, many.distinct, "to distinct instances, at %d", many.hot.workers)
	return all
}
