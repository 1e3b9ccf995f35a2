package cluster

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Binaries are the paths of what a cluster runs.
type Binaries struct {
	// PD is TiKV's own pd-server, Store the store of the module beside.
	PD, Store string
}

// Build builds the binaries into bin/cluster of the project. The first time takes
// minutes on a small machine, later ones a second.
func Build(ctx context.Context) (Binaries, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", "roster/tests/cluster").Output()
	if err != nil {
		return Binaries{}, fmt.Errorf("find the package roster/tests/cluster; run inside the project: %w", err)
	}
	here := string(bytes.TrimSpace(out))
	bin := filepath.Join(here, "..", "..", "bin", "cluster")
	built := Binaries{PD: filepath.Join(bin, "pd-server"), Store: filepath.Join(bin, "store")}
	// The dashboard of PD needs files that are no part of its module.
	if err := build(ctx, filepath.Join(here, "pd"), built.PD, "-ldflags=-s -w", "-tags=without_dashboard", "github.com/tikv/pd/cmd/pd-server"); err != nil {
		return Binaries{}, err
	}
	if err := os.MkdirAll(bin, 0o750); err != nil {
		return Binaries{}, err
	}
	modules, err := mend(ctx, filepath.Join(here, "store"), bin)
	if err != nil {
		return Binaries{}, err
	}
	// The store's TiDB links to a symbol of the runtime, and two of its modules
	// register one protocol buffer.
	return built, build(ctx, filepath.Join(here, "store"), built.Store, modules,
		"-ldflags=-s -w -checklinkname=0 -X google.golang.org/protobuf/reflect/protoregistry.conflictPolicy=warn", ".")
}

func build(ctx context.Context, module, path string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"build", "-gcflags=all=-dwarf=false", "-o", path}, args...)...)
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOGC=400")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build in %s: %w\n%s", module, err, out)
	}
	return nil
}
