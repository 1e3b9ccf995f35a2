package embedded

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// syncDirectory makes the names in a directory durable.
func syncDirectory(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // it cannot be done there, nor need it be
	}
	return syncFile(dir)
}

// syncFile makes a file or a directory durable.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncEngine makes all that the engine has taken durable. Its own Sync passes
// over memtables that wait to be flushed and value logs that are full.
func syncEngine(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		switch filepath.Ext(entry.Name()) {
		case ".mem", ".vlog":
		default:
			continue
		}
		if !syncReachesMaps {
			continue // the engine syncs every write
		}
		// A memtable that is gone is in a table, which the engine syncs.
		if err := syncFile(filepath.Join(dir, entry.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return syncDirectory(dir)
}
