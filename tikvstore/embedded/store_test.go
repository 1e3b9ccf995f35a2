package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"roster/core"
	"roster/core/storetest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		writeUntilKilled(dir)
	}
	goleak.VerifyTestMain(m)
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) core.Store { return open(t, Options{}) })
}

// open opens a store in a directory of the test, unless opts name one.
func open(t testing.TB, opts Options) *Store {
	t.Helper()
	if opts.Dir == "" {
		opts.Dir = t.TempDir()
	}
	s, err := Open(opts)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { shut(t, s) })
	return s
}

func shut(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestOpen(t *testing.T) {
	t.Run("creates a directory only its owner may enter", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "a", "b")
		open(t, Options{Dir: dir})
		info, err := os.Stat(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o700 {
			t.Errorf("the directory has mode %o, want 700", got)
		}
	})
	t.Run("tells that another server has the directory", func(t *testing.T) {
		dir := t.TempDir()
		s := open(t, Options{Dir: dir})
		_, err := Open(Options{Dir: dir})
		wantCode(t, err, core.Unavailable)
		if !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "another server") {
			t.Errorf("Open: %v, want the directory named and another server blamed", err)
		}
		set(t, s, "a", "1")
	})
	t.Run("tells what is wrong with a directory", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(Options{Dir: file})
		wantCode(t, err, core.Internal)
		if !strings.Contains(err.Error(), file) {
			t.Errorf("Open: %v, want the directory named", err)
		}
	})
	for name, opts := range map[string]Options{
		"no directory":         {},
		"a negative retention": {Dir: "unused", Retention: -time.Second},
		"too small a cache":    {Dir: "unused", CacheBytes: 1 << 20},
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			_, err := Open(opts)
			wantCode(t, err, core.InvalidArgument)
		})
	}
}

func TestReopenKeepsKeysAndHistory(t *testing.T) {
	dir := t.TempDir()
	s := open(t, Options{Dir: dir})
	large := strings.Repeat("v", 100_000)
	set(t, s, "a", "1")
	set(t, s, "large", large)
	before := latest(t, s)
	set(t, s, "a", "2")
	remove(t, s, "large")
	shut(t, s)

	s = open(t, Options{Dir: dir})
	if a, l := get(t, s, 0, "a"), get(t, s, 0, "large"); a != "2" || l != "" {
		t.Errorf("after a restart a=%q and large has %d bytes, want 2 and none", a, len(l))
	}
	if a, l := get(t, s, before, "a"), get(t, s, before, "large"); a != "1" || l != large {
		t.Errorf("at the old version a=%q and large has %d bytes, want 1 and %d", a, len(l), len(large))
	}
}

func TestManyWritersOfOneKeyLoseNoUpdate(t *testing.T) {
	s := open(t, Options{})
	const writers, each = 64, 4
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				err := s.Update(t.Context(), func(tx core.Txn) error {
					value, err := tx.Get([]byte("n"))
					if err != nil {
						return err
					}
					return tx.Put([]byte("n"), append(value, 'x'))
				})
				if err != nil {
					t.Errorf("Update: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if got := len(get(t, s, 0, "n")); got != writers*each {
		t.Errorf("%d updates are there, want %d", got, writers*each)
	}
}

func TestCloseWaitsForRunningCalls(t *testing.T) {
	s := open(t, Options{})
	set(t, s, "a", "1")
	running, closed := make(chan struct{}), make(chan error, 1)
	err := s.View(t.Context(), core.ViewOptions{}, func(r core.Reader) error {
		go func() {
			close(running)
			closed <- s.Close()
		}()
		<-running
		for !s.isClosed() {
			runtime.Gosched()
		}
		wantCode(t, s.View(t.Context(), core.ViewOptions{}, nil), core.Unavailable)
		wantCode(t, s.Update(t.Context(), nil), core.Unavailable)
		value, err := r.Get([]byte("a"))
		if string(value) != "1" {
			t.Errorf("a=%q in a view that was running, want 1", value)
		}
		return err
	})
	if err != nil {
		t.Errorf("View: %v", err)
	}
	if err := <-closed; err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestCloseOnADiskThatHangsIsBounded(t *testing.T) {
	s := open(t, Options{})
	s.closeWithin = time.Millisecond
	hang := make(chan struct{})
	sync := s.journal.sync
	s.journal.sync = func(f *os.File) error {
		<-hang
		return sync(f)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	err := s.Update(ctx, func(tx core.Txn) error { return tx.Put([]byte("a"), []byte("1")) })
	wantCode(t, err, core.Undetermined)
	wantCode(t, s.Close(), core.Unavailable)
	close(hang)
	for _, b := range []background{s.maintenance, s.committing, s.taking} {
		<-b.done
	}
	s.settling.stop()
	if err := errors.Join(s.db.Close(), s.journal.close()); err != nil {
		t.Error(err)
	}
}

func TestDiskNearlyFull(t *testing.T) {
	var lines []string // written by the committer, one Update at a time
	s := open(t, Options{Logger: logFunc(func(line string) {
		if strings.HasPrefix(line, "warn ") {
			lines = append(lines, line)
		}
	})})
	set(t, s, "a", "1")
	free := s.commits.free
	s.commits.free = func() (uint64, error) { return reserveBytes, nil }
	err := s.Update(t.Context(), func(tx core.Txn) error { return tx.Put([]byte("a"), []byte("2")) })
	wantCode(t, err, core.Unavailable)
	if got := get(t, s, 0, "a"); got != "1" {
		t.Errorf("a=%q after a refused write, want 1", got)
	}
	s.commits.free = func() (uint64, error) { return 0, errors.New("no such file system") }
	err = s.Update(t.Context(), func(tx core.Txn) error { return tx.Put([]byte("a"), []byte("2")) })
	wantCode(t, err, core.Unavailable)
	s.commits.free = free
	set(t, s, "a", "3")
	if got := get(t, s, 0, "a"); got != "3" {
		t.Errorf("a=%q once there is space, want 3", got)
	}
	if len(lines) != 2 || !strings.Contains(lines[0], "writes are refused: the disk of the data directory is nearly full") || !strings.Contains(lines[1], "writes go on") {
		t.Errorf("logged %q, want when it began and when it ended", lines)
	}
}

func TestEngineLog(t *testing.T) {
	var lines []string
	l := &engineLog{to: logFunc(func(line string) { lines = append(lines, line) })}
	l.Infof("%d tables\n", 1)
	l.Warningf("slow")
	l.Errorf("writeRequests: %v", "x")
	if l.err() != nil {
		t.Errorf("an error the engine returns as well is a fault: %v", l.err())
	}
	l.Errorf("Error while curlf sync: %v\n", "EIO")
	l.Errorf("Ignoring table %s", "000001.sst")
	want := "[debug badger: 1 tables warn badger: slow warn badger: writeRequests: x warn badger: Error while curlf sync: EIO warn badger: Ignoring table 000001.sst]"
	if got := fmt.Sprint(lines); got != want {
		t.Errorf("logged %s, want %s", got, want)
	}
	if err := l.err(); err == nil || err.Error() != "Error while curlf sync: EIO" {
		t.Errorf("the fault is %v, want the failed sync", err)
	}
}

type logFunc func(line string)

func (f logFunc) Debugf(format string, args ...any) { f("debug " + fmt.Sprintf(format, args...)) }
func (f logFunc) Warnf(format string, args ...any)  { f("warn " + fmt.Sprintf(format, args...)) }
