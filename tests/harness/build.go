// Package harness starts the shipped roster binary for black-box tests and
// talks to it as its clients do.
package harness

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

// binDir is where the binaries are put that were built, for Cleanup.
var binDir string

// tempDir is binDir, made when it is first asked for.
var tempDir = sync.OnceValues(func() (dir string, err error) {
	dir, err = os.MkdirTemp("", "roster-bin-")
	binDir = dir
	return dir, err
})

// Binary is the path of the roster binary: the one ROSTER_BIN names, else one
// built from this module, once a process.
var Binary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("ROSTER_BIN"); path != "" {
		return filepath.Abs(path)
	}
	dir, err := tempDir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "roster")
	cmd := exec.CommandContext(context.Background(), "go", "build", "-o", path, "roster/cmd/roster")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build roster/cmd/roster: %w\n%s", err, out)
	}
	return path, nil
})

// Cleanup removes the binaries that were built. Call it when no server will start
// any more.
func Cleanup() error {
	if binDir == "" {
		return nil
	}
	return os.RemoveAll(binDir)
}
