package mysqlfront

import (
	"database/sql"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
)

func TestDriverArguments(t *testing.T) {
	r := start(t)
	db := r.db("root", "", "")
	at := time.Date(2026, 11, 23, 18, 5, 9, 123456000, time.UTC)
	for _, test := range []struct{ given, want any }{
		{nil, nil}, {int64(-5), int64(-5)}, {uint64(math.MaxUint64), uint64(math.MaxUint64)}, {1.5, 1.5}, {true, int64(1)},
		{"", ""}, {"naïve", "naïve"}, {strings.Repeat("x", 70_000), strings.Repeat("x", 70_000)}, {[]byte("bytes"), "bytes"},
		{at, "2026-11-23 18:05:09.123456"},
	} {
		if err := drain(db.QueryContext(t.Context(), "echo ?", test.given)); err != nil {
			t.Errorf("%.50v: %v", test.given, err)
		}
		if got := r.engine.arguments(); len(got) != 1 || !reflect.DeepEqual(got[0], test.want) {
			t.Errorf("got %.50v, want %.50v", got, test.want)
		}
	}
	t.Run("types are kept from one execution to the next", func(t *testing.T) {
		st, err := db.PrepareContext(t.Context(), "echo ? ?")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = st.Close() }()
		for i := range 3 {
			if err := drain(st.QueryContext(t.Context(), i, nil)); err != nil {
				t.Fatal(err)
			}
			if got, want := r.engine.arguments(), []any{int64(i), nil}; !reflect.DeepEqual(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		}
	})
}

// execution is the payload that executes a statement of one parameter.
func execution(id uint32, kind, flag byte, value string) string {
	p := binary.LittleEndian.AppendUint32(nil, id)
	p = append(p, 0, 1, 0, 0, 0, 0, 1, kind, flag)
	return string(p) + value
}

// prepareEcho prepares "echo ?" on a new connection.
func prepareEcho(r *running) (*raw, uint32) {
	c := r.loggedIn()
	c.command(22, "echo ?")
	id := binary.LittleEndian.Uint32(c.expect(0)[1:])
	for _, first := range []byte{3, 0xfe, 3, 0xfe} {
		c.expect(first)
	}
	return c, id
}

func TestArgumentTypes(t *testing.T) {
	r := start(t)
	c, id := prepareEcho(r)
	at := time.Date(2026, 11, 23, 18, 5, 9, 0, time.UTC)
	for _, test := range []struct {
		kind, flag byte
		value      string
		want       any
	}{
		{mysql.MYSQL_TYPE_NULL, 0, "", nil},
		{mysql.MYSQL_TYPE_TINY, 0, "\xff", int64(-1)},
		{mysql.MYSQL_TYPE_TINY, 0x80, "\xff", uint64(255)},
		{mysql.MYSQL_TYPE_SHORT, 0, "\xfe\xff", int64(-2)},
		{mysql.MYSQL_TYPE_YEAR, 0x80, "\xea\x07", uint64(2026)},
		{mysql.MYSQL_TYPE_LONG, 0, "\xff\xff\xff\x7f", int64(math.MaxInt32)},
		{mysql.MYSQL_TYPE_INT24, 0, "\xff\xff\xff\xff", int64(-1)},
		{mysql.MYSQL_TYPE_LONGLONG, 0, "\x00\x00\x00\x00\x00\x00\x00\x80", int64(math.MinInt64)},
		{mysql.MYSQL_TYPE_FLOAT, 0, "\x00\x00\xc0\x3f", 1.5},
		{mysql.MYSQL_TYPE_DOUBLE, 0, "\x00\x00\x00\x00\x00\x00\x45\x40", 42.0},
		{mysql.MYSQL_TYPE_NEWDECIMAL, 0, "\x041.50", "1.50"},
		{mysql.MYSQL_TYPE_VAR_STRING, 0, "\xfc\x02\x00ab", "ab"},
		{mysql.MYSQL_TYPE_STRING, 0, "\xfe\x00\x00\x00\x00\x00\x00\x00\x00", ""},
		{mysql.MYSQL_TYPE_JSON, 0, "\x02{}", "{}"},
		{mysql.MYSQL_TYPE_BLOB, 0, "\x02\x00\xff", []byte{0, 255}},
		{mysql.MYSQL_TYPE_DATE, 0, "\x04\xea\x07\x0b\x17", time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)},
		{mysql.MYSQL_TYPE_DATETIME, 0, "\x07\xea\x07\x0b\x17\x12\x05\x09", at},
		{mysql.MYSQL_TYPE_TIMESTAMP, 0, "\x0b\xea\x07\x0b\x17\x12\x05\x09\x01\x00\x00\x00", at.Add(time.Microsecond)},
		{mysql.MYSQL_TYPE_TIME, 0, "\x00", "00:00:00"},
		{mysql.MYSQL_TYPE_TIME, 0, "\x08\x01\x01\x00\x00\x00\x02\x03\x04", "-26:03:04"},
		{mysql.MYSQL_TYPE_TIME, 0, "\x0c\x00\x00\x00\x00\x00\x02\x03\x04\x05\x00\x00\x00", "02:03:04.000005"},
	} {
		c.command(23, execution(id, test.kind, test.flag, test.value))
		for _, first := range []byte{1, 3, 0xfe, 0, 0xfe} {
			c.expect(first)
		}
		if got := r.engine.arguments(); len(got) != 1 || !reflect.DeepEqual(got[0], test.want) {
			t.Errorf("type %d: got %#v, want %#v", test.kind, got, test.want)
		}
	}
	for name, test := range map[string]struct {
		payload string
		errno   int
	}{
		"an unknown type":             {execution(id, 200, 0, ""), 1210},
		"a cut number":                {execution(id, mysql.MYSQL_TYPE_LONGLONG, 0, "\x01"), 1835},
		"a cut text":                  {execution(id, mysql.MYSQL_TYPE_STRING, 0, "\x05ab"), 1835},
		"a text of a huge length":     {execution(id, mysql.MYSQL_TYPE_STRING, 0, "\xfe\xff\xff\xff\xff\xff\xff\xff\xff"), 1835},
		"a date of an odd length":     {execution(id, mysql.MYSQL_TYPE_DATE, 0, "\x05\xea\x07\x0b\x17\x00"), 1835},
		"a time of an odd length":     {execution(id, mysql.MYSQL_TYPE_TIME, 0, "\x01\x00"), 1835},
		"a day that is none":          {execution(id, mysql.MYSQL_TYPE_DATE, 0, "\x04\xea\x07\x02\x1e"), 1292},
		"the zero date":               {execution(id, mysql.MYSQL_TYPE_DATE, 0, "\x00"), 1292},
		"a number that is none":       {execution(id, mysql.MYSQL_TYPE_DOUBLE, 0, "\x00\x00\x00\x00\x00\x00\xf8\x7f"), 1210},
		"a text that is not UTF-8":    {execution(id, mysql.MYSQL_TYPE_STRING, 0, "\x01\xff"), 1300},
		"no values":                   {execution(id, 0, 0, "")[:9], 1835},
		"no types the first time":     {execution(id, 0, 0, "")[:10] + "\x00", 1835},
		"an unknown statement":        {execution(99, mysql.MYSQL_TYPE_NULL, 0, ""), 1243},
		"a cursor to scroll in":       {strings.Replace(execution(id, mysql.MYSQL_TYPE_NULL, 0, ""), "\x00\x00\x00\x00\x01", "\x00\x00\x00\x04\x01", 1), 1235},
		"a command that is too short": {"\x01\x00", 1835},
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			c, first := prepareEcho(r)
			if first != id {
				t.Fatal("ids do not begin anew")
			}
			c.command(23, test.payload)
			if p := c.expect(0xff); c.errno(p) != test.errno {
				t.Errorf("got %q, want %d", p, test.errno)
			}
		})
	}
	t.Run("answers at once where a cursor for reading is asked for", func(t *testing.T) {
		c, id := prepareEcho(r)
		p := []byte(execution(id, mysql.MYSQL_TYPE_NULL, 0, ""))
		p[4] = mysql.CURSOR_TYPE_READ_ONLY
		c.command(23, string(p))
		c.expect(1)
	})
}

// piece is the payload that sends a part of a parameter.
func piece(id uint32, position uint16, value string) string {
	p := binary.LittleEndian.AppendUint32(nil, id)
	return string(binary.LittleEndian.AppendUint16(p, position)) + value
}

func TestLongData(t *testing.T) {
	r := start(t, func(o *Options) { o.MaxPacketBytes = 1000 })
	execute := func(c *raw, id uint32) {
		c.command(23, execution(id, mysql.MYSQL_TYPE_STRING, 0, ""))
	}
	t.Run("pieces are put together, once", func(t *testing.T) {
		c, id := prepareEcho(r)
		c.command(24, piece(id, 0, "one "))
		c.command(24, piece(id, 0, "two"))
		c.command(24, piece(id, 7, "of no parameter"))
		c.command(24, piece(99, 0, "of no statement"))
		execute(c, id)
		c.expect(1)
		for range 4 {
			_, _ = c.receive()
		}
		if got := r.engine.arguments(); len(got) != 1 || got[0] != "one two" {
			t.Errorf("got %v", got)
		}
		execute(c, id)
		if p := c.expect(0xff); c.errno(p) != 1835 {
			t.Errorf("the second time got %q, want 1835", p)
		}
	})
	t.Run("a reset forgets them", func(t *testing.T) {
		c, id := prepareEcho(r)
		c.command(24, piece(id, 0, "one"))
		c.command(26, string(binary.LittleEndian.AppendUint32(nil, id)))
		c.expect(0)
		execute(c, id)
		if p := c.expect(0xff); c.errno(p) != 1835 {
			t.Errorf("got %q, want 1835", p)
		}
	})
	t.Run("more than a packet may hold is refused with 1153", func(t *testing.T) {
		c, id := prepareEcho(r)
		for range 3 {
			c.command(24, piece(id, 0, strings.Repeat("x", 500)))
		}
		execute(c, id)
		if p := c.expect(0xff); c.errno(p) != 1153 {
			t.Errorf("got %q, want 1153", p)
		}
	})
}

func TestPreparedStatementsAreBounded(t *testing.T) {
	t.Run("in number, with 1461", func(t *testing.T) {
		r := start(t, func(o *Options) { o.MaxPrepared = 3 })
		c := r.single()
		var all []*sql.Stmt
		for i := range 4 {
			st, err := c.PrepareContext(t.Context(), fmt.Sprint("echo ", i))
			if i < 3 && err != nil || i == 3 && errnoOf(err) != 1461 {
				t.Fatalf("number %d: %v", i, err)
			}
			all = append(all, st)
		}
		if err := all[0].Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := c.PrepareContext(t.Context(), "echo 5"); err != nil {
			t.Errorf("after one is closed: %v", err)
		}
	})
	t.Run("in bytes, with 1461", func(t *testing.T) {
		r := start(t)
		c := r.loggedIn()
		text := "note " + strings.Repeat("x", 1<<20-100)
		for range 4 {
			c.command(22, text)
			c.expect(0)
		}
		c.command(22, text)
		if p := c.expect(0xff); c.errno(p) != 1461 {
			t.Errorf("got %q, want 1461", p)
		}
	})
	t.Run("in parameters, with 1390", func(t *testing.T) {
		r := start(t)
		c := r.loggedIn()
		c.command(22, "echo "+strings.Repeat("?", 1<<16))
		if p := c.expect(0xff); c.errno(p) != 1390 {
			t.Errorf("got %q, want 1390", p)
		}
	})
	t.Run("a statement that cannot be prepared says why", func(t *testing.T) {
		r := start(t)
		if _, err := r.single().PrepareContext(t.Context(), "NONSENSE"); errnoOf(err) != 1064 {
			t.Errorf("got %v, want 1064", err)
		}
	})
}
