package failpoints

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestTerms(t *testing.T) {
	for term, want := range map[string]bool{
		`return("error")`: true, `return`: true, `return()`: true, `return(-1)`: true, `return(true)`: true, `panic`: true, `off`: true, `pause`: true,
		`3*return("crash")`: true, `10%panic`: true, `0.5%3*sleep(100)`: true, `sleep("1s")`: true, `2*off->1*return("sleep 2s")`: true,
		``: false, `5*`: false, `(1)`: false, `break`: false, `return(error)`: false, `return("a"b")`: false, `sleep`: false, `x*panic`: false,
		`panic->`: false, `->panic`: false, `off;panic`: false, `panic panic`: false, `return(99999999999999999999)`: false,
	} {
		if err := checkTerm(term); (err == nil) != want || err != nil && !errors.Is(err, ErrTerm) {
			t.Errorf("%q: %v", term, err)
		}
	}
}

func TestSwitching(t *testing.T) {
	const name = "store/slow"
	want := func(doing, term string) {
		t.Helper()
		if got, err := Term(name); err != nil || got != term {
			t.Errorf("after %s the term is %q, %v, want %q", doing, got, err, term)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(Set(name, "1*off"))
	want("setting", "1*off")
	must(Pause())
	want("pausing", "")
	must(Set(name, "2*off"))
	want("setting while paused", "")
	must(Pause())
	must(Resume())
	want("resuming", "2*off")
	must(Clear(name))
	want("clearing", "")
	must(Set(name, "off"))
	must(ClearAll())
	want("clearing all", "")
	for _, err := range []error{Set("no/such", "off"), Clear("no/such")} {
		if !errors.Is(err, ErrUnknown) {
			t.Errorf("got %v for an unknown name", err)
		}
	}
	if p, err := Find(name); p.Name != name || err != nil {
		t.Errorf("got %q, %v for a name", p.Name, err)
	}
	if _, err := Term(strings.Repeat("x", 1000)); !errors.Is(err, ErrUnknown) || len(err.Error()) > 300 {
		t.Errorf("got %v for a long name", err)
	}
	if err := Set(name, "5*"); !errors.Is(err, ErrTerm) {
		t.Errorf("got %v for what is no term", err)
	}
}

func TestAct(t *testing.T) {
	for _, c := range []struct {
		value any
		hit   bool
	}{{nil, false}, {"error", true}, {true, true}, {1, true}, {struct{}{}, true}, {"sleep 1ms", false}} {
		if got := Act(c.value); got != c.hit {
			t.Errorf("Act(%v) is %t", c.value, got)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("the value panic does not panic")
		}
	}()
	Act(Panic)
}

func TestDuration(t *testing.T) {
	for value, want := range map[any]time.Duration{250: 250 * time.Millisecond, "-1h": -time.Hour, "x": 0, true: 0} {
		if got := Duration(value); got != want {
			t.Errorf("Duration(%v) is %v, want %v", value, got, want)
		}
	}
}
