package tables

import (
	"context"
	"errors"
	"iter"
	"strings"
	"time"

	"roster/core"
	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

// run is the state of one running statement: what it reads, at which version, and
// how much it may still read.
type run struct {
	engine  *Engine
	ctx     context.Context
	session *session.Session
	started time.Time
	// version is the one snapshot of the statement, 0 until something is read.
	version uint64
	sets    map[setKey]*rowset
	// docs are the last documents read one by one.
	docs   map[docKey]*pb.InstanceInfoPB
	points int
	steps  int
	ticks  int
	read   int
	// rows are those answered so far, out their columns.
	out      []session.Column
	rows     []session.Row
	answered int
	cut      bool
	patterns map[string]*pattern
	// err is the first failure, which SQLite would reduce to its text.
	err error
}

func (e *Engine) newRun(ctx context.Context, s *session.Session) *run {
	return &run{engine: e, ctx: ctx, session: s, started: time.Now(), version: s.Snapshot, sets: map[setKey]*rowset{}}
}

// note keeps the first failure and returns it.
func (r *run) note(err error) error {
	if err != nil && r.err == nil {
		r.err = err
	}
	return err
}

// location is the session's time zone.
func (r *run) location() *time.Location { return locationOf(r.session) }

func locationOf(s *session.Session) *time.Location {
	if s.Location == nil {
		return time.UTC
	}
	return s.Location
}

// tick is for loops inside a function, which SQLite cannot interrupt: now and then
// it looks whether the statement may go on.
func (r *run) tick() error {
	r.ticks++
	if r.ticks%256 == 0 {
		return r.note(r.ctx.Err())
	}
	return nil
}

// step counts a row looked at.
func (r *run) step() error {
	if err := r.tick(); err != nil {
		return err
	}
	r.steps++
	if r.steps > r.engine.options.MaxSteps {
		return r.note(tooMuch("The SELECT would examine more than MAX_JOIN_SIZE = %d rows", r.engine.options.MaxSteps))
	}
	return nil
}

// charge counts bytes read into memory.
func (r *run) charge(values row) error {
	r.read += 24 * len(values)
	for _, v := range values {
		if s, ok := v.(string); ok {
			r.read += len(s)
		}
	}
	if limit := r.engine.options.MaxReadBytes; r.read > limit {
		return r.note(tooMuch("The SELECT reads more than %d bytes", limit))
	}
	return nil
}

// at is the context that reads a version, 0 being the statement's own snapshot.
func (r *run) at(version uint64) (context.Context, error) {
	if version == 0 && r.version == 0 {
		latest, err := r.engine.source.Version(r.ctx)
		if err != nil {
			return nil, r.note(err)
		}
		r.version = latest
	}
	if version == 0 {
		version = r.version
	}
	return core.WithVersion(r.ctx, version), nil
}

// visible says whether the user may see an instance.
func (r *run) visible(instance string) bool {
	return r.session.Instance == "" || r.session.Instance == instance
}

// listPage is how many instances are read at a time.
const listPage = 100

// instances yields the documents the user may see.
func (r *run) instances(version uint64) iter.Seq2[*pb.InstanceInfoPB, error] {
	return func(yield func(*pb.InstanceInfoPB, error) bool) {
		if only := r.session.Instance; only != "" {
			if doc, err := r.instance(version, only); doc != nil || err != nil {
				yield(doc, err)
			}
			return
		}
		ctx, err := r.at(version)
		if err != nil {
			yield(nil, err)
			return
		}
		for after, more := "", true; more; {
			var docs []*pb.InstanceInfoPB
			docs, more, err = r.engine.source.ListInstances(ctx, after, listPage)
			if err != nil {
				yield(nil, r.note(err))
				return
			}
			for _, doc := range docs {
				after = doc.GetInstanceId()
				if !yield(doc, nil) {
					return
				}
			}
			more = more && len(docs) > 0
		}
	}
}

// instance reads one document, nil if there is none or the user may not see it.
func (r *run) instance(version uint64, id string) (*pb.InstanceInfoPB, error) {
	if id == "" || len(id) > core.MaxNameBytes || !r.visible(id) {
		return nil, nil
	}
	key := docKey{id, version}
	if doc, known := r.docs[key]; known {
		return doc, nil
	}
	ctx, err := r.at(version)
	if err != nil {
		return nil, err
	}
	doc, err := r.engine.source.GetInstance(ctx, &pb.GetInstanceRequest{InstanceId: &id})
	switch {
	case core.CodeOf(err) == core.NotFound:
		doc = nil
	case err != nil:
		return nil, r.note(err)
	}
	if r.docs == nil || len(r.docs) >= maxPoints {
		r.docs = map[docKey]*pb.InstanceInfoPB{}
	}
	r.docs[key] = doc
	return doc, nil
}

// docKey is a document at a version.
type docKey struct {
	id      string
	version uint64
}

// perDocument makes the all and of of a table from what one document holds.
func perDocument(rows func(r *run, doc *pb.InstanceInfoPB) []row) (
	all func(*run, uint64) iter.Seq2[row, error], of func(*run, uint64, string) iter.Seq2[row, error],
) {
	all = func(r *run, version uint64) iter.Seq2[row, error] {
		return func(yield func(row, error) bool) {
			for doc, err := range r.instances(version) {
				if err != nil {
					yield(nil, err)
					return
				}
				for _, v := range rows(r, doc) {
					if !yield(v, nil) {
						return
					}
				}
			}
		}
	}
	of = func(r *run, version uint64, key string) iter.Seq2[row, error] {
		return func(yield func(row, error) bool) {
			doc, err := r.instance(version, key)
			if err != nil {
				yield(nil, err)
				return
			}
			if doc == nil {
				return
			}
			for _, v := range rows(r, doc) {
				if !yield(v, nil) {
					return
				}
			}
		}
	}
	return all, of
}

// setKey names the rows of a table at a version, all or those of a key.
type setKey struct {
	table   *table
	version uint64
	keyed   bool
	key     string
}

// rowset holds rows as far as they have been asked for, and indexes on them.
type rowset struct {
	run     *run
	table   *table
	rows    []row
	next    func() (row, error, bool)
	stop    func()
	err     error
	indexes map[int]map[any][]int
}

// set is the rows of a table; a statement reads them once.
func (r *run) set(t *table, version uint64, keyed bool, key string) *rowset {
	k := setKey{t, version, keyed, key}
	if s := r.sets[k]; s != nil {
		return s
	}
	var seq iter.Seq2[row, error]
	if keyed {
		seq = t.of(r, version, key)
	} else {
		seq = t.all(r, version)
	}
	s := &rowset{run: r, table: t}
	s.next, s.stop = iter.Pull2(seq)
	r.sets[k] = s
	return s
}

// close ends all reads.
func (r *run) close() {
	for _, s := range r.sets {
		s.stop()
	}
}

// has reads on until there is a row i, or no more.
func (s *rowset) has(i int) (bool, error) {
	for len(s.rows) <= i {
		if s.err != nil || s.next == nil {
			return false, s.err
		}
		v, err, ok := s.next()
		if err == nil && ok {
			err = s.run.charge(v)
		}
		if err != nil || !ok {
			s.err, s.next = s.run.note(err), nil
			return false, s.err
		}
		s.rows = append(s.rows, s.spaced(v))
	}
	return true, nil
}

// spaced gives the JSON of a row the form MySQL has it in.
func (s *rowset) spaced(values row) row {
	for i, c := range s.table.columns {
		if text, ok := values[i].(string); ok && c.typ == session.JSON {
			// What a source holds as JSON but is none stays as it is.
			if v, err := parseJSON(text); err == nil {
				values[i] = formatJSON(v)
			}
		}
	}
	return values
}

// lookup is the numbers of the rows whose column may equal a value.
func (s *rowset) lookup(column int, value any) ([]int, error) {
	index := s.indexes[column]
	if index == nil {
		for i := 0; ; i++ {
			if ok, err := s.has(i); err != nil || !ok {
				if err != nil {
					return nil, err
				}
				break
			}
		}
		index = map[any][]int{}
		for i, v := range s.rows {
			k := indexKey(v[column])
			index[k] = append(index[k], i)
		}
		if s.indexes == nil {
			s.indexes = map[int]map[any][]int{}
		}
		s.indexes[column] = index
	}
	return index[indexKey(value)], nil
}

// indexKey folds values that may compare equal in any collation to one.
func indexKey(v any) any {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case string:
		return fold(v)
	}
	return v
}

// failure is what a client gets for an error of SQLite.
func (r *run) failure(err error) error {
	if r.err != nil {
		return r.err
	}
	if r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	if errors.Is(err, errClosed) {
		return core.Errorf(core.Unavailable, "the server is stopping")
	}
	msg := err.Error()
	for _, c := range complaints {
		if strings.Contains(msg, c.says) {
			return fail(c.number, c.state, "%s", c.means)
		}
	}
	return core.Errorf(core.Internal, "the statement could not be run; simplify it, and report it with its text").Because(err)
}

// complaints are what SQLite may find wrong, as MySQL says it.
var complaints = []struct {
	says   string
	number uint16
	state  string
	means  string
}{
	{"interrupted", 1317, "70100", "Query execution was interrupted"},
	{"misuse of aggregate", 1111, "HY000", "Invalid use of group function"},
	{"aggregate functions are not allowed", 1111, "HY000", "Invalid use of group function"},
	{"misuse of window", 3593, "HY000", "You cannot use a window function in this context"},
	{"misuse of aliased", 1111, "HY000", "Invalid use of group function"},
	{"integer overflow", 1690, "22003", "BIGINT value is out of range"},
	{"malformed JSON", 3141, "22032", "Invalid JSON text"},
	{"JSON path", 3143, "42000", "Invalid JSON path expression"},
	{"bad JSON path", 3143, "42000", "Invalid JSON path expression"},
	{"json_object() labels", 3158, "22032", "JSON documents may not contain NULL member names"},
	{"too big", 1301, "HY000", "Result was larger than max_allowed_packet"},
	{"sub-select returns", 1241, "21000", "Operand should contain 1 column(s)"},
	{"row value misused", 1241, "21000", "Operand should contain 1 column(s)"},
	{"IN(...) element has", 1241, "21000", "Operand should contain as many columns as the other"},
	{"all VALUES must have", 1241, "21000", "Operand should contain as many columns as the other"},
	{"columns assigned", 1241, "21000", "Operand should contain as many columns as the other"},
	{"term out of range", 1054, "42S22", "Unknown column number in 'order clause' or 'group statement'"},
	{"out of range - should be between", 1054, "42S22", "Unknown column number in 'order clause' or 'group statement'"},
	{"datatype mismatch", 1210, "HY000", "Incorrect arguments to LIMIT"},
	{"no such window", 3579, "HY000", "Window is not defined"},
	{"circular reference", 1235, "42000", "Roster does not support this form of recursion"},
	{"recursive", 1235, "42000", "Roster does not support this form of recursion"},
	{"frame", 1235, "42000", "Roster does not support this window frame"},
	{"RANGE with offset", 1235, "42000", "Roster does not support this window frame"},
	{"window", 1235, "42000", "Roster does not support this window"},
	{"wrong number of arguments", 1582, "42000", "Incorrect parameter count in the call to a native function"},
	{"argument of", 1210, "HY000", "Incorrect arguments to a window function"},
	{"too many", 1235, "42000", "Roster does not support a statement this large"},
	{"too large", 1235, "42000", "Roster does not support a statement this large"},
	{"parser stack overflow", 1235, "42000", "Roster does not support a statement this deep"},
	{"nested too deep", 1235, "42000", "Roster does not support a statement this deep"},
	{"maximum recursion depth", 1235, "42000", "Roster does not support a statement this deep"},
	{"at most 64 tables", 1116, "HY000", "Too many tables; at most 64 can be used in a join"},
}
