// Command tally runs go test with its arguments, prints what failed and the lines
// that tests log as "counted: ", and counts the tests of each package.
//
//	go run ./tests/cluster/tally -run Conformance ./tests/conformance
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"roster/tests/cluster/command"
)

// endLimit bounds the end of what go test has started. It is shorter than that of
// the command run, which would kill us before we have ended them.
const endLimit = 20 * time.Second

func main() {
	ctx, stop := command.Context()
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, w io.Writer) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-json", "-count=1"}, args...)...)
	events, out := io.Pipe()
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	ran := make(chan error, 1)
	go func() {
		err := command.Run(cmd, endLimit)
		ran <- errors.Join(err, out.Close())
	}()
	passed, err := tally(events, w)
	if err != nil {
		_ = events.CloseWithError(err) // go test would wait for a reader
	}
	if ended := <-ran; ended != nil {
		return fmt.Errorf("go test: %w", errors.Join(ended, err))
	}
	if err == nil && passed == 0 {
		err = errors.New("no test ran: check the arguments")
	}
	return err
}

// event is one of go test -json; a package's own has no test.
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

// result is what is known of a test or a package.
type result struct{ pkg, test string }

// tally prints the packages, and the output of what failed, and counts the tests
// that passed.
func tally(events io.Reader, w io.Writer) (passed int, err error) {
	output := map[result]string{}
	counts := map[string]map[string]int{}
	lines := bufio.NewScanner(events)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Fprintln(w, lines.Text()) // a build's complaint
			continue
		}
		of := result{e.Package, e.Test}
		if counts[e.Package] == nil {
			counts[e.Package] = map[string]int{}
		}
		switch e.Action {
		case "output", "build-output":
			output[of] += e.Output
			if _, figures, ok := strings.Cut(e.Output, ".go:"); ok && strings.Contains(figures, ": counted: ") {
				_, figures, _ = strings.Cut(figures, ": counted: ")
				fmt.Fprintf(w, "%s: %s", e.Test, figures)
			}
			continue
		case "pass", "fail", "skip":
		default:
			continue
		}
		if e.Action == "fail" {
			fmt.Fprint(w, output[of])
		}
		delete(output, of)
		n := counts[e.Package]
		if e.Test != "" {
			n[e.Action]++
			continue
		}
		passed += n["pass"]
		fmt.Fprintf(w, "%s\t%s: %d passed, %d failed, %d skipped, %.1fs\n", e.Action, e.Package, n["pass"], n["fail"], n["skip"], e.Elapsed)
	}
	return passed, lines.Err()
}
