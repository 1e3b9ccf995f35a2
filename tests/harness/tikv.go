package harness

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"roster/core"
	"roster/tikvstore"
)

// pdServers are the PD servers of the cluster that servers keep their records
// in, "" for the embedded store.
func pdServers() string { return os.Getenv("ROSTER_PD") }

// The files of a data directory whose records are in TiKV.
const (
	prefixName = "tikv-prefix"
	keysName   = "secret.keys"
)

// storeArgs are the flags of the store of a data directory. One in TiKV has a
// prefix and keys of its own, so that servers meet when they share a directory.
func storeArgs(dir string) ([]string, error) {
	args := []string{"--data-dir", dir, "--store"}
	if pdServers() == "" {
		return append(args, "embedded"), nil
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	prefix, err := once(filepath.Join(dir, prefixName), func(random []byte) string {
		return "roster-test-" + hex.EncodeToString(random[:8]) + "/"
	})
	if err != nil {
		return nil, err
	}
	keys := filepath.Join(dir, keysName)
	if _, err := once(keys, func(random []byte) string { return "1:" + base64.StdEncoding.EncodeToString(random) + "\n" }); err != nil {
		return nil, err
	}
	return append(args, "tikv", "--pd", pdServers(), "--tikv-prefix", prefix, "--key-file", keys), nil
}

// once is the text of a file, which is made of random bytes if it is new.
func once(path string, text func(random []byte) string) (string, error) {
	old, err := os.ReadFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return string(old), err
	}
	random := make([]byte, 32)
	_, _ = rand.Read(random)
	made := text(random)
	return made, os.WriteFile(path, []byte(made), 0o600)
}

// Stored is all that the store of a data directory holds, as bytes to search.
// No server may run on the directory.
func Stored(ctx context.Context, dir string) ([]byte, error) {
	if pdServers() == "" {
		return storedFiles(dir)
	}
	prefix, err := os.ReadFile(filepath.Join(dir, prefixName))
	if err != nil {
		return nil, err
	}
	store, err := tikvstore.Open(ctx, tikvstore.Options{PDAddrs: strings.Split(pdServers(), ","), Prefix: string(prefix)})
	if err != nil {
		return nil, err
	}
	var all bytes.Buffer
	err = store.View(ctx, core.ViewOptions{}, func(r core.Reader) error {
		for rest := (&core.Range{}); rest != nil; {
			page, err := r.Scan(*rest)
			if err != nil {
				return err
			}
			for _, item := range page.Items {
				all.Write(item.Key)
				all.Write(item.Value)
			}
			rest = page.Rest
		}
		return nil
	})
	return all.Bytes(), errors.Join(err, store.Close())
}

func storedFiles(dir string) ([]byte, error) {
	var all bytes.Buffer
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	return all.Bytes(), err
}
