package harness

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Need is the path of a program that a test runs; setup tells what installs it.
func Need(tb testing.TB, name, setup string) string {
	tb.Helper()
	// Debian keeps servers out of the path of ordinary users.
	for _, place := range []string{name, filepath.Join("/usr/sbin", name)} {
		if path, err := exec.LookPath(place); err == nil {
			return path
		}
	}
	Missing(tb, name, setup)
	return ""
}

// Missing skips a test by the name of what it needs, and fails it where
// ROSTER_CLIENTS says that all have to be there.
func Missing(tb testing.TB, name, setup string) {
	tb.Helper()
	const text = "%s is not installed; %s installs it"
	if os.Getenv("ROSTER_CLIENTS") == "all" {
		tb.Fatalf(text, name, setup)
	}
	tb.Skipf(text, name, setup)
}
