package session

import (
	"errors"
	"fmt"
	"testing"

	"roster/core"
)

func TestShown(t *testing.T) {
	late := &Error{Number: 3024, State: "HY000", Msg: "too late"}
	for _, c := range []struct {
		name   string
		err    error
		number uint16
		text   string
	}{
		{"a failure of the core", core.Errorf(core.Conflict, "lost"), 1213, "CONFLICT: lost"},
		{"a failure with a number of its own", fmt.Errorf("in a test: %w", late), 3024, "too late"},
		{"an unknown outcome, because time was over", core.Errorf(core.Undetermined, "who knows").Because(late), 1180, "UNDETERMINED: who knows"},
		{"what no client shall see", errors.New("CANARY"), 1815, "INTERNAL_ERROR: the server failed"},
	} {
		if got := Shown(c.err); got.Number != c.number || got.Msg != c.text {
			t.Errorf("%s: got %d %q, want %d %q", c.name, got.Number, got.Msg, c.number, c.text)
		}
	}
}
