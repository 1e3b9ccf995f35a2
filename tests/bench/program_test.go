//go:build linux

package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestInspect(t *testing.T) {
	t.Run("refuses a binary that is not there", func(t *testing.T) {
		if _, err := inspect(filepath.Join(t.TempDir(), "roster")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v, want %v", err, os.ErrNotExist)
		}
	})
	t.Run("refuses a file that is no binary", func(t *testing.T) {
		if _, err := inspect("/proc/self/stat"); err == nil {
			t.Error("no error")
		}
	})
}
