package model

import (
	"math"
	"testing"

	"github.com/anishathalye/porcupine"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	first, second = Node{"u1", "10.0.0.1:9050"}, Node{"u2", "10.0.0.2:9050"}

	addA   = Request{Kind: AddCluster, Cluster: "a", Name: "name_a"}
	addB   = Request{Kind: AddCluster, Cluster: "b", Name: "name_b"}
	nodeA  = Request{Kind: AddNode, Cluster: "a", Nodes: []Node{first}}
	nodeB  = Request{Kind: AddNode, Cluster: "b", Nodes: []Node{first}}
	users1 = Request{Kind: SetClusterUsers, Cluster: "a", Users: []string{"u1"}}
	users2 = Request{Kind: SetClusterUsers, Cluster: "a", Users: []string{"u2"}}

	ok   = Answer{Code: OK}
	lost = Answer{Code: Undetermined}
)

func see(clusters ...Cluster) Answer {
	return Answer{Code: OK, Document: &Document{Status: Normal, Clusters: clusters}}
}

// clusterA is cluster a as addA makes it, with nodes.
func clusterA(nodes ...Node) Cluster {
	return Cluster{ID: "a", Name: "name_a", Status: Normal, Nodes: nodes}
}

func clusterB(nodes ...Node) Cluster {
	return Cluster{ID: "b", Name: "name_b", Status: Normal, Nodes: nodes}
}

func withUsers(c Cluster, users ...string) Cluster {
	c.Users = users
	return c
}

// at is an operation from one moment to another.
func at(call, end int64, r Request, a Answer) porcupine.Operation {
	return porcupine.Operation{Input: r, Call: call, Output: a, Return: end}
}

const never = math.MaxInt64

var read = Request{Kind: GetInstance}

func TestModel(t *testing.T) {
	for name, c := range map[string]struct {
		history []porcupine.Operation
		want    porcupine.CheckResult
	}{
		"one after the other": {[]porcupine.Operation{
			at(1, 2, addA, ok), at(3, 4, nodeA, ok), at(5, 6, read, see(clusterA(first))),
		}, porcupine.Ok},
		"concurrent writes in either order": {[]porcupine.Operation{
			at(1, 4, addA, ok), at(2, 3, addB, ok), at(5, 6, read, see(clusterB(), clusterA())),
		}, porcupine.Ok},
		"a read beside a write sees it or not": {[]porcupine.Operation{
			at(1, 9, addA, ok), at(2, 3, read, see()), at(4, 5, read, see(clusterA())),
		}, porcupine.Ok},
		"a read beside a write sees it and a later one does not": {[]porcupine.Operation{
			at(1, 9, addA, ok), at(2, 3, read, see(clusterA())), at(4, 5, read, see()),
		}, porcupine.Illegal},
		"stale read": {[]porcupine.Operation{
			at(1, 2, addA, ok), at(3, 4, read, see()),
		}, porcupine.Illegal},
		"lost update": {[]porcupine.Operation{
			at(1, 2, addA, ok), at(3, 6, nodeA, ok), at(4, 5, users1, ok), at(7, 8, read, see(clusterA(first))),
		}, porcupine.Illegal},
		"both of two concurrent updates": {[]porcupine.Operation{
			at(1, 2, addA, ok), at(3, 6, nodeA, ok), at(4, 5, users1, ok), at(7, 8, read, see(withUsers(clusterA(first), "u1"))),
		}, porcupine.Ok},
		"one endpoint in two clusters": {[]porcupine.Operation{
			at(1, 2, addA, ok), at(3, 4, addB, ok), at(5, 8, nodeA, ok), at(6, 7, nodeB, ok),
		}, porcupine.Illegal},
		"one of two clusters gets an endpoint": {[]porcupine.Operation{
			at(1, 2, addA, ok), at(3, 4, addB, ok), at(5, 8, nodeA, Answer{Code: InvalidArgument}), at(6, 7, nodeB, ok),
			at(9, 10, read, see(clusterA(), clusterB(first))),
		}, porcupine.Ok},
		"one name for two clusters": {[]porcupine.Operation{
			at(1, 4, addA, ok), at(2, 3, Request{Kind: AddCluster, Cluster: "b", Name: "name_a"}, ok),
		}, porcupine.Illegal},
		"one name for two clusters by a rename": {[]porcupine.Operation{
			at(1, 4, addA, ok), at(2, 3, addB, ok), at(5, 6, Request{Kind: RenameCluster, Cluster: "b", Name: "name_a"}, ok),
		}, porcupine.Illegal},
		"a node in a dropped cluster": {[]porcupine.Operation{
			at(1, 2, addA, ok), at(3, 4, Request{Kind: DropCluster, Cluster: "a"}, ok), at(5, 6, nodeA, ok),
		}, porcupine.Illegal},
		"a node beside the drop of its cluster": {[]porcupine.Operation{
			at(1, 2, addA, ok), at(3, 6, Request{Kind: DropCluster, Cluster: "a"}, ok), at(4, 5, nodeA, ok), at(7, 8, read, see()),
		}, porcupine.Ok},
		"a lost answer, and never seen": {[]porcupine.Operation{
			at(1, never, addA, lost), at(2, 3, read, see()), at(4, 5, read, see()),
		}, porcupine.Ok},
		"a lost answer, and seen late": {[]porcupine.Operation{
			at(1, never, addA, lost), at(2, 3, read, see()), at(4, 5, read, see(clusterA())), at(6, 7, read, see(clusterA())),
		}, porcupine.Ok},
		"a lost answer, and seen before the request": {[]porcupine.Operation{
			at(1, 2, read, see(clusterA())), at(3, never, addA, lost),
		}, porcupine.Illegal},
		"a lost answer, seen and then gone": {[]porcupine.Operation{
			at(1, never, addA, lost), at(2, 3, read, see(clusterA())), at(4, 5, read, see()),
		}, porcupine.Illegal},
		"a lost answer to what the state refuses": {[]porcupine.Operation{
			at(1, never, nodeA, lost), at(2, 3, read, see()),
		}, porcupine.Ok},
		"a lost answer applied twice": {[]porcupine.Operation{
			at(1, 2, addA, ok), at(3, never, users1, lost), at(4, 5, read, see(withUsers(clusterA(), "u1"))),
			at(6, 7, users2, ok), at(8, 9, read, see(withUsers(clusterA(), "u1"))),
		}, porcupine.Illegal},
		"a repeat that applied what its lost first try had": {[]porcupine.Operation{
			at(1, 2, addA, ok), at(3, 8, users1, ok), at(4, 5, read, see(withUsers(clusterA(), "u1"))),
			at(6, 7, users2, ok), at(9, 10, read, see(withUsers(clusterA(), "u1"))),
		}, porcupine.Illegal},
		"a repeat that knew what its lost first try had done": {[]porcupine.Operation{
			at(1, 2, addA, ok), at(3, 8, users1, ok), at(4, 5, read, see(withUsers(clusterA(), "u1"))),
			at(6, 7, users2, ok), at(9, 10, read, see(withUsers(clusterA(), "u2"))),
		}, porcupine.Ok},
		"a change that was done and refused": {[]porcupine.Operation{
			at(1, 2, addA, Answer{Code: AlreadyExisted}), at(3, 4, read, see(clusterA())),
		}, porcupine.Illegal},
		"a conflict that wrote": {[]porcupine.Operation{
			at(1, 2, addA, Answer{Code: Conflict}), at(3, 4, read, see(clusterA())),
		}, porcupine.Illegal},
		"a failure that wrote nothing": {[]porcupine.Operation{
			at(1, 2, addA, Answer{Code: Internal}), at(3, 4, read, see()),
		}, porcupine.Ok},
		"a code that nothing explains": {[]porcupine.Operation{
			at(1, 2, read, Answer{Code: "PERMISSION_DENIED"}),
		}, porcupine.Illegal},
		"nodes dropped in part": {[]porcupine.Operation{
			at(1, 2, addA, ok), at(3, 4, nodeA, ok),
			at(5, 6, Request{Kind: DropNode, Cluster: "a", Nodes: []Node{first, second}}, Answer{Code: NotFound}),
			at(7, 8, read, see(clusterA())),
		}, porcupine.Illegal},
	} {
		t.Run(name, func(t *testing.T) {
			if got := porcupine.CheckOperationsTimeout(New(), c.history, 0); got != c.want {
				t.Errorf("the history is %s, want %s", got, c.want)
			}
		})
	}
}

func TestKnown(t *testing.T) {
	for code, want := range map[Code]bool{OK: true, Undetermined: true, "PERMISSION_DENIED": false, "": false} {
		if code.Known() != want {
			t.Errorf("%q is known: %t, want %t", code, !want, want)
		}
	}
}

// TestPartition has instances that know nothing of each other.
func TestPartition(t *testing.T) {
	in := func(instance string, r Request) Request {
		r.Instance = instance
		return r
	}
	history := []porcupine.Operation{
		at(1, 2, in("y", addA), ok), at(3, 4, in("x", addA), ok), at(5, 6, in("y", read), see(clusterA())), at(7, 8, in("z", read), see()),
	}
	if got := porcupine.CheckOperationsTimeout(New(), history, 0); got != porcupine.Ok {
		t.Errorf("three instances with one history each are %s, want Ok", got)
	}
	if n := len(partition(history)); n != 3 {
		t.Errorf("%d partitions, want 3", n)
	}
}
