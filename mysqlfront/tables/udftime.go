package tables

import (
	"database/sql/driver"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"roster/core"
)

// units are those of INTERVAL, EXTRACT and TIMESTAMPDIFF.
var units = map[string]bool{
	"MICROSECOND": true, "SECOND": true, "MINUTE": true, "HOUR": true, "DAY": true,
	"WEEK": true, "MONTH": true, "QUARTER": true, "YEAR": true,
}

// timeText is a time as SQLite holds it: DATETIME text in the session's zone.
func timeText(t time.Time, loc *time.Location) string {
	return t.In(loc).Format("2006-01-02 15:04:05.999999")
}

var timeForms = []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02", "2006-1-2 15:4:5", "2006-1-2", "20060102150405", "20060102"}

func parseTime(s string, loc *time.Location) (time.Time, bool) {
	s = strings.TrimSpace(s)
	for _, form := range timeForms {
		if t, err := time.ParseInLocation(form, s, loc); err == nil {
			return t.In(loc), true
		}
	}
	return time.Time{}, false
}

// onTime is a function of a time; of what is none it is NULL.
func onTime(f func(r *run, t time.Time) driver.Value) scalar {
	return func(r *run, a []driver.Value) (driver.Value, error) {
		t, ok := parseTime(asText(a[0]), r.location())
		if !ok {
			return nil, nil
		}
		return f(r, t), nil
	}
}

// part is a whole number taken from a time.
func part(f func(t time.Time) int) scalar {
	return onTime(func(_ *run, t time.Time) driver.Value { return int64(f(t)) })
}

func shaped(form string) scalar {
	return onTime(func(_ *run, t time.Time) driver.Value { return t.Format(form) })
}

func current(form string) scalar {
	return func(r *run, _ []driver.Value) (driver.Value, error) {
		return r.started.In(r.location()).Format(form), nil
	}
}

const dateTimeForm = "2006-01-02 15:04:05"

var timeFunctions = map[string]scalar{
	"m_now":       current(dateTimeForm),
	"m_curdate":   current("2006-01-02"),
	"m_curtime":   current("15:04:05"),
	"m_date":      shaped("2006-01-02"),
	"m_time":      shaped("15:04:05"),
	"m_dayname":   shaped("Monday"),
	"m_monthname": shaped("January"),
	"m_year":      part(time.Time.Year),
	"m_month":     part(func(t time.Time) int { return int(t.Month()) }),
	"m_quarter":   part(func(t time.Time) int { return (int(t.Month()) + 2) / 3 }),
	"m_day":       part(time.Time.Day),
	"m_dayofweek": part(func(t time.Time) int { return int(t.Weekday()) + 1 }),
	"m_weekday":   part(func(t time.Time) int { return (int(t.Weekday()) + 6) % 7 }),
	"m_dayofyear": part(time.Time.YearDay),
	"m_hour":      part(time.Time.Hour),
	"m_minute":    part(time.Time.Minute),
	"m_second":    part(time.Time.Second),
	"m_utc_timestamp": func(r *run, _ []driver.Value) (driver.Value, error) {
		return r.started.UTC().Format(dateTimeForm), nil
	},
	"m_last_day": onTime(func(_ *run, t time.Time) driver.Value {
		return time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, t.Location()).Format("2006-01-02")
	}),
	"m_datetime": func(r *run, a []driver.Value) (driver.Value, error) {
		t, ok := parseTime(asText(a[0]), r.location())
		if !ok {
			return a[0], nil
		}
		return timeText(t, r.location()), nil
	},
	"m_unix_timestamp": func(r *run, a []driver.Value) (driver.Value, error) {
		if len(a) == 0 {
			return r.started.Unix(), nil
		}
		t, ok := parseTime(asText(a[0]), r.location())
		if !ok {
			return int64(0), nil
		}
		return max(t.Unix(), 0), nil
	},
	"m_from_unixtime": func(r *run, a []driver.Value) (driver.Value, error) {
		f := asFloat(a[0])
		if f < 0 || f > math.MaxInt32*100 {
			return nil, nil
		}
		return timeText(time.UnixMicro(int64(math.Round(f*1e6))), r.location()), nil
	},
	"m_date_format": func(r *run, a []driver.Value) (driver.Value, error) {
		t, ok := parseTime(asText(a[0]), r.location())
		if !ok {
			return nil, nil
		}
		return bounded(dateFormat(t, asText(a[1])))
	},
	"m_str_to_date": func(r *run, a []driver.Value) (driver.Value, error) {
		t, err := time.ParseInLocation(goForm(asText(a[1])), asText(a[0]), r.location())
		if err != nil {
			return nil, nil
		}
		return timeText(t, r.location()), nil
	},
	"m_datediff": func(r *run, a []driver.Value) (driver.Value, error) {
		x, ok := parseTime(asText(a[0]), time.UTC)
		y, also := parseTime(asText(a[1]), time.UTC)
		if !ok || !also {
			return nil, nil
		}
		return int64(x.Truncate(24*time.Hour).Sub(y.Truncate(24*time.Hour)) / (24 * time.Hour)), nil
	},
	"m_convert_tz": func(_ *run, a []driver.Value) (driver.Value, error) {
		from, err := parseZone(asText(a[1]))
		to, toErr := parseZone(asText(a[2]))
		if err != nil || toErr != nil {
			return nil, nil
		}
		t, ok := parseTime(asText(a[0]), from)
		if !ok {
			return nil, nil
		}
		return timeText(t, to), nil
	},
	"m_date_add": func(r *run, a []driver.Value) (driver.Value, error) {
		t, ok := parseTime(asText(a[0]), r.location())
		if !ok {
			return nil, nil
		}
		n := asInt(a[1]) * asInt(a[3])
		if n > 1e12 || n < -1e12 {
			return nil, nil
		}
		moved := addUnits(t, n, asText(a[2]))
		if y := moved.Year(); y < 1 || y > 9999 {
			return nil, nil
		}
		return timeText(moved, r.location()), nil
	},
	"m_extract": func(r *run, a []driver.Value) (driver.Value, error) {
		t, ok := parseTime(asText(a[1]), r.location())
		if !ok {
			return nil, nil
		}
		return extract(t, asText(a[0])), nil
	},
	"m_timestampdiff": func(r *run, a []driver.Value) (driver.Value, error) {
		from, ok := parseTime(asText(a[1]), time.UTC)
		to, also := parseTime(asText(a[2]), time.UTC)
		if !ok || !also {
			return nil, nil
		}
		return difference(from, to, asText(a[0])), nil
	},
	"m_version": func(r *run, a []driver.Value) (driver.Value, error) {
		t, ok := parseTime(asText(a[0]), r.location())
		if !ok || t.Year() < 1971 || t.Year() > 9000 {
			return nil, fail(1292, "22007", "Incorrect TIMESTAMP value in AS OF: '%s', write 'YYYY-MM-DD HH:MM:SS'", asText(a[0]))
		}
		return int64(core.VersionAt(t)), nil
	},
}

// months is a unit as months, 0 for those of fixed length.
func months(unit string) int64 {
	return map[string]int64{"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit]
}

var fixed = map[string]time.Duration{
	"MICROSECOND": time.Microsecond, "SECOND": time.Second, "MINUTE": time.Minute,
	"HOUR": time.Hour, "DAY": 24 * time.Hour, "WEEK": 7 * 24 * time.Hour,
}

func addUnits(t time.Time, n int64, unit string) time.Time {
	if m := months(unit); m != 0 {
		if n > 1e6 || n < -1e6 {
			return time.Time{}.AddDate(100_000, 0, 0)
		}
		first := time.Date(t.Year(), t.Month()+time.Month(n*m), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
		last := first.AddDate(0, 1, -1).Day()
		return first.AddDate(0, 0, min(t.Day(), last)-1)
	}
	switch unit {
	case "DAY", "WEEK":
		days := n
		if unit == "WEEK" {
			days *= 7
		}
		if days > 4e6 || days < -4e6 {
			return time.Time{}.AddDate(100_000, 0, 0)
		}
		return t.AddDate(0, 0, int(days))
	}
	step := fixed[unit]
	if n > int64(math.MaxInt64/step) || n < -int64(math.MaxInt64/step) {
		return time.Time{}.AddDate(100_000, 0, 0)
	}
	return t.Add(time.Duration(n) * step)
}

func difference(from, to time.Time, unit string) int64 {
	if m := months(unit); m != 0 {
		sign := int64(1)
		if to.Before(from) {
			from, to, sign = to, from, -1
		}
		n := int64(to.Year()-from.Year())*12 + int64(to.Month()-from.Month())
		if addUnits(from, n, "MONTH").After(to) || to.Day() < from.Day() && addUnits(from, n, "MONTH").Day() != from.Day() {
			n--
		}
		return sign * (n / m)
	}
	if step := fixed[unit]; step >= time.Second {
		return (to.Unix() - from.Unix()) / int64(step/time.Second)
	}
	return to.UnixMicro() - from.UnixMicro()
}

func extract(t time.Time, unit string) int64 {
	switch unit {
	case "YEAR":
		return int64(t.Year())
	case "QUARTER":
		return int64(t.Month()+2) / 3
	case "MONTH":
		return int64(t.Month())
	case "WEEK":
		return int64((t.YearDay() + 6 - int(t.Weekday())) / 7)
	case "DAY":
		return int64(t.Day())
	case "HOUR":
		return int64(t.Hour())
	case "MINUTE":
		return int64(t.Minute())
	case "SECOND":
		return int64(t.Second())
	}
	return int64(t.Nanosecond() / 1000)
}

// dateForms are the letters of DATE_FORMAT as Go writes them.
var dateForms = map[byte]string{
	'Y': "2006", 'y': "06", 'm': "01", 'c': "1", 'd': "02", 'e': "2", 'H': "15", 'h': "03", 'I': "03", 'l': "3",
	'i': "04", 's': "05", 'S': "05", 'f': "000000", 'p': "PM", 'M': "January", 'b': "Jan", 'W': "Monday", 'a': "Mon",
	'T': "15:04:05", 'r': "03:04:05 PM",
}

func dateFormat(t time.Time, form string) string {
	var b strings.Builder
	for i := 0; i < len(form); i++ {
		if form[i] != '%' || i+1 == len(form) {
			b.WriteByte(form[i])
			continue
		}
		i++
		switch c := form[i]; {
		case c == 'f':
			fmt.Fprintf(&b, "%06d", t.Nanosecond()/1000)
		case c == 'k':
			b.WriteString(strconv.Itoa(t.Hour()))
		case c == 'j':
			fmt.Fprintf(&b, "%03d", t.YearDay())
		case c == 'w':
			b.WriteString(strconv.Itoa(int(t.Weekday())))
		case c == 'D':
			b.WriteString(ordinal(t.Day()))
		case c == 'v' || c == 'x':
			year, week := t.ISOWeek()
			if c == 'x' {
				week = year
			}
			fmt.Fprintf(&b, "%02d", week)
		case c == 'U' || c == 'V':
			fmt.Fprintf(&b, "%02d", extract(t, "WEEK"))
		case dateForms[c] != "":
			b.WriteString(t.Format(dateForms[c]))
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func ordinal(n int) string {
	suffix := "th"
	if n/10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

// goForm is a format of STR_TO_DATE as Go parses it.
func goForm(form string) string {
	var b strings.Builder
	for i := 0; i < len(form); i++ {
		if form[i] == '%' && i+1 < len(form) {
			i++
			b.WriteString(dateForms[form[i]])
			continue
		}
		b.WriteByte(form[i])
	}
	return b.String()
}
