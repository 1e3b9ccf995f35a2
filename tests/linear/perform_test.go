package linear

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"testing"

	"roster/core"
	pb "roster/core/metapb"
	"roster/tests/linear/model"
)

// script answers every request with the next of its errors, and with the last
// one when there are no more.
type script struct {
	core.API
	answers []error
	history *history
	// came is when each request did.
	came []int64
}

func (s *script) answer() error {
	s.came = append(s.came, s.history.now())
	return s.answers[min(len(s.came), len(s.answers))-1]
}

func (s *script) DropCluster(context.Context, *pb.AlterClusterRequest) error { return s.answer() }

func (s *script) GetInstance(context.Context, *pb.GetInstanceRequest) (*pb.InstanceInfoPB, error) {
	return new(pb.InstanceInfoPB), s.answer()
}

// TestPerform says what is recorded of a request whose answers are lost.
func TestPerform(t *testing.T) {
	var (
		lost          = io.ErrUnexpectedEOF
		unsent  error = &net.OpError{Op: "dial", Err: errors.New("connection refused")}
		refused error = core.Errorf(core.NotFound, "no such cluster")
	)
	// recorded is an operation by what it has to be: since is the try that it
	// began with, from 0.
	type recorded struct {
		code  model.Code
		since int
		open  bool
	}
	drop := model.Request{Kind: model.DropCluster, Instance: "i", Cluster: "c"}
	dropOnce := drop
	dropOnce.ID = "request"
	for name, c := range map[string]struct {
		request model.Request
		answers []error
		tries   int
		want    []recorded
	}{
		"done":                                   {drop, []error{nil}, 1, []recorded{{model.OK, 0, false}}},
		"refused":                                {dropOnce, []error{refused}, 1, []recorded{{model.NotFound, 0, false}}},
		"not known by the server":                {dropOnce, []error{core.Errorf(core.Undetermined, ""), nil}, 2, []recorded{{model.OK, 0, false}}},
		"not sent":                               {drop, []error{unsent}, 1, nil},
		"lost, of a read":                        {model.Request{Kind: model.GetInstance}, []error{lost}, 1, nil},
		"lost, without an id":                    {drop, []error{lost}, 1, []recorded{{model.Undetermined, 0, true}}},
		"lost, then done":                        {dropOnce, []error{lost, nil}, 2, []recorded{{model.OK, 0, false}}},
		"lost, then not sent, then done":         {dropOnce, []error{lost, unsent, nil}, 3, []recorded{{model.OK, 0, false}}},
		"lost, then refused":                     {dropOnce, []error{lost, refused}, 2, []recorded{{model.NotFound, 1, false}, {model.Undetermined, 0, true}}},
		"lost twice, then refused":               {dropOnce, []error{lost, lost, refused}, 3, []recorded{{model.NotFound, 2, false}, {model.Undetermined, 0, true}}},
		"lost, then failed with nothing written": {dropOnce, []error{lost, core.Errorf(core.Conflict, "")}, 2, []recorded{{model.Conflict, 1, false}, {model.Undetermined, 0, true}}},
		"lost every time":                        {dropOnce, []error{lost}, maxTries, []recorded{{model.Undetermined, 0, true}}},
		"out of time with nothing done":          {drop, []error{core.Errorf(core.Unavailable, "")}, 1, []recorded{{model.Internal, 0, false}}},
		"answered with nonsense":                 {drop, []error{errors.New("nonsense")}, 1, []recorded{{"nonsense", 0, false}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: c.answers, history: newHistory()}
			server := &replica{apis: map[front]core.API{restFront: s}}
			one := &client{front: restFront, replicas: []*replica{server}, patience: patient, history: s.history}
			one.perform(t.Context(), c.request)
			if len(s.came) != c.tries {
				t.Errorf("it was sent %d times, want %d", len(s.came), c.tries)
			}
			var got []recorded
			for _, op := range s.history.operations {
				// A try begins before its request comes, and after the one before it came.
				since, _ := slices.BinarySearch(s.came, op.Call)
				got = append(got, recorded{op.Output.(model.Answer).Code, since, op.Return == never})
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("recorded %v, want %v", got, c.want)
			}
		})
	}
}

// TestMix has the shares of the weights that the run is described by.
func TestMix(t *testing.T) {
	shares := map[model.Kind]int{}
	for _, m := range mix {
		shares[m.kind] += m.weight
	}
	read, onNodes := shares[model.GetInstance], shares[model.AddNode]+shares[model.DropNode]
	onInstances := shares[model.SetInstanceStatus]
	onClusters := -read - onNodes - onInstances
	for _, share := range shares {
		onClusters += share
	}
	if got, want := [4]int{read, onNodes, onClusters, onInstances}, [4]int{40, 35, 15, 10}; got != want {
		t.Errorf("the shares are %v, want %v", got, want)
	}
	one := &client{rng: rand.New(rand.NewPCG(1, 2)), instances: []string{"i"}}
	chosen := map[model.Kind]bool{}
	for range 2000 {
		chosen[one.choose().Kind] = true
	}
	if len(chosen) != len(shares) {
		t.Errorf("only %v are ever chosen", chosen)
	}
}
