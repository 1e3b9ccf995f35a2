package tables

import (
	"database/sql/driver"
	"time"
)

// onWeek is a function of the week a time is in, by the mode that may follow it.
func onWeek(f func(year, week int) int64) scalar {
	return func(r *run, a []driver.Value) (driver.Value, error) {
		t, ok := parseTime(asText(a[0]), r.location())
		if !ok {
			return nil, nil
		}
		mode := int64(0)
		if len(a) == 2 {
			mode = asInt(a[1])
		}
		return f(weekOf(t, mode)), nil
	}
}

// weekOf is WEEK in one of MySQL's modes: bit 1 begins weeks on Monday, bit 2
// counts from 1, and bit 4 says that the first week is not the one most of whose
// days are in the year, but, for Sundays, that it is.
func weekOf(t time.Time, mode int64) (year, week int) {
	monday, fromOne, full := mode&1 != 0, mode&2 != 0, (mode&1 == 0) != (mode&4 != 0)
	// place is the day's number in its week, from 0.
	place := func(day time.Time) int {
		if monday {
			return (int(day.Weekday()) + 6) % 7
		}
		return int(day.Weekday())
	}
	// start is the first day of the first week of a year, as a day of that year.
	start := func(year int) int {
		first := place(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC))
		if first == 0 || !full && first < 4 {
			return 1 - first
		}
		return 8 - first
	}
	year, day := t.Year(), t.YearDay()
	switch {
	case day < start(year) && !fromOne:
		return year, 0
	case day < start(year):
		year--
		day += time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC).YearDay()
	case fromOne:
		if length := time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC).YearDay(); day-length >= start(year+1) {
			year, day = year+1, day-length
		}
	}
	return year, (day-start(year))/7 + 1
}
