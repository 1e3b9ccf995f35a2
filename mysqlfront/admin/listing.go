package admin

import (
	"iter"
	"slices"
	"strings"

	"roster/mysqlfront/session"
)

// maxRows bounds what one SHOW lists.
const maxRows = 100_000

// list is the answer of a SHOW before its filter.
type list struct {
	columns []session.Column
	// like is the column LIKE looks at.
	like string
	rows iter.Seq2[session.Row, error]
}

// rowsOf lists things by their fields.
func rowsOf[T any](fields []field[T], things iter.Seq2[T, error]) iter.Seq2[session.Row, error] {
	return func(yield func(session.Row, error) bool) {
		for thing, err := range things {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(rowOf(fields, thing), nil) {
				return
			}
		}
	}
}

// each lists a slice.
func each[T any](things []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, t := range things {
			if !yield(t, nil) {
				return
			}
		}
	}
}

// filtered applies a filter. Rows pass one by one, unless they are to be ordered.
func (x *execution) filtered(l list, f *filter) (*session.Result, error) {
	keep, err := x.predicate(l, f)
	if err != nil {
		return nil, err
	}
	offset, count, err := x.window(f.Limit)
	if err != nil {
		return nil, err
	}
	rows := where(l.rows, keep)
	if f.Order != nil {
		if rows, err = ordered(l.columns, rows, f.Order); err != nil {
			return nil, err
		}
	}
	return &session.Result{Columns: l.columns, Rows: x.cut(rows, offset, count)}, nil
}

func where(rows iter.Seq2[session.Row, error], keep func(session.Row) bool) iter.Seq2[session.Row, error] {
	return func(yield func(session.Row, error) bool) {
		for row, err := range rows {
			if err == nil && !keep(row) {
				continue
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// window is what LIMIT asks for; count is -1 for all.
func (x *execution) window(l *limit) (offset, count int, err error) {
	if l == nil {
		return 0, -1, nil
	}
	if count, err = x.count("LIMIT", &l.First); err != nil {
		return 0, 0, err
	}
	if l.Second != nil {
		offset = count
		count, err = x.count("LIMIT", l.Second)
		return offset, count, err
	}
	offset, err = x.count("OFFSET", l.Offset)
	return offset, count, err
}

// cut applies LIMIT, and the bound on rows with a warning.
func (x *execution) cut(rows iter.Seq2[session.Row, error], offset, count int) iter.Seq2[session.Row, error] {
	return func(yield func(session.Row, error) bool) {
		if count == 0 {
			return
		}
		n := 0
		for row, err := range rows {
			if err != nil {
				yield(nil, err)
				return
			}
			if offset > 0 {
				offset--
				continue
			}
			if n == maxRows {
				x.session.Warn(1105, "The answer is cut after 100000 rows: narrow it by WHERE, or page by LIMIT and OFFSET")
				return
			}
			n++
			if !yield(row, nil) || n == count {
				return
			}
		}
	}
}

// ordered sorts rows. Since a part of them sorted would tell a lie, more than the
// bound is refused.
func ordered(columns []session.Column, rows iter.Seq2[session.Row, error], by []order) (iter.Seq2[session.Row, error], error) {
	type sortKey struct {
		column int
		sign   int
	}
	var sortKeys []sortKey
	for _, o := range by {
		i, err := columnNamed(columns, o.Column)
		if err != nil {
			return nil, err
		}
		k := sortKey{i, 1}
		if o.Desc {
			k.sign = -1
		}
		sortKeys = append(sortKeys, k)
	}
	return func(yield func(session.Row, error) bool) {
		var all []session.Row
		for row, err := range rows {
			if err == nil && len(all) == maxRows {
				err = fail(1038, "HY001", "ORDER BY has more than %d rows to sort: narrow them by WHERE", maxRows)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			all = append(all, row)
		}
		slices.SortStableFunc(all, func(a, b session.Row) int {
			for _, k := range sortKeys {
				if c := compareNull(a[k.column], b[k.column]); c != 0 {
					return c * k.sign
				}
			}
			return 0
		})
		session.Rows(all...)(yield)
	}, nil
}

func columnNamed(columns []session.Column, c column) (int, error) {
	wanted := unquote(c.Token)
	i := slices.IndexFunc(columns, func(c session.Column) bool { return strings.EqualFold(c.Name, wanted) })
	if i < 0 {
		return 0, fail(1054, "42S22", "Unknown column '%s' in 'where clause'", clip(wanted))
	}
	return i, nil
}
