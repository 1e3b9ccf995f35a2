package embedded

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"

	"roster/core"
)

// before is a directory as a store without a journal left it: all values in
// the engine, the large ones in its value log.
func before(t *testing.T, clock *clock, large []byte) string {
	t.Helper()
	dir := t.TempDir()
	db, err := badger.OpenManaged(badger.DefaultOptions(dir).WithLogger(nil).WithSyncWrites(true).WithValueThreshold(512).WithValueLogFileSize(8 << 20))
	if err != nil {
		t.Fatal(err)
	}
	version := core.VersionAt(clock.now())
	put := func(key string, value []byte) {
		t.Helper()
		version++
		txn := db.NewTransactionAt(version, true)
		defer txn.Discard()
		if err := txn.Set([]byte(key), value); err != nil {
			t.Fatal(err)
		}
		if err := txn.CommitAt(version, nil); err != nil {
			t.Fatal(err)
		}
	}
	put("usmall", []byte("1"))
	for range 10 {
		put("ularge", large)
	}
	put("ukept", large)
	put(versionMark, binary.BigEndian.AppendUint64(nil, version))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestADirectoryWithoutAJournalOpens(t *testing.T) {
	clock := newClock()
	large := bytes.Repeat([]byte("v"), 1<<20)
	dir := before(t, clock, large)
	s := open(t, Options{Dir: dir, Clock: clock.now, Retention: time.Hour})
	check := func() {
		t.Helper()
		if small, kept := get(t, s, 0, "small"), get(t, s, 0, "kept"); small != "1" || kept != string(large) {
			t.Errorf("small=%q and kept has %d bytes, want 1 and %d", small, len(kept), len(large))
		}
	}
	check()
	set(t, s, "large", "new")
	clock.step(2 * time.Hour)
	set(t, s, "other", "1")
	tidy(t, s)
	s = reopen(t, s) // the engine learns what is garbage
	full := logBytes(t, dir)
	tidy(t, s)
	if left := logBytes(t, dir); left > full-8<<20 {
		t.Errorf("the engine's log has %d bytes after it was cleaned, %d before", left, full)
	}
	check()
	s = reopen(t, s)
	check()
	if got := get(t, s, 0, "large"); got != "new" {
		t.Errorf("large has %d bytes, want the new value", len(got))
	}
}

// logBytes is the length of the engine's full value logs.
func logBytes(t *testing.T, dir string) (sum int64) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.vlog"))
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, path := range paths[:len(paths)-1] {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		sum += info.Size()
	}
	return sum
}

// A crash leaves the memtable of the engine as it is, whatever its size.
func TestALargerMemtableIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	db, err := badger.OpenManaged(badger.DefaultOptions(dir).WithLogger(nil).WithMemTableSize(8 * memTableBytes).WithValueLogFileSize(8 << 20))
	if err != nil {
		t.Fatal(err)
	}
	const keys = 6 * memTableBytes / 1024
	writes := db.NewManagedWriteBatch()
	for i := range keys {
		if err := writes.SetEntryAt(badger.NewEntry(fmt.Appendf(nil, "u%06d", i), make([]byte, 1024)), core.VersionAt(time.Now())); err != nil {
			t.Fatal(err)
		}
	}
	if err := writes.Flush(); err != nil {
		t.Fatal(err)
	}
	crashed := t.TempDir()
	if err := os.CopyFS(crashed, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := open(t, Options{Dir: crashed})
	for _, i := range []int{0, keys / 2, keys - 1} {
		if got := get(t, s, 0, fmt.Sprintf("%06d", i)); len(got) != 1024 {
			t.Errorf("key %d has %d bytes", i, len(got))
		}
	}
}
