package tables

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"roster/mysqlfront/session"
)

var offset = regexp.MustCompile(`^([+-])(\d{1,2}):([0-5]\d)$`)

// parseZone reads a value of time_zone: SYSTEM, an offset, or an IANA name.
func parseZone(name string) (*time.Location, error) {
	if m := offset.FindStringSubmatch(name); m != nil {
		hours, _ := strconv.Atoi(m[2])
		minutes, _ := strconv.Atoi(m[3])
		seconds := hours*3600 + minutes*60
		if seconds > 14*3600 {
			return nil, unknownZone(name)
		}
		if m[1] == "-" {
			seconds = -seconds
		}
		return time.FixedZone(name, seconds), nil
	}
	switch {
	case strings.EqualFold(name, "SYSTEM"):
		return time.Local, nil
	case name == "" || strings.EqualFold(name, "Local"):
		return nil, unknownZone(name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, unknownZone(name)
	}
	return loc, nil
}

func unknownZone(name string) *session.Error {
	return fail(1298, "HY000", "Unknown or incorrect time zone: '%s'", name)
}
