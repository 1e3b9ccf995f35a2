package tables

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"modernc.org/sqlite/vtab"
)

// maxPoints is how many keys one statement reads one by one; after that it reads
// the whole table once, as a join over many instances would otherwise be many reads.
const maxPoints = 16

// module makes the virtual tables of one slot.
type module struct{ slot *slot }

func (m module) Create(ctx vtab.Context, args []string) (vtab.Table, error) {
	t := catalogue[args[1]][args[2]]
	if t == nil {
		return nil, fmt.Errorf("no table %s.%s", args[1], args[2])
	}
	var decl strings.Builder
	decl.WriteString("CREATE TABLE x(")
	for _, c := range t.columns {
		fmt.Fprintf(&decl, "%s %s, ", quoteName(c.name), c.sqliteType())
	}
	decl.WriteString(`"-scope" TEXT HIDDEN, "-version" INTEGER HIDDEN)`)
	return &virtual{slot: m.slot, table: t}, ctx.Declare(decl.String())
}

func (m module) Connect(ctx vtab.Context, args []string) (vtab.Table, error) {
	return m.Create(ctx, args)
}

// virtual is a table as SQLite sees it. Besides its columns it has the instance
// it is scoped to and the version it is read at, the arguments of every reference.
type virtual struct {
	slot  *slot
	table *table
}

// plan says which values Filter gets: always scope and version, then a key or the
// value of a column.
const (
	planScan = iota
	planKey
	planColumn
)

// BestIndex takes the two arguments and one equality, that of the key if it can.
func (v *virtual) BestIndex(info *vtab.IndexInfo) error {
	n := len(v.table.columns)
	scope, version, key, other := -1, -1, -1, -1
	for i := range info.Constraints {
		c := &info.Constraints[i]
		c.ArgIndex = -1
		switch {
		case !c.Usable || c.Op != vtab.OpEQ || c.Column < 0:
		case c.Column == n:
			scope = i
		case c.Column == n+1:
			version = i
		case c.Column == v.table.key:
			key = i
		default:
			other = i
		}
	}
	if scope < 0 || version < 0 {
		return errors.New("a table without its arguments")
	}
	for at, i := range []int{scope, version} {
		info.Constraints[i].ArgIndex, info.Constraints[i].Omit = at, true
	}
	info.IdxNum, info.EstimatedCost, info.EstimatedRows = planScan, 1e6, 1e5
	switch {
	case key >= 0:
		info.Constraints[key].ArgIndex = 2
		info.IdxNum, info.EstimatedCost, info.EstimatedRows = planKey, 100, 50
	case other >= 0:
		info.Constraints[other].ArgIndex = 2
		info.IdxNum, info.EstimatedCost, info.EstimatedRows = planColumn, 10_000, 50
		info.IdxStr = strconv.Itoa(info.Constraints[other].Column)
	}
	return nil
}

func (v *virtual) Open() (vtab.Cursor, error) { return &cursor{virtual: v}, nil }
func (v *virtual) Disconnect() error          { return nil }
func (v *virtual) Destroy() error             { return nil }

// cursor walks over a rowset, or over those of its rows that an index gives.
type cursor struct {
	*virtual
	run   *run
	set   *rowset
	picks []int
	// picked says that picks counts, else all rows do.
	picked bool
	at     int
	eof    bool
}

// Filter begins a walk.
func (c *cursor) Filter(plan int, column string, args []driver.Value) (err error) {
	defer guard(&err)
	r := c.slot.running
	if r == nil {
		return errors.New("no statement is running")
	}
	if len(args) < 2 {
		return errors.New("a table without its arguments")
	}
	c.run, c.set, c.picks, c.picked, c.at, c.eof = r, nil, nil, false, 0, false
	scope, _ := args[0].(string)
	version, _ := args[1].(int64)
	key, isText := "", false
	if plan == planKey {
		if args[2] == nil {
			c.eof = true
			return nil
		}
		key, isText = args[2].(string)
	}
	if plan == planKey && isText && scope == "" {
		err = c.point(uint64(version), key)
	} else {
		c.set, err = c.source(scope, uint64(version))
	}
	if err != nil {
		return err
	}
	if plan == planColumn {
		if err := c.pick(column, args[2]); err != nil {
			return err
		}
	}
	return c.settle()
}

// source is all rows of the table within its scope, an instance that must be there.
func (c *cursor) source(scope string, version uint64) (*rowset, error) {
	if scope != "" {
		doc, err := c.run.instance(version, scope)
		if err == nil && doc == nil {
			err = c.run.note(unknownDatabase(scope))
		}
		if err != nil {
			return nil, err
		}
	}
	return c.run.set(c.table, version, scope != "", scope), nil
}

// point reads one key, or looks it up in the whole table once there were many.
func (c *cursor) point(version uint64, key string) error {
	_, whole := c.run.sets[setKey{table: c.table, version: version}]
	_, known := c.run.sets[setKey{table: c.table, version: version, keyed: true, key: key}]
	if !whole && (known || c.run.points < maxPoints) {
		if !known {
			c.run.points++
		}
		c.set = c.run.set(c.table, version, true, key)
		return nil
	}
	c.set = c.run.set(c.table, version, false, "")
	return c.pick(strconv.Itoa(c.table.key), key)
}

// pick narrows the walk by an index on a column.
func (c *cursor) pick(column string, value driver.Value) error {
	i, err := strconv.Atoi(column)
	if err != nil || i < 0 || i >= len(c.table.columns) {
		return fmt.Errorf("no column %q", column)
	}
	numeric := strings.HasPrefix(c.table.columns[i].sqliteType(), "INTEGER")
	switch value.(type) {
	case nil:
		c.eof = true
		return nil
	case string:
		if numeric {
			return nil
		}
	case int64, float64:
		if !numeric {
			return nil
		}
	default:
		return nil
	}
	c.picked = true
	c.picks, err = c.set.lookup(i, value)
	return err
}

// settle finds out whether there is a row at the cursor.
func (c *cursor) settle() error {
	if c.eof {
		return nil
	}
	if err := c.run.step(); err != nil {
		return err
	}
	if c.picked {
		c.eof = c.at >= len(c.picks)
		return nil
	}
	ok, err := c.set.has(c.at)
	c.eof = !ok
	return err
}

func (c *cursor) Next() (err error) {
	defer guard(&err)
	c.at++
	return c.settle()
}

func (c *cursor) Eof() bool { return c.eof }

func (c *cursor) Column(i int) (driver.Value, error) {
	if values := c.row(); i < len(values) {
		return values[i], nil
	}
	return nil, nil
}

func (c *cursor) row() row {
	if c.picked {
		return c.set.rows[c.picks[c.at]]
	}
	return c.set.rows[c.at]
}

// Rowid tells rows apart however they were found: RIGHT JOIN remembers by it
// which ones had a match. Equal rows may share it, they match alike.
func (c *cursor) Rowid() (int64, error) {
	h := fnv.New64a()
	for _, v := range c.row() {
		// A hash never fails.
		_, _ = fmt.Fprintf(h, "%T%v\x00", v, v)
	}
	return int64(h.Sum64() >> 1), nil
}

func (c *cursor) Close() error { return nil }

// guard turns a panic into an error: it must not unwind through SQLite.
func guard(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("a table function failed: %v", v)
	}
}

// quoteName is a name as SQLite reads it; a NUL would end the statement.
var nameEscapes = strings.NewReplacer(`"`, `""`, "\x00", "\ufffd")

func quoteName(s string) string { return `"` + nameEscapes.Replace(s) + `"` }
