package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"roster/tests/harness"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(suite{m}) }

// suite removes the binaries before leaks are looked for.
type suite struct{ tests *testing.M }

func (s suite) Run() int {
	code := s.tests.Run()
	if err := harness.Cleanup(); err != nil {
		fmt.Println(err)
		code = 1
	}
	return code
}

// need is the path of a program. One that is not installed skips the test by its
// name, and fails it where ROSTER_CLIENTS says that all have to be there.
func need(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("ROSTER_CLIENTS") == "all" {
		t.Fatalf("%s is not installed", name)
	} else if err != nil {
		t.Skipf("%s is not installed", name)
	}
	return path
}

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
		"python3": func(t *testing.T) []string { return []string{need(t, "python3"), "faults.py"} },
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
