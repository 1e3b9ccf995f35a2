package linear

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/anishathalye/porcupine"

	"roster/tests/linear/model"
)

// drawLimit bounds the search for the longest orders of a guilty instance.
const drawLimit = time.Minute

// entry is an operation as a kept history has it. Times are in nanoseconds.
type entry struct {
	Client  int           `json:"client"`
	Call    int64         `json:"call"`
	Return  *int64        `json:"return"` // null for one without an answer
	Request model.Request `json:"request"`
	Answer  model.Answer  `json:"answer"`
}

// keep writes what a failed round leaves into a directory: its history, a drawing
// of each guilty instance, and what the servers have printed. It returns the
// instances.
func (r *round) keep(dir string, seed uint64, d *deployment) (guilty []string, err error) {
	byInstance := map[string][]porcupine.Operation{}
	entries := make([]entry, 0, len(r.history.operations))
	for _, op := range r.history.operations {
		e := entry{Client: op.ClientId, Call: op.Call, Request: op.Input.(model.Request), Answer: op.Output.(model.Answer)}
		if op.Return != never {
			e.Return = &op.Return
		}
		entries = append(entries, e)
		byInstance[e.Request.Instance] = append(byInstance[e.Request.Instance], op)
	}
	history, err := json.MarshalIndent(struct {
		Seed    uint64  `json:"seed"`
		Round   int     `json:"round"`
		Fault   string  `json:"fault"`
		History []entry `json:"history"`
	}{seed, r.number, r.fault.name, entries}, "", " ")
	err = errors.Join(err, os.WriteFile(filepath.Join(dir, "history.json"), history, 0o600))
	for id, operations := range byInstance {
		result, found := porcupine.CheckOperationsVerbose(model.New(), operations, drawLimit)
		if result == porcupine.Ok {
			continue
		}
		guilty = append(guilty, id)
		err = errors.Join(err, porcupine.VisualizePath(model.New(), found, filepath.Join(dir, id+".html")))
	}
	for _, server := range d.replicas {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, server.name+".log"), []byte(server.output()), 0o600))
	}
	if err != nil {
		err = fmt.Errorf("keep what round %d leaves: %w", r.number, err)
	}
	return guilty, err
}
