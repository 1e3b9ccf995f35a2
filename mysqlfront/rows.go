package mysqlfront

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"

	"roster/mysqlfront/session"
)

// binaryCharset marks what is no text.
const binaryCharset = 63

// wireTypes is how the protocol names our types.
var wireTypes = [...]struct {
	kind     byte
	charset  uint16
	length   uint32
	flags    uint16
	decimals byte
}{
	session.Varchar:  {mysql.MYSQL_TYPE_VAR_STRING, collation, 4 * (1<<16 - 1), 0, 0},
	session.BigInt:   {mysql.MYSQL_TYPE_LONGLONG, binaryCharset, 20, mysql.BINARY_FLAG, 0},
	session.Unsigned: {mysql.MYSQL_TYPE_LONGLONG, binaryCharset, 20, mysql.BINARY_FLAG | mysql.UNSIGNED_FLAG, 0},
	session.Double:   {mysql.MYSQL_TYPE_DOUBLE, binaryCharset, 22, mysql.BINARY_FLAG, 31},
	session.DateTime: {mysql.MYSQL_TYPE_DATETIME, binaryCharset, 26, mysql.BINARY_FLAG, 0},
	session.JSON:     {mysql.MYSQL_TYPE_JSON, collation, math.MaxUint32, mysql.BLOB_FLAG, 0},
	session.Blob:     {mysql.MYSQL_TYPE_BLOB, binaryCharset, math.MaxUint32, mysql.BLOB_FLAG | mysql.BINARY_FLAG, 0},
}

// form is how rows are encoded.
type form struct {
	binary bool
	in     *time.Location
}

// append encodes a row.
func (f form) append(p []byte, columns []session.Column, row session.Row) ([]byte, error) {
	if f.binary {
		return appendBinaryRow(p, columns, row, f.in)
	}
	return appendTextRow(p, columns, row, f.in)
}

// sink takes packets: what was appended to begin's room, by end.
type sink interface {
	begin() []byte
	end(grown []byte) error
}

// rows answers with a result.
func (c *conn) rows(ctx context.Context, r *session.Result, binary bool) error {
	f := form{binary, c.session.Location}
	if r.Listing != nil && r.Every != nil {
		return c.overview(ctx, r, f)
	}
	if sent, err := c.listed(r, f); sent || err != nil {
		return err
	}
	return f.send(ctx, &c.out, r, c.appendEOF)
}

// send encodes a result. Columns follow from their declaration, so that they are
// the same for any rows and for none.
func (f form) send(ctx context.Context, to sink, r *session.Result, eof func([]byte) []byte) error {
	begun := false
	begin := func() error {
		if begun {
			return nil
		}
		begun = true
		return sendHead(to, r.Columns, eof)
	}
	if r.Rows != nil {
		for row, err := range r.Rows {
			if err != nil {
				return err // an error in place of the columns, if it is the first
			}
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err := begin(); err != nil {
				return err
			}
			p, err := f.append(to.begin(), r.Columns, row)
			if err != nil {
				return err
			}
			if err := to.end(p); err != nil {
				return err
			}
		}
	}
	if err := begin(); err != nil {
		return err
	}
	return to.end(eof(to.begin()))
}

// sendHead is what goes before the rows.
func sendHead(to sink, columns []session.Column, eof func([]byte) []byte) error {
	if err := to.end(mysql.AppendLengthEncodedInteger(to.begin(), uint64(len(columns)))); err != nil {
		return err
	}
	return sendColumns(to, columns, eof)
}

func sendColumns(to sink, columns []session.Column, eof func([]byte) []byte) error {
	for _, col := range columns {
		if err := to.end(appendColumn(to.begin(), col)); err != nil {
			return err
		}
	}
	return to.end(eof(to.begin()))
}

func appendColumn(p []byte, col session.Column) []byte {
	t := wireTypes[col.Type]
	if col.NotNull {
		t.flags |= mysql.NOT_NULL_FLAG
	}
	for _, s := range []string{"def", col.Database, col.Table, col.Table, col.Name, col.Name} {
		p = appendString(p, s)
	}
	p = append(p, 12) // bytes from here
	p = binary.LittleEndian.AppendUint16(p, t.charset)
	p = binary.LittleEndian.AppendUint32(p, t.length)
	p = append(p, t.kind)
	p = binary.LittleEndian.AppendUint16(p, t.flags)
	return append(p, t.decimals, 0, 0)
}

// mistyped is a fault of the engine.
func mistyped(col session.Column, v any) error {
	return fmt.Errorf("column %s of type %d holds a %T", col.Name, col.Type, v)
}

func appendTextRow(p []byte, columns []session.Column, row session.Row, in *time.Location) ([]byte, error) {
	if len(row) != len(columns) {
		return nil, fmt.Errorf("a row of %d values for %d columns", len(row), len(columns))
	}
	var ok bool
	for i, v := range row {
		if isNull(v) {
			p = append(p, 0xfb)
			continue
		}
		if p, ok = appendText(p, columns[i].Type, v, in); !ok {
			return nil, mistyped(columns[i], v)
		}
	}
	return p, nil
}

func appendText(p []byte, t session.Type, v any, in *time.Location) ([]byte, bool) {
	switch v := v.(type) {
	case string:
		return appendString(p, v), holdsBytes(t)
	case []byte:
		return appendString(p, v), holdsBytes(t)
	}
	at := len(p)
	p = append(p, 0) // the length: all that follows is short
	ok := false
	switch v := v.(type) {
	case int64:
		p, ok = strconv.AppendInt(p, v, 10), t == session.BigInt
	case uint64:
		p, ok = strconv.AppendUint(p, v, 10), t == session.Unsigned
	case float64:
		p, ok = appendDouble(p, v), t == session.Double
	case time.Time:
		p, ok = appendDateTime(p, v, in), t == session.DateTime
	}
	p[at] = byte(len(p) - at - 1)
	return p, ok
}

func appendBinaryRow(p []byte, columns []session.Column, row session.Row, in *time.Location) ([]byte, error) {
	if len(row) != len(columns) {
		return nil, fmt.Errorf("a row of %d values for %d columns", len(row), len(columns))
	}
	p = append(p, mysql.OK_HEADER)
	at := len(p)
	p = append(p, make([]byte, (len(row)+9)/8)...)
	var ok bool
	for i, v := range row {
		if isNull(v) {
			p[at+(i+2)/8] |= 1 << ((i + 2) % 8)
			continue
		}
		if p, ok = appendBinary(p, columns[i].Type, v, in); !ok {
			return nil, mistyped(columns[i], v)
		}
	}
	return p, nil
}

func appendBinary(p []byte, t session.Type, v any, in *time.Location) ([]byte, bool) {
	switch v := v.(type) {
	case string:
		return appendString(p, v), holdsBytes(t)
	case []byte:
		return appendString(p, v), holdsBytes(t)
	case int64:
		return binary.LittleEndian.AppendUint64(p, uint64(v)), t == session.BigInt
	case uint64:
		return binary.LittleEndian.AppendUint64(p, v), t == session.Unsigned
	case float64:
		return binary.LittleEndian.AppendUint64(p, math.Float64bits(v)), t == session.Double
	case time.Time:
		return appendBinaryDateTime(p, v.In(in)), t == session.DateTime
	}
	return p, false
}

func holdsBytes(t session.Type) bool {
	return t == session.Varchar || t == session.JSON || t == session.Blob
}

// isNull is true of what MySQL's types have no other value for.
func isNull(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case float64:
		return math.IsNaN(v) || math.IsInf(v, 0)
	case time.Time:
		return v.IsZero() || v.Before(firstTime) || v.After(lastTime)
	}
	return false
}

// What MySQL can show, whatever the location adds to it.
var (
	firstTime = time.Date(0, 1, 2, 0, 0, 0, 0, time.UTC)
	lastTime  = time.Date(9999, 12, 30, 0, 0, 0, 0, time.UTC)
)

// appendDouble prints as MySQL does: in full up to 15 digits, with an exponent beyond.
func appendDouble(p []byte, v float64) []byte {
	if size := math.Abs(v); size != 0 && (size < 1e-5 || size >= 1e15) {
		return append(p, strings.Replace(strconv.FormatFloat(v, 'e', -1, 64), "e+", "e", 1)...)
	}
	return strconv.AppendFloat(p, v, 'f', -1, 64)
}

// appendDateTime leaves a fraction of zero away.
func appendDateTime(p []byte, t time.Time, in *time.Location) []byte {
	t = t.In(in)
	if t.Nanosecond() < 1000 {
		return t.AppendFormat(p, time.DateTime)
	}
	return t.AppendFormat(p, "2006-01-02 15:04:05.000000")
}

func appendBinaryDateTime(p []byte, t time.Time) []byte {
	micros := uint32(t.Nanosecond() / 1000)
	length := byte(7)
	if micros > 0 {
		length = 11
	}
	p = append(p, length)
	p = binary.LittleEndian.AppendUint16(p, uint16(t.Year()))
	p = append(p, byte(t.Month()), byte(t.Day()), byte(t.Hour()), byte(t.Minute()), byte(t.Second()))
	if micros > 0 {
		p = binary.LittleEndian.AppendUint32(p, micros)
	}
	return p
}
