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
	"m_microsecond": part(func(t time.Time) int { return t.Nanosecond() / 1000 }),
	"m_time_number": onTime(func(_ *run, t time.Time) driver.Value {
		n, _ := strconv.ParseInt(t.Format("20060102150405"), 10, 64)
		return n
	}),
	"m_week": onWeek(func(_, week int) int64 { return int64(week) }),
	"m_yearweek": func(r *run, a []driver.Value) (driver.Value, error) {
		mode := int64(2)
		if len(a) == 2 {
			mode |= asInt(a[1])
		}
		return onWeek(func(year, week int) int64 { return int64(year*100 + week) })(r, []driver.Value{a[0], mode})
	},
	"m_weekofyear": part(func(t time.Time) int { _, week := t.ISOWeek(); return week }),
	"m_to_days":    onTime(func(_ *run, t time.Time) driver.Value { return daysOf(t) }),
	"m_from_days": func(_ *run, a []driver.Value) (driver.Value, error) {
		days := asInt(a[0])
		if days <= 365 || days > lastDay {
			return "0000-00-00", nil
		}
		return time.Unix((days-epochDay)*86400, 0).UTC().Format(time.DateOnly), nil
	},
	"m_makedate": func(_ *run, a []driver.Value) (driver.Value, error) {
		year, day := asInt(a[0]), asInt(a[1])
		if year < 1 || year > 9999 || day < 1 || day > lastDay {
			return nil, nil
		}
		t := time.Date(int(year), 1, int(day), 0, 0, 0, 0, time.UTC)
		if t.Year() > 9999 {
			return nil, nil
		}
		return t.Format(time.DateOnly), nil
	},
	"m_sec_to_time": func(_ *run, a []driver.Value) (driver.Value, error) { return clock(asInt(a[0])), nil },
	"m_time_to_sec": func(r *run, a []driver.Value) (driver.Value, error) {
		t, ok := parseTime(asText(a[0]), r.location())
		if !ok {
			if t, ok = parseTime("2000-01-01 "+asText(a[0]), r.location()); !ok {
				return nil, nil
			}
		}
		return int64(t.Hour()*3600 + t.Minute()*60 + t.Second()), nil
	},
	"m_utc_date": func(r *run, _ []driver.Value) (driver.Value, error) {
		return r.started.UTC().Format(time.DateOnly), nil
	},
	"m_utc_time": func(r *run, _ []driver.Value) (driver.Value, error) {
		return r.started.UTC().Format(time.TimeOnly), nil
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
		if !timeLetters.MatchString(asText(a[1])) {
			return t.Format(time.DateOnly), nil
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
		if text := strings.TrimSpace(asText(a[0])); !strings.Contains(text, ":") && len(text) <= len(time.DateOnly) && wholeDays[asText(a[2])] {
			return moved.Format(time.DateOnly), nil
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

// The days that TO_DAYS counts: of the epoch, and of the end of the year 9999.
const (
	epochDay = 719528
	lastDay  = 3652424
)

func daysOf(t time.Time) int64 {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix()/86400 + epochDay
}

// clock is a number of seconds as TIME, which ends before 839 hours.
func clock(seconds int64) string {
	const most = 838*3600 + 59*60 + 59
	sign := ""
	if seconds < 0 {
		sign, seconds = "-", -max(seconds, -most)
	}
	seconds = min(seconds, most)
	return fmt.Sprintf("%s%02d:%02d:%02d", sign, seconds/3600, seconds/60%60, seconds%60)
}

// wholeDays are the units that leave a date one.
var wholeDays = map[string]bool{"DAY": true, "WEEK": true, "MONTH": true, "QUARTER": true, "YEAR": true}

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
		_, week := weekOf(t, 0)
		return int64(week)
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
