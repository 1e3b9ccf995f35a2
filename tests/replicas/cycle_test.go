//go:build cluster

package replicas

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// cycle is one collection of garbage as a replica's log tells of it.
type cycle struct {
	who        string
	term       int64
	begin, end time.Time
}

func (c cycle) String() string {
	return fmt.Sprintf("%s term %d %s to %s", c.who, c.term, c.begin.Format(time.TimeOnly), c.end.Format(time.TimeOnly))
}

// cyclesIn are the collections in a log; one that is under way there has the end
// given.
func cyclesIn(log, who string, end time.Time) (found []cycle, err error) {
	under := false
	for line := range strings.Lines(log) {
		var entry struct {
			Msg  string
			Term int64
			Time time.Time
		}
		if !strings.HasPrefix(line, "{") || json.Unmarshal([]byte(line), &entry) != nil || entry.Term == 0 {
			continue
		}
		last := len(found) - 1
		switch text := entry.Msg; {
		case text == "collecting garbage" && !under:
			found = append(found, cycle{who, entry.Term, entry.Time, end.Truncate(time.Second)})
			under = true
		case text == "collected garbage", text == "there was no garbage to collect", strings.HasPrefix(text, "ended a collection"),
			strings.HasPrefix(text, "could not collect"):
			if !under || found[last].term != entry.Term {
				return nil, fmt.Errorf("%s ends a collection of term %d that it has not begun: %s", who, entry.Term, line)
			}
			found[last].end = entry.Time
			under = false
		case text == "collecting garbage":
			return nil, fmt.Errorf("%s begins a collection within another: %s", who, line)
		}
	}
	return found, nil
}

// oneAtATime says which collections there were at once, or under terms that went
// back or that two replicas had.
func oneAtATime(cycles []cycle) error {
	slices.SortFunc(cycles, func(a, b cycle) int { return cmp.Or(a.begin.Compare(b.begin), cmp.Compare(a.term, b.term)) })
	for i := 1; i < len(cycles); i++ {
		a, b := cycles[i-1], cycles[i]
		switch {
		case b.begin.Before(a.end):
			return fmt.Errorf("at once: %v, %v", a, b)
		case b.term < a.term, b.term == a.term && b.who != a.who:
			return fmt.Errorf("terms out of order: %v, %v", a, b)
		}
	}
	return nil
}

// TestCollectionsAtOnceAreSeen: the test of collections can fail.
func TestCollectionsAtOnceAreSeen(t *testing.T) {
	entry := func(at int, term int, msg string) string {
		return fmt.Sprintf(`{"level":"info","msg":%q,"term":%d,"time":"2026-01-02T03:04:%02dZ"}`+"\n", msg, term, at)
	}
	end := time.Date(2026, 1, 2, 3, 5, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		logs []string
		want string
	}{
		"one after the other": {[]string{entry(1, 1, "collecting garbage") + entry(5, 1, "collected garbage"), entry(5, 2, "collecting garbage")}, ""},
		"two at once":         {[]string{entry(1, 1, "collecting garbage") + entry(5, 1, "collected garbage"), entry(4, 2, "collecting garbage")}, "at once"},
		"one that goes on":    {[]string{entry(1, 1, "collecting garbage"), entry(4, 2, "collecting garbage")}, "at once"},
		"one term for two":    {[]string{entry(1, 1, "collecting garbage") + entry(2, 1, "collected garbage"), entry(4, 1, "collecting garbage")}, "out of order"},
		"a term of the past":  {[]string{entry(1, 2, "collecting garbage") + entry(2, 2, "collected garbage"), entry(4, 1, "collecting garbage")}, "out of order"},
	} {
		t.Run(name, func(t *testing.T) {
			var all []cycle
			for i, log := range c.logs {
				found, err := cyclesIn(log, fmt.Sprint(i), end)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, found...)
			}
			err := oneAtATime(all)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v: %v, want %q", all, err, c.want)
			}
		})
	}
}
