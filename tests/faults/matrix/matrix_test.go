package matrix

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"roster/core"
)

// combination is a row of the fault table with an operation, through a front.
type combination struct {
	fault
	operation
	front string
	// anonymous leaves out the request id.
	anonymous bool
}

func (c combination) String() string {
	return fmt.Sprintf("%s = %s, %s through %s", c.point, c.term, c.name, c.front)
}

// combinations are the rows with the operations that come by their failpoint, the
// fronts taking turns where the failpoint is in neither. Without all it is one
// operation a row, each time another.
func combinations(all bool) (found []combination) {
	for i, f := range table {
		if f.foreign() {
			continue
		}
		var row []combination
		for j, op := range operations {
			front := fronts[(i+j)%len(fronts)]
			if slices.Contains(fronts, f.part()) {
				front = f.part()
			}
			if f.only == nil || slices.Contains(f.only, op.name) {
				row = append(row, combination{fault: f, operation: op, front: front})
			}
		}
		if !all && len(row) > 0 {
			row = row[i*3/2%len(row):][:1] // by which the fronts take turns as well
		}
		found = append(found, row...)
	}
	return found
}

// expectation is what is there before and after an operation.
type expectation struct{ before, after string }

// TestMatrix is all or nothing at every failpoint, for every mutating operation.
func TestMatrix(t *testing.T) {
	chosen := combinations(*all)
	m := &matrix{expected: expectations(t)}
	next := make(chan combination)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		s := run(t)
		workers.Go(func() {
			for c := range next {
				if err := m.try(t.Context(), s, c); err != nil {
					m.violations.Add(1)
					t.Errorf("%v: %v", c, err)
				}
			}
		})
	}
	for _, c := range chosen {
		next <- c
	}
	close(next)
	workers.Wait()
	t.Logf("counted: %d combinations of %d fault rows and %d operations, %d of them crashes: %d acknowledged, %d refused, %d unknown, %d violations",
		len(chosen), len(table), len(operations), m.crashes.Load(), m.counts[0].Load(), m.counts[1].Load(), m.counts[2].Load(), m.violations.Load())
}

// expectations runs each operation through each front without a fault.
func expectations(t *testing.T) map[string]expectation {
	t.Helper()
	s := run(t)
	m := new(matrix)
	found := map[string]expectation{}
	for _, op := range operations {
		for _, front := range fronts {
			id, err := m.prepare(t.Context(), s, op)
			if err != nil {
				t.Fatalf("%s: %v", op.name, err)
			}
			var e expectation
			if e.before, err = s.state(t.Context(), id, op.records); err != nil {
				t.Fatal(err)
			}
			if err := op.call(t.Context(), s.api(front), id); err != nil {
				t.Fatalf("%s through %s: %v", op.name, front, err)
			}
			if e.after, err = s.state(t.Context(), id, op.records); err != nil {
				t.Fatal(err)
			}
			if e.before == e.after {
				t.Fatalf("%s through %s changes nothing that the test sees", op.name, front)
			}
			found[op.name+front] = e
		}
	}
	return found
}

// matrix is one run over combinations.
type matrix struct {
	expected            map[string]expectation
	counts              [3]atomic.Int64 // by verdict
	crashes, violations atomic.Int64
}

// prepare makes an instance ready for an operation.
func (m *matrix) prepare(ctx context.Context, s *server, op operation) (string, error) {
	id := "matrix-" + rand.Text() // the store may be one of many runs
	for _, step := range op.prepare {
		if err := step(ctx, s.rest, id); err != nil {
			return "", fmt.Errorf("preparing: %w", err)
		}
	}
	// The connection must be there before a failpoint can be in its way.
	_, err := s.sql.Query(ctx, "SHOW INSTANCES LIMIT 1")
	return id, err
}

// try makes one combination come true and checks what is left of it.
func (m *matrix) try(ctx context.Context, s *server, c combination) error {
	id, err := m.prepare(ctx, s, c.operation)
	if err != nil {
		return err
	}
	if err := s.switchOn(ctx, c.fault); err != nil {
		return err
	}
	if !c.anonymous {
		ctx = core.WithCall(ctx, core.Call{RequestID: "request-" + id})
	}
	answer := c.ask(ctx, s, id)
	if c.crash {
		m.crashes.Add(1)
		err = s.crashed()
	} else if err = s.switchOff(ctx, c.fault); err == nil && c.halt {
		err = s.restart()
	}
	if err != nil {
		return fmt.Errorf("answered %w", errors.Join(answer, err))
	}
	s.reconnect()
	return errors.Join(m.agrees(ctx, s, c, id, answer), m.repeat(ctx, s, c, id))
}

func (c combination) ask(ctx context.Context, s *server, id string) error {
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	return c.call(ctx, s.api(c.front), id)
}

// agrees compares the answer and the state with what the fault table says.
func (m *matrix) agrees(ctx context.Context, s *server, c combination, id string, answer error) error {
	var faults []error
	got := m.judge(answer)
	if got != c.verdict {
		faults = append(faults, fmt.Errorf("the client takes it for %s, want %s: %w", got, c.verdict, answer))
	}
	state, err := s.state(ctx, id, c.records)
	if err != nil {
		return errors.Join(append(faults, err)...)
	}
	e := m.expected[c.name+c.front]
	switch {
	case state != e.before && state != e.after:
		faults = append(faults, fmt.Errorf("what is there is between before and after:\n%s\nbefore:\n%s\nafter:\n%s", state, e.before, e.after))
	case got == acknowledged && state != e.after:
		faults = append(faults, errors.New("it was acknowledged and is not there"))
	case got == refused && state != e.before:
		faults = append(faults, errors.New("it was refused and is there"))
	case (state == e.after) != c.landed:
		faults = append(faults, fmt.Errorf("that it is there is %t, want %t", state == e.after, c.landed))
	}
	return errors.Join(faults...)
}

// judge is what a client knows after an answer.
func (m *matrix) judge(answer error) verdict {
	var refusal *core.Error
	switch {
	case answer == nil:
		m.counts[0].Add(1)
		return acknowledged
	case errors.As(answer, &refusal) && refusal.Code != core.Undetermined:
		m.counts[1].Add(1)
		return refused
	}
	m.counts[2].Add(1)
	return unknown
}

// repeat asks again under the same request id: the change is then there, once.
func (m *matrix) repeat(ctx context.Context, s *server, c combination, id string) error {
	if err := c.ask(ctx, s, id); err != nil {
		return fmt.Errorf("the repeat with the same request id: %w", err)
	}
	state, err := s.state(ctx, id, c.records)
	if want := m.expected[c.name+c.front].after; err == nil && state != want {
		err = fmt.Errorf("after a repeat with the same request id there is\n%s\nwant\n%s", state, want)
	}
	return err
}
