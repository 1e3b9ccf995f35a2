package model

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/anishathalye/porcupine"
)

// New is the specification for porcupine: Request and Answer are the input and
// output of its operations, and each instance is a partition.
func New() porcupine.Model {
	nondeterministic := porcupine.NondeterministicModel{
		Partition: partition,
		Init:      func() []any { return []any{Created()} },
		Step: func(state, input, output any) []any {
			var next []any
			for _, d := range Step(state.(Document), input.(Request), output.(Answer)) {
				next = append(next, d)
			}
			return next
		},
		Equal:             func(a, b any) bool { return a.(Document).Equal(b.(Document)) },
		DescribeOperation: func(input, output any) string { return fmt.Sprintf("%v: %v", input, output) },
		DescribeState:     func(state any) string { return fmt.Sprint(state) },
	}
	return nondeterministic.ToModel()
}

// Step is every document that a request with this answer may leave of d; none
// if no server could give this answer.
func Step(d Document, r Request, a Answer) []Document {
	next, code := rules[r.Kind](d, r)
	switch a.Code {
	case Conflict, Internal:
		return []Document{d}
	case Undetermined:
		if code == OK {
			return []Document{d, next}
		}
		return []Document{d}
	case code:
	default:
		return nil
	}
	if code == OK && r.Kind == GetInstance && !a.Document.Equal(d) {
		return nil
	}
	return []Document{next}
}

func partition(history []porcupine.Operation) [][]porcupine.Operation {
	byInstance := map[string][]porcupine.Operation{}
	for _, op := range history {
		id := op.Input.(Request).Instance
		byInstance[id] = append(byInstance[id], op)
	}
	return slices.SortedFunc(maps.Values(byInstance), func(a, b []porcupine.Operation) int {
		return cmp.Compare(a[0].Input.(Request).Instance, b[0].Input.(Request).Instance)
	})
}
