//go:build cluster

package replicas

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"roster/core"
	"roster/tests/cluster"
	"roster/tests/harness"
)

const (
	// shortDeadline keeps the wait for an answer that cannot be had short.
	shortDeadline = 2 * time.Second
	// settling bounds the wait for a store that can be reached again.
	settling = 30 * time.Second
)

// TestACommitWhoseAnswerIsLost breaks the connections to the store when a change
// commits: the answer has to be true, and a repeat has to take effect once.
func TestACommitWhoseAnswerIsLost(t *testing.T) {
	var toStore *link
	ownCluster(t, cluster.Options{Advertise: func(name, listens string) (string, error) {
		if name != "store1" {
			return listens, nil
		}
		var err error
		if toStore, err = openLink(name, listens); err != nil {
			return "", err
		}
		return toStore.proxy.Listen, nil
	}})
	t.Cleanup(func() { toStore.breakAll() })
	all := startReplicas(t, "--request-timeout", shortDeadline.String())
	verdicts := map[string]int{}
	for i, op := range operations {
		for j, how := range []struct {
			name               string
			delivered, lasting bool
		}{
			{"the request lost, the store back at once", false, false},
			{"the answer lost, the store back at once", true, false},
			// Which of the two is lost is no matter to the wait.
			{"one of them lost, the store away until the deadline", i%2 == 0, true},
		} {
			t.Run(op.name+"/"+how.name, func(t *testing.T) {
				first := all[(i+j)%howMany]
				lost := lostCommit{
					op: op, instance: fmt.Sprintf("lost_%d_%d", i, j), requestID: fmt.Sprintf("request_%d_%d", i, j),
					api: front{"REST", first.rest}, again: front{"REST", all[(i+j+1)%howMany].rest}, watch: all[(i+j+2)%howMany],
				}
				if (i/2+j)%2 == 0 { // a request id is the caller's, and each front has its own callers
					lost.api, lost.again = front{"SQL", first.sql}, front{"SQL", all[(i+j+1)%howMany].sql}
				}
				verdict := lost.run(t, toStore, &cut{key: historyKey(lost.instance), delivered: how.delivered, struck: make(chan struct{})}, how.lasting)
				verdicts[how.name+": "+verdict]++
			})
		}
	}
	for _, what := range slices.Sorted(maps.Keys(verdicts)) {
		t.Logf("counted: %s: %d", what, verdicts[what])
	}
}

// lostCommit is a change whose commit is not answered.
type lostCommit struct {
	op                  operation
	instance, requestID string
	api, again          front
	watch               *replica
}

// run is the verdict of the client.
func (l *lostCommit) run(t *testing.T, toStore *link, c *cut, lasting bool) (verdict string) {
	t.Helper()
	l.op.ready(t, l.watch.rest, l.instance)
	before := l.read(t)
	ctx := core.WithCall(t.Context(), core.Call{RequestID: l.requestID})

	arm(c)
	answer := make(chan error, 1)
	go func() { answer <- l.op.send(ctx, l.api, l.instance) }()
	var err error
	select {
	case <-c.struck:
	case err = <-answer:
		arm(nil)
		t.Fatalf("the change ended before a commit was seen: %v", err)
	}
	toStore.breakAll()
	if lasting {
		err = <-answer
	}
	arm(nil)
	if err := toStore.restore(); err != nil {
		t.Fatal(err)
	}
	if !lasting {
		err = <-answer
	}

	code := core.CodeOf(err)
	if refusal, answered := errors.AsType[*core.Error](err); err != nil && !answered {
		t.Fatalf("not answered: %v", err)
	} else if err != nil && code != core.Undetermined && code != core.Conflict && code != core.Unavailable {
		t.Errorf("%s answers %v %q, which is not to be retried", l.api.name, code, refusal.Msg)
	}
	after, made := l.read(t), l.records(t)
	switch {
	case made > 1 || (made == 1) != (after != before):
		t.Errorf("history has %d records, and the state is\n%sbefore:\n%s", made, after, before)
	case err == nil && made == 0:
		t.Errorf("the answer was OK and nothing is there")
	case err != nil && code != core.Undetermined && made == 1:
		t.Errorf("%s answered %v (%v), which says that nothing was written, and it is there", l.api.name, code, err)
	}

	l.repeat(ctx, t)
	if once := l.records(t); once != 1 {
		t.Errorf("after a repeat history has %d records, want 1", once)
	}
	if repeated := l.read(t); repeated == before || made == 1 && repeated != after {
		t.Errorf("after a repeat the state is\n%safter the first try\n%sbefore it\n%s", repeated, after, before)
	}
	switch {
	case code != core.Undetermined:
		return code.String()
	case made == 1:
		return "UNDETERMINED, done"
	}
	return "UNDETERMINED, not done"
}

// read is the state under a new timestamp, once the store can be reached.
func (l *lostCommit) read(t *testing.T) (state string) {
	t.Helper()
	harness.Poll(t, "a read of "+l.instance, settling, func(ctx context.Context) (done bool, err error) {
		state, err = l.op.state(ctx, l.watch.rest, l.instance)
		return err == nil, err
	})
	return state
}

// records counts the change in history.
func (l *lostCommit) records(t *testing.T) int {
	t.Helper()
	return recorded(t, l.watch.sql, l.instance, l.requestID)
}

// repeat sends the request again until it succeeds, to another replica.
func (l *lostCommit) repeat(ctx context.Context, t *testing.T) {
	t.Helper()
	harness.Poll(t, "a repeat of "+l.op.name, settling, func(context.Context) (bool, error) {
		err := l.op.send(ctx, l.again, l.instance)
		return err == nil, err
	})
}
