package mysqlfront

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"roster/core"
	"roster/core/seal"
	"roster/mysqlfront/session"
)

// engine is a fake: the first word of a statement says what it does.
type engine struct {
	// started gets a value when a slow statement runs, finish lets it end.
	started chan struct{}
	finish  chan struct{}
	// ended gets why a slow statement's context ended.
	ended chan error
	used  atomic.Int64
	// typed is what the statement "typed" answers.
	typed   []session.Column
	records []session.Row
	// given are the arguments of the last "echo".
	mu    sync.Mutex
	given []any
}

func newEngine() *engine {
	return &engine{started: make(chan struct{}, 16), finish: make(chan struct{}), ended: make(chan error, 16)}
}

func (e *engine) arguments() []any {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.given
}

type statement struct {
	engine *engine
	words  []string
}

func (e *engine) Prepare(s *session.Session, text string) (session.Statement, bool, error) {
	words := strings.Fields(text)
	switch {
	case len(words) == 0, words[0] == "OTHER":
		return nil, false, nil
	case words[0] == "NONSENSE":
		return nil, true, &session.Error{Number: 1064, State: "42000", Msg: "You have an error in your SQL syntax"}
	case words[0] == "PANIC":
		panic("in the parser")
	}
	return &statement{e, words}, true, nil
}

func (st *statement) Params() int  { return strings.Count(strings.Join(st.words, " "), "?") }
func (st *statement) Writes() bool { return len(st.Columns()) == 0 }

func (st *statement) Redacted() string { return strings.Join(st.words, " ") }

func (st *statement) Columns() []session.Column {
	switch st.words[0] {
	case "echo", "SELECT", "slow_read":
		return []session.Column{{Table: "t", Name: "value", Type: session.Varchar}}
	case "typed":
		return st.engine.typed
	case "count":
		return []session.Column{{Name: "n", Type: session.BigInt, NotNull: true}}
	case "SHOW":
		return []session.Column{{Name: "Level"}, {Name: "Code", Type: session.Unsigned}, {Name: "Message"}}
	}
	return nil
}

func (st *statement) Run(ctx context.Context, s *session.Session, args []any) (*session.Result, error) {
	e := st.engine
	switch st.words[0] {
	case "USE":
		name := strings.Trim(st.words[1], "`")
		if name == "missing" {
			return nil, &session.Error{Number: 1049, State: "42000", Msg: "Unknown database 'missing'"}
		}
		e.used.Add(1)
		s.Database = name
	case "echo":
		e.mu.Lock()
		e.given = args
		e.mu.Unlock()
		return &session.Result{Columns: st.Columns(), Rows: session.Rows(session.Row{fmt.Sprint(args...)})}, nil
	case "typed":
		return &session.Result{Columns: e.typed, Rows: session.Rows(e.records...)}, nil
	case "database":
		return &session.Result{Columns: []session.Column{{Name: "d"}}, Rows: session.Rows(session.Row{s.Database + "/" + s.User + "/" + s.Vars["x"]})}, nil
	case "set":
		s.Vars["x"] = st.words[1]
	case "let":
		s.Vars[st.words[1]] = st.words[2]
	case "note":
		s.Note(1050, "it exists")
		return &session.Result{Affected: 3, InsertID: 7, Info: "three changed"}, nil
	case "SHOW":
		var rows []session.Row
		for _, w := range s.Warnings {
			rows = append(rows, session.Row{w.Level, uint64(w.Code), w.Message})
		}
		return &session.Result{Columns: st.Columns(), Rows: session.Rows(rows...)}, nil
	case "slow", "slow_read":
		return e.slow(ctx)
	case "count":
		return st.count(ctx)
	case "panic":
		panic("in the statement")
	case "fail":
		return nil, st.failure()
	case "KILL":
		id, _ := strconv.ParseUint(st.words[len(st.words)-1], 10, 64)
		if !s.Registry.Kill(id, st.words[1] == "QUERY") {
			return nil, &session.Error{Number: 1094, State: "HY000", Msg: "Unknown thread id"}
		}
	}
	return &session.Result{}, nil
}

// slow runs until it is let end or its context ends.
func (e *engine) slow(ctx context.Context) (*session.Result, error) {
	e.started <- struct{}{}
	select {
	case <-e.finish:
		return &session.Result{Info: "finished"}, nil
	case <-ctx.Done():
		e.ended <- context.Cause(ctx)
		return nil, core.Errorf(core.Unavailable, "the time ended").Because(ctx.Err())
	}
}

// count streams numbers; with "panic" or "error" as third word it ends in one.
func (st *statement) count(ctx context.Context) (*session.Result, error) {
	n, _ := strconv.Atoi(st.words[1])
	rows := func(yield func(session.Row, error) bool) {
		for i := range n {
			if !yield(session.Row{int64(i)}, nil) {
				return
			}
		}
		switch {
		case len(st.words) < 3:
		case st.words[2] == "panic":
			panic("in the rows")
		case st.words[2] == "error":
			yield(nil, core.Errorf(core.Internal, "the disk is gone"))
		case st.words[2] == "forever":
			for yield(session.Row{int64(-1)}, nil) {
			}
		}
	}
	return &session.Result{Columns: st.Columns(), Rows: rows}, ctx.Err()
}

func (st *statement) failure() error {
	switch st.words[1] {
	case "unknown":
		return errors.New("secret words of a driver")
	case "number":
		return &session.Error{Number: 1396, State: "HY000", Msg: "Operation CREATE USER failed"}
	}
	code, _ := strconv.Atoi(st.words[1])
	return core.Errorf(core.Code(code), "the reason").Because(errors.New("the cause"))
}

// directory is a fake of the users, which may change.
type directory struct {
	mu    sync.Mutex
	users map[string]User
	err   error
}

func (d *directory) Lookup(_ context.Context, name string) (*User, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if u, ok := d.users[name]; ok {
		return &u, d.err
	}
	return nil, d.err
}

func (d *directory) put(name, password, plugin string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.users == nil {
		d.users = make(map[string]User)
	}
	d.users[name] = User{Name: name, Password: seal.NewSecret(password), Plugin: plugin, Role: session.Admin}
}

// confine makes a user a reader of one instance.
func (d *directory) confine(name, instance string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.users[name] = User{Name: name, Password: seal.NewSecret(""), Role: session.Reader, Instance: instance}
}

func testUsers() *directory {
	d := new(directory)
	d.put("root", "", "")
	d.put("sha", "sha-pass", CachingSHA2)
	d.put("native", "native-pass", Native)
	return d
}

// waitTime bounds what a test waits for; it is not meant to pass.
const waitTime = 20 * time.Second
