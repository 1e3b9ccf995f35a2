package embedded

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"roster/core"
)

// gated is a running intake whose engine takes when it receives from the gate,
// and answers with what that sends. taken are the versions it took at a time.
func gated(t *testing.T) (i *intake, gate chan error, taken *[][]uint64) {
	t.Helper()
	gate, taken = make(chan error), new([][]uint64)
	i = newIntake(func(batches ...*batch) error {
		err := <-gate
		var versions []uint64
		for _, b := range batches {
			versions = append(versions, b.version)
		}
		*taken = append(*taken, versions)
		return err
	}, func(error) {})
	running := start(i.run)
	t.Cleanup(func() {
		close(gate)
		running.stop()
	})
	return i, gate, taken
}

func grouped(version uint64, bytes int, keys ...uint64) *group {
	return &group{
		commits: []*commit{{keys: keys}},
		batch:   batch{version: version, writes: []write{{value: make([]byte, bytes)}}},
	}
}

// began runs f in the background, and tells whether it returned by itself.
func began(f func()) (ended func() bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	return func() bool {
		synctest.Wait()
		select {
		case <-done:
			return true
		default:
			return false
		}
	}
}

func TestReadsWaitForWhatTheEngineLacks(t *testing.T) {
	const a, b, other = 1, 2, 3
	await := map[string]func(context.Context, *intake) error{
		"of a key":        func(ctx context.Context, i *intake) error { return i.awaitKey(ctx, a) },
		"of a later key":  func(ctx context.Context, i *intake) error { return i.awaitKey(ctx, b) },
		"of a whole scan": func(ctx context.Context, i *intake) error { return i.awaitAll(ctx) },
	}
	for name, await := range await {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i, gate, taken := gated(t)
				i.give(grouped(1, 1, a))
				i.give(grouped(2, 1, b))
				if err := i.awaitKey(t.Context(), other); err != nil {
					t.Errorf("a read of a key that nobody wrote: %v", err)
				}
				read := began(func() {
					if err := await(t.Context(), i); err != nil {
						t.Error(err)
					}
				})
				if read() {
					t.Error("the read did not wait")
				}
				i.give(grouped(3, 1, other))
				gate <- nil
				if !read() {
					t.Error("the read waits although the engine has it all")
				}
				if want := []uint64{1, 2}; !slices.Equal((*taken)[0], want) {
					t.Errorf("the engine took %d, want %d at once", *taken, want)
				}
			})
		})
	}
}

func TestAReadThatWaitsForTheEngineEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i, _, _ := gated(t)
		i.give(grouped(1, 1, 1))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		wantCode(t, i.awaitAll(ctx), core.Unavailable)
	})
}

func TestTheEngineTakesWithoutBeingAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i, gate, taken := gated(t)
		i.give(grouped(1, 1, 1))
		gate <- nil // blocks for ever unless the delay ends
		i.give(grouped(2, 1, 1))
		gate <- nil
		if synctest.Wait(); len(*taken) != 2 {
			t.Errorf("the engine took %d", *taken)
		}
	})
}

func TestCommitsWaitForAnEngineThatIsFarBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i, gate, _ := gated(t)
		i.give(grouped(1, 1, 1))
		poke(i.hurry)
		synctest.Wait() // the engine is busy with that
		i.give(grouped(2, maxUntaken, 1))
		given := began(func() { i.give(grouped(3, 1, 1)) })
		if given() {
			t.Error("a commit did not wait")
		}
		gate <- nil
		gate <- nil
		if !given() {
			t.Error("a commit waits although the engine has what there was")
		}
	})
}

func TestAnEngineThatFailsLosesNothing(t *testing.T) {
	dir := t.TempDir()
	var mu sync.Mutex
	var log []string
	s := open(t, Options{Dir: dir, Logger: logFunc(func(line string) {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasPrefix(line, "warn") {
			log = append(log, line)
		}
	})})
	failed := errors.New("I/O error")
	s.intake.take = func(...*batch) error { return failed }
	set(t, s, "a", large("1"))
	err := s.View(t.Context(), core.ViewOptions{}, func(r core.Reader) error {
		_, err := r.Get([]byte("a"))
		return err
	})
	wantCode(t, err, core.Unavailable)
	if !errors.Is(err, failed) {
		t.Errorf("the read failed with %v, want the engine's reason", err)
	}
	if got := get(t, s, 0, "other"); got != "" {
		t.Errorf("other=%q", got)
	}
	err = s.Update(t.Context(), func(tx core.Txn) error { return tx.Put([]byte("b"), []byte("2")) })
	wantCode(t, err, core.Unavailable)
	if !errors.Is(err, failed) {
		t.Errorf("the write failed with %v, want the engine's reason", err)
	}
	shut(t, s)
	if want := "warn no more writes are taken until a restart: I/O error: check the disk"; !slices.Contains(log, want) {
		t.Errorf("the log says %q, not %q", log, want)
	}

	s = open(t, Options{Dir: dir})
	if got := get(t, s, 0, "a"); got != large("1") {
		t.Errorf("after a restart a has %d bytes", len(got))
	}
}
