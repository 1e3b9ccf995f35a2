package mysqlfront

import (
	"bytes"
	"context"
	"iter"
	"slices"
	"strings"

	"roster/core"
	"roster/mysqlfront/session"
)

const (
	// maxOverview bounds a listing of all instances that is kept, in bytes, and
	// maxOverviewRows its rows. A longer one is sent as it is made, each time.
	maxOverview     = 8 << 20
	maxOverviewRows = 50_000
	// partBytes is about what a part takes besides its bytes, entryBytes a listing.
	partBytes  = 64
	entryBytes = 1 << 10
	// overviewFlush is how much of a kept one is written at once.
	overviewFlush = maxKept - flushBytes
)

// overview is a listing of all instances in one snapshot, encoded. It does not
// change: many send it at once.
type overview struct {
	version uint64
	// parts are in the order of their instances. One without rows has none.
	parts       []part
	bytes, rows int
}

// part are the rows of one instance. Only in a whole listing do their packets get
// the numbers that they are sent with.
type part struct {
	instance string
	whole    []byte
	rows     int
}

func (p part) bytes() int { return partBytes + len(p.instance) + len(p.whole) }

// size is about the memory it takes.
func (o *overview) size() int { return entryBytes + o.bytes }

func (o *overview) tooLong() bool { return o.bytes > maxOverview || o.rows > maxOverviewRows }

// after is the listing once some instances have changed.
func (o *overview) after(changed core.ChangedInstances, k listingKey) (*overview, error) {
	next := &overview{version: changed.Version, parts: o.parts, bytes: o.bytes, rows: o.rows}
	if len(changed.Instances) == 0 {
		return next, nil
	}
	next.parts = make([]part, 0, len(o.parts)+len(changed.Instances))
	rest := o.parts
	for _, instance := range changed.Instances {
		m := partMaker{key: k, instance: instance.ID}
		if instance.Doc != nil {
			for row, err := range k.Rows(instance.Doc) {
				if err == nil {
					err = m.add(row)
				}
				if err != nil {
					return nil, err
				}
			}
		}
		i, found := slices.BinarySearchFunc(rest, instance.ID, func(p part, id string) int { return strings.Compare(p.instance, id) })
		next.parts = append(next.parts, rest[:i]...)
		if rest = rest[i:]; found {
			next.bytes -= rest[0].bytes()
			next.rows -= rest[0].rows
			rest = rest[1:]
		}
		if m.rows > 0 {
			next.add(m.part())
		}
	}
	next.parts = append(next.parts, rest...)
	return next, nil
}

// add puts a part behind the others.
func (o *overview) add(p part) {
	o.parts = append(o.parts, p)
	o.bytes += p.bytes()
	o.rows += p.rows
}

// partMaker encodes rows of one instance.
type partMaker struct {
	key      listingKey
	instance string
	made     packets
	rows     int
}

func (m *partMaker) add(row session.Row) error {
	grown, err := m.key.append(m.made.begin(), m.key.Columns(), row)
	if err == nil {
		m.made.end(grown)
		m.rows++
	}
	return err
}

func (m *partMaker) part() part { return part{m.instance, bytes.Clone(m.made.room), m.rows} }

// overviewMaker keeps the rows that pass, as long as they are not too many.
type overviewMaker struct {
	list *overview // nil if it cannot be kept
	open partMaker
}

// watch keeps rows, those of an instance one after the other.
func (m *overviewMaker) watch(rows iter.Seq2[session.Row, error]) iter.Seq2[session.Row, error] {
	return func(yield func(session.Row, error) bool) {
		for row, err := range rows {
			if err == nil && m.list != nil && m.add(row) != nil {
				m.list = nil // the one who sends it has the same error
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

func (m *overviewMaker) add(row session.Row) error {
	if id, _ := row[0].(string); id != m.open.instance {
		m.close()
		m.open.instance, m.open.rows, m.open.made.room = id, 0, m.open.made.room[:0]
	}
	if m.list == nil {
		return nil
	}
	if len(m.open.made.room) > maxOverview {
		m.list = nil
		return nil
	}
	return m.open.add(row)
}

// close ends the rows of an instance. Instances out of order could not be found
// again.
func (m *overviewMaker) close() {
	if m.list == nil || m.open.rows == 0 {
		return
	}
	if n := len(m.list.parts); n > 0 && m.list.parts[n-1].instance >= m.open.instance {
		m.list = nil
		return
	}
	if m.list.add(m.open.part()); m.list.tooLong() {
		m.list = nil
	}
}

// overview answers with a listing of all instances. If it is known which of them
// changed since one that is kept, only those are read.
func (c *conn) overview(ctx context.Context, r *session.Result, f form) error {
	key := listingKey{r.Listing, f}
	latest, version, err := c.srv.overviews.latest(ctx, key, r.Every)
	switch {
	case err != nil:
		return err
	case latest != nil:
		return c.sendOverview(ctx, r.Columns, latest)
	case version == 0 || !c.srv.overviews.making.TryLock():
		return f.send(ctx, &c.out, r, c.appendEOF)
	}
	defer c.srv.overviews.making.Unlock()
	maker := overviewMaker{list: &overview{version: version}, open: partMaker{key: key}}
	anew := &session.Result{Columns: r.Columns, Rows: maker.watch(r.Every.RowsAt(ctx, version))}
	err = f.send(ctx, &c.out, anew, c.appendEOF)
	maker.close()
	switch {
	case maker.list == nil:
		c.srv.overviews.giveUp(key, version)
	case err == nil:
		c.srv.overviews.keep(key, maker.list)
	}
	return err
}

func (c *conn) sendOverview(ctx context.Context, columns []session.Column, o *overview) error {
	if err := sendHead(&c.out, columns, c.appendEOF); err != nil {
		return err
	}
	for _, p := range o.parts {
		c.out.borrow()
		if c.out.copy(p.whole); len(c.out.room) < overviewFlush {
			continue
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if c.out.flush() != nil {
			return errGone
		}
	}
	return c.out.end(c.appendEOF(c.out.begin()))
}
