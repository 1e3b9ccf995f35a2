package mariadb

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"roster/tests/harness"
)

// limit bounds the start of MariaDB, its end, and each statement.
const limit = 60 * time.Second

// setup installs MariaDB.
const setup = "tests/mariadb/setup.sh"

// startMariaDB runs a MariaDB of the test's own, with no data, and returns the
// address it listens on. It ends with the test.
func startMariaDB(t *testing.T) string {
	t.Helper()
	daemon, install := harness.Need(t, "mariadbd", setup), harness.Need(t, "mariadb-install-db", setup)
	dir := t.TempDir()
	data := "--datadir=" + filepath.Join(dir, "data")
	user := "--user=" + strconv.Itoa(os.Getuid())
	if os.Getuid() == 0 {
		user = "--user=root"
	}
	common := []string{"--no-defaults", data, user}

	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	created := exec.CommandContext(ctx, install, append(common, "--auth-root-authentication-method=normal", "--skip-test-db")...)
	if out, err := created.CombinedOutput(); err != nil {
		t.Fatalf("mariadb-install-db: %v\n%s", err, out)
	}

	addr := freeAddress(t)
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), daemon, append(common,
		"--bind-address=127.0.0.1", "--port="+port, "--skip-networking=0", "--skip-name-resolve",
		"--socket="+filepath.Join(dir, "socket"), "--pid-file="+filepath.Join(dir, "pid"),
		"--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=0", "--performance-schema=0",
		"--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci")...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case err := <-exited:
			if err != nil {
				t.Errorf("mariadbd: %v\n%s", err, out.String())
			}
		case <-time.After(limit):
			_ = cmd.Process.Kill()
			t.Errorf("mariadbd did not end by itself: %v\n%s", <-exited, out.String())
		}
	})
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
		if err == nil {
			if err := conn.Close(); err != nil {
				t.Fatal(err)
			}
			return addr
		}
		select {
		case err := <-exited:
			exited <- err
			t.Fatalf("mariadbd ended: %v\n%s", err, out.String())
		case <-ctx.Done():
			t.Fatal("mariadbd does not listen")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// freeAddress is a loopback address that nothing listened on a moment ago.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return addr
}
