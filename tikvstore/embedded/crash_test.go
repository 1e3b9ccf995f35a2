package embedded

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"roster/core"
)

const (
	// crashDir names the data directory in the environment of the process that
	// is to be killed.
	crashDir     = "EMBEDDED_CRASH_DIR"
	crashWriters = 8
	crashAcks    = 150
)

// writeUntilKilled writes pairs of keys, one beside and one in the memtable, and
// prints each once it is acknowledged.
func writeUntilKilled(dir string) {
	s, err := Open(Options{Dir: dir})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var wg sync.WaitGroup
	for writer := range crashWriters {
		wg.Go(func() {
			for {
				var version uint64
				err := s.Update(context.Background(), func(tx core.Txn) error {
					version = tx.Version()
					key := fmt.Sprintf("%d-%d", version, writer)
					if err := tx.Put([]byte("large/"+key), crashValue(key)); err != nil {
						return err
					}
					return tx.Put([]byte("small/"+key), []byte(key))
				})
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				fmt.Printf("%d-%d\n", version, writer)
			}
		})
	}
	wg.Wait()
}

func crashValue(key string) []byte { return bytes.Repeat([]byte(key), 100) }

func TestKilledServerLosesNothingAcknowledged(t *testing.T) {
	dir := t.TempDir()
	var acked []string
	for range 3 {
		acked = append(acked, killWhileWriting(t, dir)...)
		checkAfterCrash(t, dir, acked)
	}
}

// killWhileWriting runs writeUntilKilled in a process of its own, kills it in
// the middle, and returns what was acknowledged.
func killWhileWriting(t *testing.T, dir string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var acked []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		acked = append(acked, lines.Text())
		if len(acked) == crashAcks {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || len(acked) < crashAcks {
		t.Fatalf("the writer ended by itself (%v) after %d writes", err, len(acked))
	}
	return acked
}

func checkAfterCrash(t *testing.T, dir string, acked []string) {
	t.Helper()
	s := open(t, Options{Dir: dir})
	defer shut(t, s)
	err := s.View(t.Context(), core.ViewOptions{}, func(r core.Reader) error {
		for _, key := range acked {
			value, err := r.Get([]byte("large/" + key))
			if err != nil {
				return err
			}
			if !bytes.Equal(value, crashValue(key)) {
				t.Errorf("%s was acknowledged, but its value has %d bytes now", key, len(value))
			}
		}
		large, err := keysUnder(r, "large/")
		if err != nil {
			return err
		}
		small, err := keysUnder(r, "small/")
		if err != nil {
			return err
		}
		if large != small {
			t.Error("a transaction is there in part")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(t.Context(), func(tx core.Txn) error {
		for _, key := range acked {
			var version uint64
			if _, err := fmt.Sscanf(key, "%d-", &version); err != nil {
				return err
			}
			if tx.Version() <= version {
				t.Errorf("version %d after the crash is not above %d before it", tx.Version(), version)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// keysUnder is the list of keys with a prefix, without it.
func keysUnder(r core.Reader, prefix string) (string, error) {
	var keys []string
	rg := &core.Range{Start: []byte(prefix), End: []byte(prefix + "\xff")}
	for rg != nil {
		page, err := r.Scan(*rg)
		if err != nil {
			return "", err
		}
		for _, item := range page.Items {
			keys = append(keys, strings.TrimPrefix(string(item.Key), prefix))
		}
		rg = page.Rest
	}
	return strings.Join(keys, " "), nil
}
