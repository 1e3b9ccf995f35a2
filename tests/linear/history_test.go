package linear

import (
	"math"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"

	"roster/tests/linear/model"
)

// never is when an operation ends whose effect may come at any time.
const never = math.MaxInt64

// history is what all clients did in a round, on one clock.
type history struct {
	base time.Time // its monotonic part is what counts

	mu         sync.Mutex
	operations []porcupine.Operation
	answers    map[model.Code]int
}

func newHistory() *history {
	return &history{base: time.Now(), answers: map[model.Code]int{}}
}

// now is the time on the clock of the history.
func (h *history) now() int64 { return int64(time.Since(h.base)) }

// add records an operation that has an answer.
func (h *history) add(client int, r model.Request, a model.Answer, call, end int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers[a.Code]++
	h.operations = append(h.operations, porcupine.Operation{ClientId: client, Input: r, Output: a, Call: call, Return: end})
}

// addLost records an operation whose outcome nobody knows. A read of that kind
// tells nothing. It is drawn as a client's of its own, for the one that sent it
// goes on.
func (h *history) addLost(r model.Request, call int64) {
	if r.Kind == model.GetInstance {
		return
	}
	h.add(clients+h.answered(model.Undetermined), r, model.Answer{Code: model.Undetermined}, call, never)
}

func (h *history) len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.operations)
}

// answered is how many operations had an answer of a code.
func (h *history) answered(code model.Code) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.answers[code]
}
