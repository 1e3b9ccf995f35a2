package clients

import (
	"bytes"
	"context"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// terminal is a client that runs under a pseudo-terminal, which script(1) makes.
type terminal struct {
	*testing.T
	keys    io.WriteCloser
	exited  chan error
	changed chan struct{}

	mu      sync.Mutex
	printed bytes.Buffer
	read    int // how much of printed was expected already
}

// newTerminal starts a client. What it prints is waited for by expect.
func newTerminal(t *testing.T, name string, args ...string) *terminal {
	t.Helper()
	script := need(t, "script")
	words := []string{"stty rows 50 cols 200; exec", quote(name)}
	for _, arg := range args {
		words = append(words, quote(arg))
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), limit)
	cmd := exec.CommandContext(ctx, script, "--quiet", "--return", "--command", strings.Join(words, " "), "/dev/null")
	cmd.Env = environment(t)
	term := &terminal{T: t, exited: make(chan error, 1), changed: make(chan struct{}, 1)}
	cmd.Stdout, cmd.Stderr = term, term
	var err error
	if term.keys, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { term.exited <- cmd.Wait() }()
	t.Cleanup(cancel)
	return term
}

func quote(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// Write takes what the client prints.
func (t *terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.printed.Write(p)
	select {
	case t.changed <- struct{}{}:
	default:
	}
	return len(p), nil
}

// controls are the sequences by which a client colours and moves on a screen.
var controls = regexp.MustCompile(`\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07|[=>()][0B]?)`)

// unread is what was printed after what the last expect found, as plain text.
func (t *terminal) unread() (text string, end int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return controls.ReplaceAllString(t.printed.String()[t.read:], ""), t.printed.Len()
}

// expect waits until the client has printed a match of the pattern after what was
// expected before, and returns the text up to then.
func (t *terminal) expect(pattern string) string {
	t.Helper()
	want := regexp.MustCompile(pattern)
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	for {
		text, end := t.unread()
		if want.MatchString(text) {
			t.mu.Lock()
			t.read = end
			t.mu.Unlock()
			return text
		}
		select {
		case <-t.changed:
		case err := <-t.exited:
			t.exited <- err
			if text, _ = t.unread(); want.MatchString(text) {
				return text
			}
			t.Fatalf("the client ended (%v) before it printed %q:\n%s", err, pattern, text)
		case <-timeout.C:
			t.Fatalf("the client did not print %q:\n%s", pattern, text)
		}
	}
}

// press sends keys.
func (t *terminal) press(keys string) {
	t.Helper()
	if _, err := io.WriteString(t.keys, keys); err != nil {
		t.Fatal(err)
	}
}

// ends waits for the client's end, which has to be a success.
func (t *terminal) ends() {
	t.Helper()
	if err := <-t.exited; err != nil {
		text, _ := t.unread()
		t.Errorf("the client ended with %v:\n%s", err, text)
	}
}
