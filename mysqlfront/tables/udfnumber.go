package tables

import (
	"database/sql/driver"
	"encoding/binary"
	"hash/crc32"
	"math"
	mathbits "math/bits"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"modernc.org/sqlite"
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
	"m_signed": func(_ *run, a []driver.Value) (driver.Value, error) {
		if text, ok := a[0].(string); ok {
			// Numbers are rounded, texts are read up to the first character that is no digit.
			return asInt(leadingInteger.FindString(text)), nil
		}
		return asInt(a[0]), nil
	},
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
	"m_number": func(_ *run, a []driver.Value) (driver.Value, error) {
		switch v := a[0].(type) {
		case int64, float64:
			return v, nil
		}
		text := asText(a[0])
		if i, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64); err == nil {
			return i, nil
		}
		return leadingNumber(text), nil
	},
	"m_log": func(_ *run, a []driver.Value) (driver.Value, error) {
		x := math.Log(asFloat(a[len(a)-1]))
		if len(a) == 2 {
			x /= math.Log(asFloat(a[0]))
		}
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, nil
		}
		return x, nil
	},
	"m_bit_count": func(_ *run, a []driver.Value) (driver.Value, error) {
		return int64(mathbits.OnesCount64(uint64(asInt(a[0])))), nil
	},
	"m_conv": func(_ *run, a []driver.Value) (driver.Value, error) {
		return inBase(asText(a[0]), asInt(a[1]), asInt(a[2])), nil
	},
	"m_bin": func(_ *run, a []driver.Value) (driver.Value, error) { return inBase(asText(a[0]), 10, 2), nil },
	"m_oct": func(_ *run, a []driver.Value) (driver.Value, error) { return inBase(asText(a[0]), 10, 8), nil },
	"m_inet_aton": func(_ *run, a []driver.Value) (driver.Value, error) {
		ip, err := netip.ParseAddr(asText(a[0]))
		if err != nil || !ip.Is4() {
			return nil, nil
		}
		four := ip.As4()
		return int64(binary.BigEndian.Uint32(four[:])), nil
	},
	"m_inet_ntoa": func(_ *run, a []driver.Value) (driver.Value, error) {
		n := asInt(a[0])
		if n < 0 || n > math.MaxUint32 {
			return nil, nil
		}
		return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, uint32(n)))).String(), nil
	},
	"m_zero":      func(*run, []driver.Value) (driver.Value, error) { return int64(0), nil },
	"m_minus_one": func(*run, []driver.Value) (driver.Value, error) { return int64(-1), nil },
}

var leadingInteger = regexp.MustCompile(`^\s*[-+]?\d+`)

// inBase is CONV: the whole number that a text in one base begins with, in another.
func inBase(text string, from, to int64) driver.Value {
	if from < 2 || from > 36 || to < 2 || to > 36 {
		return nil
	}
	text = strings.TrimSpace(text)
	for end := min(len(text), 64); end > 0; end-- {
		if n, err := strconv.ParseUint(text[:end], int(from), 64); err == nil {
			return strings.ToUpper(strconv.FormatUint(n, int(to)))
		}
		if n, err := strconv.ParseInt(text[:end], int(from), 64); err == nil {
			return strings.ToUpper(strconv.FormatUint(uint64(n), int(to)))
		}
	}
	return "0"
}

// bits is an aggregate over the bits of whole numbers.
type bits struct {
	merge func(a, b int64) int64
	value int64
}

var bitAggregates = map[string]struct {
	merge func(a, b int64) int64
	start int64
}{
	"m_bit_and":     {func(a, b int64) int64 { return a & b }, -1},
	"m_bit_or":      {func(a, b int64) int64 { return a | b }, 0},
	"m_bit_xor_all": {func(a, b int64) int64 { return a ^ b }, 0},
}

func (b *bits) Step(_ *sqlite.FunctionContext, args []driver.Value) error {
	if args[0] != nil {
		b.value = b.merge(b.value, asInt(args[0]))
	}
	return nil
}

func (b *bits) WindowInverse(*sqlite.FunctionContext, []driver.Value) error { return nil }

func (b *bits) WindowValue(*sqlite.FunctionContext) (driver.Value, error) { return b.value, nil }

func (b *bits) Final(*sqlite.FunctionContext) {}

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
