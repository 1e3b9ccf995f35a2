package linear

import (
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"roster/tests/harness"
)

// form is the size of a run.
type form struct {
	rounds int
	length time.Duration
	// enough is how many operations a round has to have before its fault.
	enough int
}

const (
	// huntRounds bounds the search for a violation that has to be found.
	huntRounds = 10
	// maxRejected bounds the rounds of a run that had too few operations.
	maxRejected = 5
)

func chosenForm() form {
	switch {
	case *violation:
		return form{rounds: huntRounds, length: *length, enough: 150}
	case *rounds > 0:
		return form{rounds: *rounds, length: *length, enough: 150}
	}
	return form{rounds: 2, length: 4 * time.Second, enough: 20}
}

// TestLinearizability runs clients of both fronts through one fault a round.
func TestLinearizability(t *testing.T) {
	form, seed := chosenForm(), harness.Seed(t, *seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	d := deploy(t)
	faults := d.faults(rng)
	struck, operations, rejected := map[string]int{}, 0, 0
	began := time.Now()
	for number := 1; number <= form.rounds+rejected; number++ {
		r := &round{number: number, fault: faults.next(), length: form.length, rng: rng}
		if err := r.run(t.Context(), d); err != nil {
			t.Fatalf("round %d: %v\n%s", number, err, d.output())
		}
		if r.before < form.enough {
			rejected++
			t.Logf("%v: rejected, %d are needed before the fault", r, form.enough)
			if rejected > maxRejected {
				t.Fatalf("%d rounds had too few operations", rejected)
			}
			continue
		}
		verdict, took := r.check()
		t.Logf("%v: %s in %.2fs", r, verdict, took.Seconds())
		struck[r.fault.name]++
		operations += len(r.history.operations)
		if verdict == porcupine.Ok {
			continue
		}
		dir, guilty := r.report(t, seed, d)
		if *violation && verdict == porcupine.Illegal {
			t.Logf("found in round %d, in %v, kept in %s", number, guilty, dir)
			return
		}
		t.Fatalf("seed %d, round %d (%s): %s, in %v: history, drawings and logs are in %s", seed, number, r.fault.name, verdict, guilty, dir)
	}
	if *violation {
		t.Fatalf("no violation in %d rounds, %d operations; seed %d", form.rounds, operations, seed)
	}
	t.Logf("%d rounds, %d operations in %.0fs, %d servers, %d rejected, 0 violations; faults: %v",
		form.rounds, operations, time.Since(began).Seconds(), len(d.replicas), rejected, struck)
}

// report keeps what a round leaves where it stays after the test.
func (r *round) report(t *testing.T, seed uint64, d *deployment) (dir string, guilty []string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "roster-linear-")
	if err != nil {
		t.Fatal(err)
	}
	if guilty, err = r.keep(dir, seed, d); err != nil {
		t.Error(err)
	}
	return dir, guilty
}
