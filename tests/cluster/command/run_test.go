package command_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"go.uber.org/goleak"

	"roster/tests/cluster/command"
)

const asHelper = "ROSTER_COMMAND_HELPER"

func TestMain(m *testing.M) {
	if os.Getenv(asHelper) != "" {
		ctx, stop := command.Context()
		fmt.Println("ready")
		<-ctx.Done()
		stop()
		fmt.Println("told")
		return
	}
	goleak.VerifyTestMain(m)
}

// shell is a script whose output, and that of all it starts, comes by the reader,
// which ends when the last of them has.
func shell(ctx context.Context, t *testing.T, script string, args ...string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, "sh", append([]string{"-c", script, "sh"}, args...)...)
	cmd.Stdout = in
	t.Cleanup(func() { _, _ = in.Close(), out.Close() })
	return cmd, bufio.NewReader(out)
}

func line(t *testing.T, out *bufio.Reader, want string) {
	t.Helper()
	if got, err := out.ReadString('\n'); err != nil || got != want+"\n" {
		t.Errorf("a line %q, %v, want %q", got, err, want)
	}
}

// noneLeft waits for the end of all that write to out.
func noneLeft(t *testing.T, cmd *exec.Cmd, out *bufio.Reader) {
	t.Helper()
	if err := cmd.Stdout.(*os.File).Close(); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(out); err != nil || len(rest) > 0 {
		t.Errorf("then %q, %v", rest, err)
	}
}

func TestRunLeavesNothingBehind(t *testing.T) {
	for _, c := range []struct {
		name, script string
		// ends says that the command does so by itself.
		ends  bool
		limit time.Duration
	}{
		{"of a command that ends", `sleep 1000 & echo begun`, true, time.Minute},
		{"of a command that is told to end", `sleep 1000 & echo begun; wait`, false, time.Minute},
		{"of a command whose child outlives it", `(trap '' TERM; echo begun; sleep 1000) & sleep 1000`, false, 100 * time.Millisecond},
		{"of a command that does not listen", `trap '' TERM; sleep 1000 & echo begun; wait`, false, 100 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			cmd, out := shell(ctx, t, c.script)
			ran := make(chan error, 1)
			go func() { ran <- command.Run(cmd, c.limit) }()
			line(t, out, "begun")
			if !c.ends {
				cancel()
			}
			if err := <-ran; (err == nil) != c.ends {
				t.Errorf("Run = %v", err)
			}
			noneLeft(t, cmd, out)
		})
	}
}

func TestRunSparesOthers(t *testing.T) {
	other, out := shell(t.Context(), t, `echo begun; read line; echo "$line"`)
	say, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	line(t, out, "begun")
	if err := command.Run(exec.CommandContext(t.Context(), "true"), time.Minute); err != nil {
		t.Error(err)
	}
	if _, err := io.WriteString(say, "alive\n"); err != nil {
		t.Error(err)
	}
	line(t, out, "alive")
	if err := other.Wait(); err != nil {
		t.Error(err)
	}
}

func TestRunSaysHowTheCommandEnded(t *testing.T) {
	err := command.Run(exec.CommandContext(t.Context(), "sh", "-c", "exit 3"), time.Minute)
	if failed, ok := errors.AsType[*exec.ExitError](err); !ok || failed.ExitCode() != 3 {
		t.Errorf("Run = %v, want exit status 3", err)
	}
	if err := command.Run(exec.CommandContext(t.Context(), "/no/such/command"), time.Minute); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Run = %v, want that there is no such command", err)
	}
}

func TestTheContextEndsWithTheParent(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parent, out := shell(t.Context(), t, `"$1" & wait`, self)
	parent.Env = append(os.Environ(), asHelper+"=1")
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line(t, out, "ready")
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // it was killed
	line(t, out, "told")
	noneLeft(t, parent, out)
}
