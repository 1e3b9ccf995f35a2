//go:build cluster

package cluster

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pingcap/log"
	"go.uber.org/goleak"
	"go.uber.org/zap/zapcore"

	"roster/core"
	"roster/tikvstore"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// open connects as Roster does.
func open(t *testing.T, c *Cluster) core.Store {
	t.Helper()
	s, err := tikvstore.Open(t.Context(), tikvstore.Options{
		PDAddrs: c.PDAddrs(), Prefix: "roster-test-" + strings.ToLower(rand.Text()) + "/",
	})
	if err != nil {
		t.Fatal(err)
	}
	log.SetLevel(zapcore.FatalLevel) // the driver's, of what is broken on purpose
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// eventually repeats what fails while a cluster recovers.
func eventually(t *testing.T, do func(ctx context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		one, done := context.WithTimeout(ctx, 5*time.Second)
		err := do(one)
		done()
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
}

func put(t *testing.T, s core.Store, key, value string) {
	t.Helper()
	eventually(t, func(ctx context.Context) error {
		return s.Update(ctx, func(tx core.Txn) error { return tx.Put([]byte(key), []byte(value)) })
	})
}

func want(t *testing.T, s core.Store, key, value string) {
	t.Helper()
	var got []byte
	eventually(t, func(ctx context.Context) error {
		return s.View(ctx, core.ViewOptions{}, func(r core.Reader) (err error) {
			got, err = r.Get([]byte(key))
			return err
		})
	})
	if string(got) != value {
		t.Errorf("Get(%q) = %q, want %q", key, got, value)
	}
}

func do(t *testing.T, steps ...func() error) {
	t.Helper()
	for _, step := range steps {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
}

func ready(t *testing.T, c *Cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := c.Ready(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestDataOutlivesRestarts(t *testing.T) {
	c := Run(t, Options{})
	s := open(t, c)
	put(t, s, "before", "1")
	pd, store := c.PD(0), c.Store(0)
	for _, turn := range []struct {
		name  string
		steps []func() error
	}{
		{"PD stops", []func() error{pd.Stop, pd.Start}},
		{"PD is killed", []func() error{pd.Kill, pd.Start}},
		{"the store stops", []func() error{store.Stop, store.Start}},
		{"the store is killed", []func() error{store.Kill, store.Start}},
		{"the store pauses", []func() error{store.Pause, store.Resume}},
	} {
		t.Run(turn.name, func(t *testing.T) {
			do(t, turn.steps...)
			ready(t, c)
			want(t, s, "before", "1")
			put(t, s, turn.name, "after")
			want(t, s, turn.name, "after")
		})
	}
}

func TestALeaderOfPDIsReplaced(t *testing.T) {
	c := Run(t, Options{PDs: 3, Stores: 3})
	s := open(t, c)
	// One of them leads, whichever it is.
	for i := range 3 {
		put(t, s, "key", fmt.Sprint(i))
		do(t, c.PD(i).Kill)
		put(t, s, "while one is away", fmt.Sprint(i))
		want(t, s, "key", fmt.Sprint(i))
		do(t, c.PD(i).Start)
		ready(t, c)
	}
}

func TestSplitsAreInvisible(t *testing.T) {
	c := Run(t, Options{})
	s := open(t, c)
	put(t, s, "a", "1")
	put(t, s, "b", "2")
	splitter, err := NewSplitter(c.PDAddrs(), []byte("roster-test-"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := splitter.Close(); err != nil {
			t.Error(err)
		}
	}()
	for range 100 {
		if err := splitter.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	// A second split at a key makes nothing.
	if splitter.Made() != 2 {
		t.Errorf("%d regions were made, want 2", splitter.Made())
	}
	want(t, s, "a", "1")
	want(t, s, "b", "2")
}

func TestOthersUseTheAdvertisedAddress(t *testing.T) {
	told := map[string]string{}
	c := Run(t, Options{Advertise: func(name, listens string) (string, error) {
		_, port, err := net.SplitHostPort(listens)
		// Another name of the same place stands for a proxy.
		told[name] = net.JoinHostPort("localhost", port)
		return told[name], err
	}})
	for name, got := range map[string]string{"pd1": c.PDAddrs()[0], "store1": c.Store(0).Address} {
		if got != told[name] {
			t.Errorf("%s is at %s, want %s", name, got, told[name])
		}
	}
	s := open(t, c)
	put(t, s, "key", "1")
	want(t, s, "key", "1")
}

func TestCloseLeavesNoProcess(t *testing.T) {
	dir := t.TempDir()
	c, err := Start(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	paused := c.Store(0)
	do(t, paused.Pause)
	pids := []int{c.PD(0).PID(), paused.PID()}
	do(t, c.Close, c.Close)
	for _, pid := range pids {
		if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
			t.Errorf("process %d after Close: %v", pid, err)
		}
	}
	if err := paused.Resume(); err == nil {
		t.Error("a signal for a process that was ended is no error")
	}
}

func TestAProcessThatExitsEndsTheWait(t *testing.T) {
	for _, turn := range []struct {
		name    string
		process func(*Cluster) *Process
		fate    string
		revived int
	}{
		{"pd1", func(c *Cluster) *Process { return c.PD(0) }, "is not started again: only stores are", 0},
		{"store1", func(c *Cluster) *Process { return c.Store(0) }, "is not started again: 10 times is all", 10},
	} {
		t.Run(turn.name, func(t *testing.T) {
			c, err := Start(t.Context(), Options{Dir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			p := turn.process(c)
			do(t, p.Stop)
			p.args = append(p.args, "-no-such-flag")
			do(t, p.Start)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			err = c.Ready(ctx)
			if err == nil || ctx.Err() != nil || !strings.Contains(err.Error(), turn.name+" has exited") || !strings.Contains(err.Error(), "-no-such-flag") {
				t.Errorf("Ready: %v", err)
			}
			err = c.Close()
			if err == nil || !strings.Contains(err.Error(), turn.name+" exited by itself: exit status") ||
				!strings.Contains(err.Error(), turn.fate) || !strings.Contains(err.Error(), "-no-such-flag") {
				t.Errorf("Close: %v", err)
			}
			if n := len(c.Revivals()); n != turn.revived {
				t.Errorf("%d starts again, want %d", n, turn.revived)
			}
			do(t, c.Close)
		})
	}
}

func TestEveryRegionHasItsReplicasFromTheStart(t *testing.T) {
	c := Run(t, Options{Stores: 3})
	if err := c.short(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestStartsAreOneAtATime(t *testing.T) {
	c := Run(t, Options{})
	if err := c.PD(0).Start(); err == nil || !strings.Contains(err.Error(), "pd1 is running") {
		t.Errorf("a second start: %v", err)
	}
	if _, err := os.Stat(c.PD(0).Log); err != nil {
		t.Error(err)
	}
}
