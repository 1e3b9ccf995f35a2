package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"roster/tests/harness"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(harness.Suite{Tests: m}) }

// TestExamples: each example ends with 0 when all is as it promises, and with
// another code and the reason when something is not.
func TestExamples(t *testing.T) {
	for name, command := range map[string]func(t *testing.T) []string{
		"go": func(t *testing.T) []string {
			path := filepath.Join(t.TempDir(), "example")
			if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, ".").CombinedOutput(); err != nil {
				t.Fatalf("go build: %v\n%s", err, out)
			}
			return []string{path}
		},
		"python3": func(t *testing.T) []string {
			return []string{harness.Need(t, "python3", "the system's package python3"), "faults.py"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			example := command(t)
			for _, c := range []struct {
				name, env string
				binary    func() (string, error)
				exit      int
				last      string
			}{
				{"promises kept", "", harness.FailpointBinary, 0, "\nall as promised\n"},
				{"a binary without failpoints", "", harness.Binary, 1, "not as promised: PUT "},
				{"a change that is lost", `GO_FAILPOINTS=roster/failpoints/store/undetermined=1*off->return("lost")`,
					harness.FailpointBinary, 1, "not as promised: "},
			} {
				t.Run(c.name, func(t *testing.T) {
					binary, err := c.binary()
					if err != nil {
						t.Fatal(err)
					}
					ctx, cancel := context.WithTimeout(t.Context(), limit)
					defer cancel()
					cmd := exec.CommandContext(ctx, example[0], append(example[1:], binary)...)
					if c.env != "" {
						cmd.Env = append(os.Environ(), c.env)
					}
					out, err := cmd.CombinedOutput()
					if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != c.exit || !strings.Contains(string(out), c.last) {
						t.Errorf("%v, want exit code %d and %q, got:\n%s", err, c.exit, c.last, out)
					}
				})
			}
		})
	}
}
