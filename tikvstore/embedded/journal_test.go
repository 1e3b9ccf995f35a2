package embedded

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"roster/core"
)

// crashed is a copy of a store's directory as it is now, but for what the engine
// has not synced: its memtables are as they were in the directory called synced,
// or gone if they were not there.
func crashed(t *testing.T, s *Store, synced string) string {
	t.Helper()
	pauseSettling(s)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(s.opts.Dir)); err != nil {
		t.Fatal(err)
	}
	lost, err := filepath.Glob(filepath.Join(dir, "*.mem"))
	if err != nil || len(lost) == 0 {
		t.Fatalf("the engine has %d memtables (%v), want one at least", len(lost), err)
	}
	for _, path := range lost {
		old, err := os.ReadFile(filepath.Join(synced, filepath.Base(path)))
		if errors.Is(err, fs.ErrNotExist) {
			err = os.Remove(path)
		} else if err == nil {
			err = os.WriteFile(path, old, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// redo are the paths of the segments in a directory that a start gives to the
// engine.
func redo(t *testing.T, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*"+redoSuffix))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func large(tag string) string { return tag + strings.Repeat(".", inlineBytes) }

func TestWhatTheEngineLosesComesBack(t *testing.T) {
	s := open(t, Options{})
	set(t, s, "kept", large("1"))
	set(t, s, "gone", "1")
	first := latest(t, s)
	synced := crashed(t, s, "")
	for i := range 20 {
		set(t, s, fmt.Sprint("key", i), large(fmt.Sprint(i)))
	}
	set(t, s, "kept", "2")
	remove(t, s, "gone")
	for name, from := range map[string]string{"all": t.TempDir(), "all after a point": synced} {
		t.Run(name, func(t *testing.T) {
			after := open(t, Options{Dir: crashed(t, s, from)})
			for i := range 20 {
				if got, want := get(t, after, 0, fmt.Sprint("key", i)), large(fmt.Sprint(i)); got != want {
					t.Errorf("key%d has %d bytes, want %d", i, len(got), len(want))
				}
			}
			if kept, gone := get(t, after, 0, "kept"), get(t, after, 0, "gone"); kept != "2" || gone != "" {
				t.Errorf("kept=%q and gone=%q, want 2 and nothing", kept, gone)
			}
			if kept, gone := get(t, after, first, "kept"), get(t, after, first, "gone"); kept != large("1") || gone != "1" {
				t.Errorf("at the old version kept has %d bytes and gone=%q", len(kept), gone)
			}
			if last := latest(t, s); latest(t, after) <= last {
				t.Errorf("the latest version is %d, not above %d", latest(t, after), last)
			}
		})
	}
}

func TestTornEndOfTheJournal(t *testing.T) {
	s := open(t, Options{})
	set(t, s, "before", large("1"))
	start := s.journal.head.end
	set(t, s, "torn", "2")
	end := s.journal.head.end
	dir := crashed(t, s, t.TempDir())
	path := redo(t, dir)[0]
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	whole = whole[:end]
	spoilt := map[string]func(data []byte, i int64) []byte{
		"cut":     func(data []byte, i int64) []byte { return data[:i] },
		"zeroed":  func(data []byte, i int64) []byte { return append(data[:i], make([]byte, end-i+100)...) },
		"flipped": func(data []byte, i int64) []byte { data[i] ^= 1; return data },
	}
	for name, spoil := range spoilt {
		t.Run(name, func(t *testing.T) {
			for i := start; i < end; i++ {
				if err := os.WriteFile(path, spoil(bytes.Clone(whole), i), 0o600); err != nil {
					t.Fatal(err)
				}
				var keys []string
				j, err := openJournal(dir, plenty, func(err error) { t.Error(err) }, func(batches ...*batch) error {
					for _, b := range batches {
						for _, w := range b.writes {
							keys = append(keys, string(w.key))
						}
					}
					return nil
				})
				if err != nil {
					t.Fatalf("%s at %d: %v", name, i, err)
				}
				if err := j.close(); err != nil {
					t.Fatal(err)
				}
				if last := keys[len(keys)-1]; last != "ubefore" {
					t.Fatalf("%s at %d of %d: the last key is %q, want what was whole", name, i, end, last)
				}
				left, err := filepath.Glob(filepath.Join(dir, "*"+valuesSuffix))
				if err != nil || len(left) != 1 {
					t.Fatalf("segments %q are left, %v", left, err)
				}
				if err := os.Remove(left[0]); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestDamagedJournalIsTold(t *testing.T) {
	s := open(t, Options{})
	set(t, s, "a", "1")
	middle := s.journal.head.end - 5
	set(t, s, "a", "2")
	seal(t, s)
	set(t, s, "a", "3")
	last := s.journal.sealed[0].end - 5
	for name, at := range map[string]int64{"in the middle": middle, "at the end of a full segment": last} {
		t.Run(name, func(t *testing.T) {
			dir := crashed(t, s, t.TempDir())
			file, err := os.OpenFile(redo(t, dir)[0], os.O_RDWR, 0)
			if err == nil {
				_, err = file.WriteAt([]byte{0xff, 0xff}, at)
				err = errors.Join(err, file.Close())
			}
			if err != nil {
				t.Fatal(err)
			}
			_, err = Open(Options{Dir: dir})
			wantCode(t, err, core.Internal)
			for _, part := range []string{dir, "damaged", "00000001.redo", "dump"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("Open: %v, want %q in it", err, part)
				}
			}
		})
	}
}

// pauseSettling leaves full segments as they are until Close.
func pauseSettling(s *Store) {
	s.settling.stop()
	s.settling = start(func(quit <-chan struct{}) { <-quit })
}

// seal makes the journal begin a segment and leave the one before as it is.
func seal(t *testing.T, s *Store) {
	t.Helper()
	pauseSettling(s)
	s.journal.appending.Lock()
	defer s.journal.appending.Unlock()
	if _, err := s.journal.roll(); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedValueIsNotReturned(t *testing.T) {
	s := open(t, Options{})
	set(t, s, "a", large("1"))
	p := s.journal.head
	if _, err := p.file.WriteAt([]byte("x"), p.end-10); err != nil {
		t.Fatal(err)
	}
	_, err := s.Read(t.Context(), []byte("a"))
	wantCode(t, err, core.Internal)
}

func TestSegmentThatWasNeverFinishedIsNoDamage(t *testing.T) {
	s := open(t, Options{})
	set(t, s, "a", "1")
	dir := crashed(t, s, t.TempDir())
	for _, name := range []string{"00000002" + redoSuffix, spareName} {
		if err := os.WriteFile(filepath.Join(dir, name), make([]byte, 10), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	after := open(t, Options{Dir: dir})
	if got := get(t, after, 0, "a"); got != "1" {
		t.Errorf("a=%q, want 1", got)
	}
	set(t, after, "a", "2")
}

func TestFailedSyncStopsWriting(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Dir: dir})
	set(t, s, "a", "1")
	s.journal.sync = func(*os.File) error { return errors.New("I/O error") }
	update := func() error {
		return s.Update(t.Context(), func(tx core.Txn) error { return tx.Put([]byte("a"), []byte("2")) })
	}
	wantCode(t, update(), core.Undetermined)
	s.journal.sync = syncData
	wantCode(t, update(), core.Unavailable)
	if got := get(t, s, 0, "a"); got != "1" {
		t.Errorf("a=%q after a failed sync, want 1", got)
	}
	shut(t, s)
	s = open(t, Options{Dir: dir})
	if got := get(t, s, 0, "a"); got != "1" && got != "2" {
		t.Errorf("a=%q after a restart, want 1 or 2", got)
	}
	set(t, s, "a", "3")
}

func TestFailedAppendWritesNothing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Dir: dir})
	set(t, s, "a", "1")
	file := s.journal.head.file
	readOnly, err := os.Open(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer readOnly.Close()
	s.journal.head.file = readOnly
	err = s.Update(t.Context(), func(tx core.Txn) error { return tx.Put([]byte("a"), []byte("2")) })
	wantCode(t, err, core.Internal)
	if got := get(t, s, 0, "a"); got != "1" {
		t.Errorf("a=%q after a failed append, want 1", got)
	}
	s.journal.head.file = file
	set(t, s, "b", "1")
	shut(t, s)
	s = open(t, Options{Dir: dir})
	if a, b := get(t, s, 0, "a"), get(t, s, 0, "b"); a != "1" || b != "1" {
		t.Errorf("after a restart a=%q and b=%q, want 1 and 1", a, b)
	}
}

// Segments change many times under running commits, and every one is settled.
func TestCommitsWhileSegmentsSettle(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Dir: dir, Logger: logFunc(func(line string) {
		if strings.HasPrefix(line, "warn ") {
			t.Error(line)
		}
	})})
	s.journal.size, s.journal.prepareAfter = 8<<10, 1<<10
	synced := t.TempDir()
	s.journal.flush = func() error { return errors.Join(syncEngine(dir), keepMemtables(dir, synced)) }
	const writers, writes = 8, 100
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range writes {
				set(t, s, fmt.Sprint("key", w), large(fmt.Sprint(i)))
			}
		})
	}
	wg.Wait()
	if n := s.journal.newest; n < 10 {
		t.Errorf("%d segments were begun, want 10 at least", n)
	}
	after := open(t, Options{Dir: crashed(t, s, synced)})
	for name, s := range map[string]*Store{"running": s, "crashed": after} {
		for w := range writers {
			if got, want := get(t, s, 0, fmt.Sprint("key", w)), large(fmt.Sprint(writes-1)); got != want {
				t.Errorf("%s: key%d=%.8q, want %.8q", name, w, got, want)
			}
		}
	}
	shut(t, s)
	if left := redo(t, dir); len(left) > 0 {
		t.Errorf("segments %q are not settled after Close", left)
	}
}

// keepMemtables copies the engine's memtables, as far as there is data in them.
func keepMemtables(from, to string) error {
	paths, err := filepath.Glob(filepath.Join(from, "*.mem"))
	for _, path := range paths {
		data := make([]byte, 1<<20)
		file, openErr := os.Open(path)
		if openErr != nil {
			return openErr
		}
		_, readErr := file.ReadAt(data, 0)
		err = errors.Join(err, readErr, file.Close(), os.WriteFile(filepath.Join(to, filepath.Base(path)), data, 0o600))
	}
	return err
}

func TestSegmentsWithoutValuesGo(t *testing.T) {
	dir := t.TempDir()
	for range 3 {
		s := open(t, Options{Dir: dir})
		set(t, s, "a", "small")
		shut(t, s)
	}
	left, err := filepath.Glob(filepath.Join(dir, "0*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range left {
		if ext := filepath.Ext(path); ext == redoSuffix || ext == valuesSuffix {
			t.Errorf("%s is left although no value is in it", path)
		}
	}
}
