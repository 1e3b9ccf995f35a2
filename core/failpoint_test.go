package core_test

import (
	"errors"
	"fmt"
	"testing"

	"roster/core"
	"roster/failpoints"
)

func TestFailpointErrorsHaveCodes(t *testing.T) {
	for _, c := range []struct {
		err  error
		want core.Code
	}{
		{nil, core.OK},
		{fmt.Errorf("%w: x", failpoints.ErrUnknown), core.NotFound},
		{fmt.Errorf("%w: x", failpoints.ErrTerm), core.InvalidArgument},
		{errors.New("x"), core.Internal},
	} {
		if got := core.FailpointError(c.err); core.CodeOf(got) != c.want {
			t.Errorf("%v became %v, want %v", c.err, got, c.want)
		}
	}
}
