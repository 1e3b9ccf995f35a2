//go:build linux

package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestFileField(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fields")
	if err := os.WriteFile(path, []byte("model\t: a\nmodel name\t: Some: CPU \nmodel name\t: other\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{"model name": "Some: CPU", "model": "a", "none": "unknown"} {
		if got, err := fileField(path, field, ":"); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", field, got, err, want)
		}
	}
}
