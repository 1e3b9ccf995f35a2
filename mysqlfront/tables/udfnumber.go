package tables

import (
	"database/sql/driver"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
)

var numberFunctions = map[string]scalar{
	"m_mod": func(_ *run, a []driver.Value) (driver.Value, error) {
		x, whole := a[0].(int64)
		y, alsoWhole := a[1].(int64)
		switch {
		case asFloat(a[1]) == 0:
			return nil, nil
		case whole && alsoWhole && y == -1:
			return int64(0), nil
		case whole && alsoWhole:
			return x % y, nil
		}
		return math.Mod(asFloat(a[0]), asFloat(a[1])), nil
	},
	"m_bit_xor": func(_ *run, a []driver.Value) (driver.Value, error) { return asInt(a[0]) ^ asInt(a[1]), nil },
	"m_signed":  func(_ *run, a []driver.Value) (driver.Value, error) { return asInt(a[0]), nil },
	"m_limit": func(_ *run, a []driver.Value) (driver.Value, error) {
		if n := asInt(a[0]); n >= 0 {
			return n, nil
		}
		return nil, fail(1210, "HY000", "Incorrect arguments to LIMIT")
	},
	"m_isnull": func(_ *run, a []driver.Value) (driver.Value, error) { return a[0] == nil, nil },
	"m_ceil":   onNumber(math.Ceil),
	"m_floor":  onNumber(math.Floor),
	"m_round": func(_ *run, a []driver.Value) (driver.Value, error) {
		places := int64(0)
		if len(a) == 2 {
			places = asInt(a[1])
		}
		return scaled(a[0], places, math.Round), nil
	},
	"m_truncate": func(_ *run, a []driver.Value) (driver.Value, error) {
		return scaled(a[0], asInt(a[1]), math.Trunc), nil
	},
	"m_rand": func(*run, []driver.Value) (driver.Value, error) { return rand.Float64(), nil },
	"m_crc32": func(_ *run, a []driver.Value) (driver.Value, error) {
		return int64(crc32.ChecksumIEEE([]byte(asText(a[0])))), nil
	},
	"m_format": func(_ *run, a []driver.Value) (driver.Value, error) {
		return grouped(asFloat(a[0]), int(min(max(asInt(a[1]), 0), 30))), nil
	},
	"m_zero":      func(*run, []driver.Value) (driver.Value, error) { return int64(0), nil },
	"m_minus_one": func(*run, []driver.Value) (driver.Value, error) { return int64(-1), nil },
}

func onNumber(f func(float64) float64) scalar {
	return func(_ *run, a []driver.Value) (driver.Value, error) {
		if i, ok := a[0].(int64); ok {
			return i, nil
		}
		return asInt(f(asFloat(a[0]))), nil
	}
}

// scaled applies a rounding at a decimal place.
func scaled(v driver.Value, places int64, f func(float64) float64) driver.Value {
	places = min(max(places, -30), 30)
	if i, ok := v.(int64); ok && places >= 0 {
		return i
	}
	scale := math.Pow10(int(places))
	out := f(asFloat(v)*scale) / scale
	if math.IsInf(out, 0) || math.IsNaN(out) {
		return asFloat(v)
	}
	return out
}

// grouped writes a number with commas between its thousands.
func grouped(f float64, places int) string {
	whole, fraction, found := strings.Cut(strconv.FormatFloat(math.Abs(f), 'f', places, 64), ".")
	var b strings.Builder
	if f < 0 {
		b.WriteByte('-')
	}
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	if found {
		b.WriteString("." + fraction)
	}
	return b.String()
}
