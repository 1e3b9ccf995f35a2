package faults

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"roster/tests/harness"
)

// TestExclusive keeps a second server off the data directory of a running one.
func TestExclusive(t *testing.T) {
	dir := t.TempDir()
	first, api := start(t, dir)
	if err := createInstance("held").send(t.Context(), api); err != nil {
		t.Fatal(err)
	}
	second, err := harness.Start(harness.Options{DataDir: dir})
	if err == nil {
		t.Fatal(errors.Join(errors.New("a second server started on the same directory"), second.Kill()))
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() <= 0 {
		t.Errorf("the second server did not end with an exit code: %v", err)
	}
	for _, text := range []string{dir, "in use by another server"} {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the second server does not say %q: %v", text, err)
		}
	}
	if doc, err := read(t.Context(), api, "held"); doc == nil {
		t.Errorf("the first server lost its data to the second: %v", err)
	}
	if err := first.Kill(); err != nil {
		t.Fatal(err)
	}
	third, api := start(t, dir)
	if doc, err := read(t.Context(), api, "held"); doc == nil {
		t.Errorf("the data is gone: %v", err)
	}
	stop(t, third)
}
