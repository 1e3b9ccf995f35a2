//go:build linux

package main

import "testing"

func TestStrollsVisitEveryInstanceEqually(t *testing.T) {
	const instances, rounds = 1003, 3
	visited := map[int]int{}
	for _, walk := range strolls(instances) {
		share := (instances - walk.worker + walk.workers - 1) / walk.workers
		for range share * rounds {
			number, before := walk.next()
			if before != visited[number] {
				t.Fatalf("instance %d was visited %d times before, said %d", number, visited[number], before)
			}
			visited[number]++
		}
	}
	if len(visited) != instances {
		t.Errorf("%d instances visited, want %d", len(visited), instances)
	}
	for number, times := range visited {
		if number < 0 || number >= instances || times != rounds {
			t.Errorf("instance %d visited %d times, want %d", number, times, rounds)
		}
	}
}
