package tables

import (
	"database/sql/driver"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"

	"roster/mysqlfront/session"
)

// maxResult bounds the texts a function makes, in bytes.
const maxResult = 1 << 20

// scalar is a function over values that are not NULL; with NULL it is NULL.
type scalar func(r *run, args []driver.Value) (driver.Value, error)

// nullable functions see NULL.
var nullableFunctions = map[string]bool{
	"m_concat_ws": true, "m_field": true, "m_elt": true, "m_isnull": true,
	"m_version": true, "m_sleep": true,
}

// register adds the functions of ours, and the aggregate that takes the rows.
func (s *slot) register(d *sqlite.Driver) error {
	for _, group := range []map[string]scalar{textFunctions, numberFunctions, timeFunctions, jsonFunctions, regexpFunctions, sessionFunctions} {
		for name, f := range group {
			impl := &sqlite.FunctionImpl{NArgs: -1, Scalar: s.wrap(name, f)}
			if err := d.RegisterFunction(name, impl); err != nil {
				return err
			}
		}
	}
	for name, b := range bitAggregates {
		impl := &sqlite.FunctionImpl{
			NArgs:         1,
			MakeAggregate: func(sqlite.FunctionContext) (sqlite.AggregateFunction, error) { return &bits{b.merge, b.start}, nil },
		}
		if err := d.RegisterFunction(name, impl); err != nil {
			return err
		}
	}
	single := &sqlite.FunctionImpl{
		NArgs:         1,
		MakeAggregate: func(sqlite.FunctionContext) (sqlite.AggregateFunction, error) { return &single{slot: s}, nil },
	}
	if err := d.RegisterFunction("m_single", single); err != nil {
		return err
	}
	return d.RegisterFunction("collect", &sqlite.FunctionImpl{
		NArgs:         -1,
		MakeAggregate: func(sqlite.FunctionContext) (sqlite.AggregateFunction, error) { return &collector{s}, nil },
	})
}

func (s *slot) wrap(name string, f scalar) func(*sqlite.FunctionContext, []driver.Value) (driver.Value, error) {
	nulls := nullableFunctions[name]
	return func(_ *sqlite.FunctionContext, args []driver.Value) (v driver.Value, err error) {
		defer guard(&err)
		if s.running == nil {
			return nil, errClosed
		}
		if !nulls {
			for _, a := range args {
				if a == nil {
					return nil, nil
				}
			}
		}
		v, err = f(s.running, args)
		return v, s.running.note(err)
	}
}

// collector takes the rows of a query.
type collector struct{ slot *slot }

// errCut ends a query whose result is as long as it may get.
var errCut = fmt.Errorf("enough rows")

func (c *collector) Step(_ *sqlite.FunctionContext, args []driver.Value) (err error) {
	defer guard(&err)
	r := c.slot.running
	if len(r.rows) >= r.engine.options.MaxRows {
		r.cut = true
		return errCut
	}
	values := make(session.Row, len(args))
	for i, v := range args {
		if f, ok := v.(float64); ok && r.out[i].Type == session.BigInt && (f >= math.MaxInt64 || f < math.MinInt64) {
			return r.note(fail(1690, "22003", "BIGINT value is out of range in the column '%s'", r.out[i].Name))
		}
		values[i] = convert(v, r.out[i].Type, r.location())
		r.answered += 24
		if s, ok := values[i].(string); ok {
			r.answered += len(s)
		}
	}
	if limit := r.engine.options.MaxReadBytes; r.answered > limit {
		return r.note(tooMuch("The result is over %d bytes", limit))
	}
	r.rows = append(r.rows, values)
	return nil
}

func (c *collector) WindowInverse(*sqlite.FunctionContext, []driver.Value) error { return nil }

func (c *collector) WindowValue(*sqlite.FunctionContext) (driver.Value, error) { return int64(0), nil }

func (c *collector) Final(*sqlite.FunctionContext) {}

// single is the value of a scalar subquery, which has one row at most.
type single struct {
	slot  *slot
	rows  int
	value driver.Value
}

func (s *single) Step(_ *sqlite.FunctionContext, args []driver.Value) (err error) {
	defer guard(&err)
	if s.rows++; s.rows > 1 {
		return s.slot.running.note(fail(1242, "21000", "Subquery returns more than 1 row"))
	}
	s.value = args[0]
	return nil
}

func (s *single) WindowInverse(*sqlite.FunctionContext, []driver.Value) error { return nil }

func (s *single) WindowValue(*sqlite.FunctionContext) (driver.Value, error) { return s.value, nil }

func (s *single) Final(*sqlite.FunctionContext) {}

// convert makes a value of SQLite's what its column's type says.
func convert(v driver.Value, typ session.Type, loc *time.Location) any {
	if v == nil {
		return nil
	}
	switch typ {
	case session.BigInt:
		return asInt(v)
	case session.Unsigned:
		return uint64(asInt(v))
	case session.Double:
		return asFloat(v)
	case session.DateTime:
		if t, ok := parseTime(asText(v), loc); ok {
			return t
		}
		return nil
	case session.Blob:
		return []byte(asText(v))
	}
	return asText(v)
}

func asText(v driver.Value) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return floatText(v)
	}
	return ""
}

// floatText is a number as MySQL writes a DOUBLE.
func floatText(f float64) string {
	if a := math.Abs(f); a != 0 && (a < 1e-5 || a >= 1e15) {
		s := strconv.FormatFloat(f, 'e', -1, 64)
		s = strings.Replace(s, "e+0", "e", 1)
		s = strings.Replace(s, "e+", "e", 1)
		return strings.Replace(s, "e-0", "e-", 1)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

func asFloat(v driver.Value) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	}
	return leadingNumber(asText(v))
}

// asInt rounds, as MySQL does where a whole number is wanted.
func asInt(v driver.Value) int64 {
	switch v := v.(type) {
	case int64:
		return v
	case string:
		if i, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64); err == nil {
			return i
		}
	}
	f := math.Round(asFloat(v))
	switch {
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

// leadingNumber is the number a text begins with, 0 for none.
func leadingNumber(s string) float64 {
	s = strings.TrimSpace(s)
	if f, err := strconv.ParseFloat(s, 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
		return f
	}
	for n := min(len(s), 40); n > 0; n-- {
		if c := s[n-1]; (c < '0' || c > '9') && c != '.' {
			continue
		}
		if f, err := strconv.ParseFloat(s[:n], 64); err == nil {
			return f
		}
	}
	return 0
}

// bind readies the values of a statement's parameters for SQLite.
func bind(s *session.Session, args []any) ([]driver.NamedValue, error) {
	out := make([]driver.NamedValue, len(args))
	for i, a := range args {
		v, err := bindValue(s, a)
		if err != nil {
			return nil, err
		}
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return out, nil
}

func bindValue(s *session.Session, a any) (driver.Value, error) {
	switch v := a.(type) {
	case nil, int64, string:
		return v, nil
	case float64:
		// Some clients send every number as DOUBLE.
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v), nil
		}
		return v, nil
	case []byte:
		return string(v), nil
	case uint64:
		if v > math.MaxInt64 {
			return float64(v), nil
		}
		return int64(v), nil
	case bool:
		if v {
			return int64(1), nil
		}
		return int64(0), nil
	case time.Time:
		return timeText(v, locationOf(s)), nil
	}
	return nil, fail(1210, "HY000", "Incorrect arguments to EXECUTE: a parameter of type %T", a)
}
