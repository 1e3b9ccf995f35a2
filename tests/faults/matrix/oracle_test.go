package matrix

import (
	"slices"
	"strings"
	"testing"
)

// TestBlindRetryIsFound: the matrix would notice a server that repeats a commit of
// unknown outcome blindly. The second try is refused for what the first has made.
func TestBlindRetryIsFound(t *testing.T) {
	s := run(t)
	m := &matrix{expected: expectations(t)}
	added := operations[slices.IndexFunc(operations, func(op operation) bool { return op.name == "add_cluster" })]
	for _, front := range fronts {
		blind := failing("store/blindRetry", acknowledged, true).undetermined(`1*return("done")`)
		err := m.try(t.Context(), s, combination{fault: blind, operation: added, front: front, anonymous: true})
		if err == nil || !strings.Contains(err.Error(), "it was refused and is there") {
			t.Errorf("through %s: %v", front, err)
		}
	}
}
