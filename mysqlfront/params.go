package mysqlfront

import (
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// arguments reads the values of COM_STMT_EXECUTE: nil, int64, uint64 (for unsigned
// types), float64, string, []byte (for BLOB types) and, for DATE, DATETIME and
// TIMESTAMP, time.Time in the location given.
func (p *prepared) arguments(r *reader, in *time.Location) ([]any, error) {
	n := p.Params()
	if p.overlong {
		return nil, failure(1153, "08S01", "The parameters sent in pieces are longer than 'max_allowed_packet' bytes")
	}
	if n == 0 {
		return nil, nil
	}
	nulls := r.take((n + 7) / 8)
	if r.u8() == 1 {
		p.types = append([]byte(nil), r.take(2*n)...)
	}
	if r.bad || len(p.types) != 2*n {
		p.types = nil
		return nil, errMalformed
	}
	args := make([]any, n)
	for i := range args {
		kind, unsigned := p.types[2*i], p.types[2*i+1]&mysql.PARAM_UNSIGNED != 0
		var err error
		switch piece, inPieces := p.long[i]; {
		case inPieces:
			args[i], err = text(kind, piece)
		case nulls[i/8]&(1<<(i%8)) == 0:
			args[i], err = value(r, kind, unsigned, in)
		}
		if err == nil && r.bad {
			err = errMalformed
		}
		if err != nil {
			return nil, err
		}
	}
	return args, nil
}

func value(r *reader, kind byte, unsigned bool, in *time.Location) (any, error) {
	switch kind {
	case mysql.MYSQL_TYPE_NULL:
		return nil, nil
	case mysql.MYSQL_TYPE_TINY:
		return integer(r.uint(1), 8, unsigned), nil
	case mysql.MYSQL_TYPE_SHORT, mysql.MYSQL_TYPE_YEAR:
		return integer(r.uint(2), 16, unsigned), nil
	case mysql.MYSQL_TYPE_LONG, mysql.MYSQL_TYPE_INT24:
		return integer(r.uint(4), 32, unsigned), nil
	case mysql.MYSQL_TYPE_LONGLONG:
		return integer(r.uint(8), 64, unsigned), nil
	case mysql.MYSQL_TYPE_FLOAT:
		return finite(float64(math.Float32frombits(r.u32())))
	case mysql.MYSQL_TYPE_DOUBLE:
		return finite(math.Float64frombits(r.u64()))
	case mysql.MYSQL_TYPE_DATE, mysql.MYSQL_TYPE_DATETIME, mysql.MYSQL_TYPE_TIMESTAMP:
		return datetime(r.take(int(r.u8())), in)
	case mysql.MYSQL_TYPE_TIME:
		return clock(r.take(int(r.u8())))
	case mysql.MYSQL_TYPE_DECIMAL, mysql.MYSQL_TYPE_NEWDECIMAL, mysql.MYSQL_TYPE_VARCHAR, mysql.MYSQL_TYPE_VAR_STRING,
		mysql.MYSQL_TYPE_STRING, mysql.MYSQL_TYPE_ENUM, mysql.MYSQL_TYPE_SET, mysql.MYSQL_TYPE_JSON, mysql.MYSQL_TYPE_BIT,
		mysql.MYSQL_TYPE_TINY_BLOB, mysql.MYSQL_TYPE_MEDIUM_BLOB, mysql.MYSQL_TYPE_LONG_BLOB, mysql.MYSQL_TYPE_BLOB:
		return text(kind, r.prefixed())
	default:
		return nil, failure(1210, "HY000", "Incorrect arguments to EXECUTE: parameters of type %d are not known", kind)
	}
}

func integer(v uint64, bits int, unsigned bool) any {
	if unsigned {
		return v
	}
	return int64(v<<(64-bits)) >> (64 - bits)
}

func finite(v float64) (any, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil, failure(1210, "HY000", "Incorrect arguments to EXECUTE: a parameter is no finite number")
	}
	return v, nil
}

// text is bytes for the types that hold such, a string for all others.
func text(kind byte, b []byte) (any, error) {
	switch kind {
	case mysql.MYSQL_TYPE_BIT, mysql.MYSQL_TYPE_TINY_BLOB, mysql.MYSQL_TYPE_MEDIUM_BLOB, mysql.MYSQL_TYPE_LONG_BLOB, mysql.MYSQL_TYPE_BLOB:
		return append([]byte{}, b...), nil
	}
	if !utf8.Valid(b) {
		return nil, errEncoding
	}
	return string(b), nil
}

// datetime has 4 bytes for a date, 7 with a time, 11 with microseconds. No bytes
// are the zero date, which is none.
func datetime(b []byte, in *time.Location) (any, error) {
	switch len(b) {
	case 0, 4, 7, 11:
	default:
		return nil, errMalformed
	}
	r := reader{b: append(append(make([]byte, 0, 22), b...), make([]byte, 11)...)}
	year, month, day := int(r.u16()), int(r.u8()), int(r.u8())
	hour, minute, second, micros := int(r.u8()), int(r.u8()), int(r.u8()), int(r.u32())
	t := time.Date(year, time.Month(month), day, hour, minute, second, micros*1000, in)
	if t.Year() != year || int(t.Month()) != month || t.Day() != day || hour > 23 || minute > 59 || second > 59 || micros > 999_999 {
		return nil, failure(1292, "22007", "Incorrect datetime value: '%04d-%02d-%02d %02d:%02d:%02d.%06d'", year, month, day, hour, minute, second, micros)
	}
	return t, nil
}

// clock is a TIME as MySQL prints it.
func clock(b []byte) (any, error) {
	switch len(b) {
	case 0, 8, 12:
	default:
		return nil, errMalformed
	}
	r := reader{b: append(append(make([]byte, 0, 24), b...), make([]byte, 12)...)}
	sign := ""
	if r.u8() == 1 {
		sign = "-"
	}
	hours := uint64(r.u32()) * 24
	hours += uint64(r.u8())
	s := fmt.Sprintf("%s%02d:%02d:%02d", sign, hours, r.u8(), r.u8())
	if micros := r.u32(); micros > 0 {
		s += fmt.Sprintf(".%06d", micros)
	}
	return s, nil
}
