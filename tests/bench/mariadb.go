//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// errNotInstalled says which peer is missing and how to get it.
var errNotInstalled = errors.New("is not installed")

// startMariaDB runs a MariaDB of the bench's own on data below dir, as its package
// configures it but for more memory and more connections.
func startMariaDB(ctx context.Context, dir string) (_ *process, err error) {
	daemon, err := lookUp("mariadbd")
	if err != nil {
		return nil, err
	}
	install, err := lookUp("mariadb-install-db")
	if err != nil {
		return nil, err
	}
	dir, err = os.MkdirTemp(dir, "mariadb-")
	if err != nil {
		return nil, err
	}
	common := []string{"--no-defaults", "--datadir=" + filepath.Join(dir, "data"), "--user=" + user()}
	created := exec.CommandContext(ctx, install, append(common, "--auth-root-authentication-method=normal", "--skip-test-db")...)
	if out, err := created.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mariadb-install-db: %w\n%s", err, out)
	}
	addr, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	p, err := startAt(ctx, addr, daemon, append(common,
		"--bind-address=127.0.0.1", "--port="+port, "--skip-name-resolve", "--skip-log-bin",
		"--socket="+filepath.Join(dir, "socket"), "--pid-file="+filepath.Join(dir, "pid"),
		"--innodb-buffer-pool-size=512M", "--innodb-log-file-size=512M", "--max-connections=1100",
		"--innodb-flush-log-at-trx-commit=1", "--character-set-server=utf8mb4")...)
	if err != nil {
		return nil, err
	}
	p.addrs = map[string]string{forSQL: addr}
	if err := fillMariaDB(ctx, p); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

func user() string {
	if os.Getuid() == 0 {
		return "root"
	}
	return strconv.Itoa(os.Getuid())
}

// lookUp finds a program, also where Debian keeps servers out of the path of
// ordinary users.
func lookUp(name string) (string, error) {
	for _, where := range []string{name, filepath.Join("/usr/sbin", name)} {
		if path, err := exec.LookPath(where); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s %w; tests/mariadb/setup.sh installs it", name, errNotInstalled)
}

// syncedSettings are those of MariaDB that make an acknowledged write durable.
var syncedSettings = map[string]string{
	"innodb_flush_log_at_trx_commit": "1",
	"innodb_doublewrite":             "1",
	"innodb_flush_method":            "O_DIRECT",
}

// checkMariaDB refuses a server that may answer before its log is on disk.
func checkMariaDB(setting func(name string) (string, error)) error {
	for name, want := range syncedSettings {
		got, err := setting(name)
		if err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("MariaDB: %w: %s is %s, want %s", errUnsynced, name, got, want)
		}
	}
	return nil
}
