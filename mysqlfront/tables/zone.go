package tables

import (
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"roster/mysqlfront/session"
)

var offset = regexp.MustCompile(`^([+-])(\d{1,2}):([0-5]\d)$`)

// maxZones is far more than there are names and offsets. More than that are
// spellings of these.
const maxZones = 8192

// zones are the locations that were named, by their names. Answers are kept for a
// location, so whoever names one again must get the same.
var zones = struct {
	sync.Mutex
	known map[string]*time.Location
}{known: map[string]*time.Location{}}

// shared is the one location of its name, as long as there are not too many.
func shared(loc *time.Location) *time.Location {
	zones.Lock()
	defer zones.Unlock()
	if known := zones.known[loc.String()]; known != nil {
		return known
	}
	if len(zones.known) < maxZones {
		zones.known[loc.String()] = loc
	}
	return loc
}

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
		return shared(time.FixedZone(strconv.Itoa(seconds), seconds)), nil
	}
	switch {
	case strings.EqualFold(name, "SYSTEM"):
		return time.Local, nil
	case name == "" || name != path.Clean(name) || strings.EqualFold(name, "Local"):
		return nil, unknownZone(name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, unknownZone(name)
	}
	return shared(loc), nil
}

func unknownZone(name string) *session.Error {
	return fail(1298, "HY000", "Unknown or incorrect time zone: '%s'", name)
}
