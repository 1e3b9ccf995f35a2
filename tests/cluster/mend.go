package cluster

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// mistakes of unistore that keep a cluster from going on.
var mistakes = []struct{ file, is, should string }{
	// A snapshot that it has built for another replica before goes out without its
	// description, and the store that gets it panics.
	{
		"raftstore/snap.go",
		`		err := s.validate()
		if err == nil {
			return nil
		}
`,
		`		err := s.validate()
		if err == nil {
			snapData.FileSize, snapData.Version, snapData.Meta = s.TotalSize(), snapshotVersion, s.MetaFile.Meta
			return nil
		}
`,
	},
	// A store does not start again with the snapshots it has, and without them it
	// does not get over an end in the middle of one.
	{"server/server.go", `os.Mkdir(snapPath,`, `os.MkdirAll(snapPath,`},
}

// mend copies unistore into a directory with the mistakes mended, and returns the
// flag by which go build of the store takes the copy.
func mend(ctx context.Context, module, dir string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-f", "{{.Module.Dir}}", "github.com/ngaut/unistore/raftstore")
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output() // this downloads it, if need be
	if err != nil {
		return "", fmt.Errorf("find unistore's source, for %s: %w", module, err)
	}
	source := string(bytes.TrimSpace(out))
	// Another way to mend makes another copy.
	way := sha256.Sum256(fmt.Append(nil, mistakes))
	mended := filepath.Join(dir, fmt.Sprintf("mended-%s-%x", filepath.Base(source), way[:6]))
	if err := copyMended(source, mended); err != nil {
		return "", err
	}
	modules, err := os.ReadFile(filepath.Join(module, "go.mod"))
	if err != nil {
		return "", err
	}
	sums, err := os.ReadFile(filepath.Join(module, "go.sum"))
	if err != nil {
		return "", err
	}
	modules = fmt.Appendf(modules, "\nreplace github.com/ngaut/unistore => %s\n", mended)
	if err := os.WriteFile(filepath.Join(dir, "store.sum"), sums, 0o600); err != nil {
		return "", err
	}
	modfile := filepath.Join(dir, "store.mod")
	return "-modfile=" + modfile, os.WriteFile(modfile, modules, 0o600)
}

// copyMended makes the copy, unless it is there already; it comes into being as a
// whole, since others may build at the same time.
func copyMended(source, mended string) error {
	if _, err := os.Stat(mended); err == nil {
		return nil
	}
	temp, err := os.MkdirTemp(filepath.Dir(mended), "mending-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temp) }()
	whole := filepath.Join(temp, "unistore")
	if err := os.CopyFS(whole, os.DirFS(source)); err != nil {
		return err
	}
	for _, m := range mistakes {
		path := filepath.Join(whole, filepath.FromSlash(m.file))
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !bytes.Contains(text, []byte(m.is)) {
			return fmt.Errorf("%s in %s is not the version that mend.go knows; see whether it still has the mistake", m.file, source)
		}
		if err := os.WriteFile(path, bytes.Replace(text, []byte(m.is), []byte(m.should), 1), 0o600); err != nil {
			return err
		}
	}
	if err := os.Rename(whole, mended); err != nil {
		if _, made := os.Stat(mended); made == nil {
			return nil // by another build
		}
		return err
	}
	return nil
}
