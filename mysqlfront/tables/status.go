package tables

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// absent are the rows of SHOW STATUS that clients read though they count what
// Roster does not have.
var absent = []string{"Flush_commands", "Open_files", "Open_tables", "Opened_files", "Opened_tables"}

// globalStatus is SHOW GLOBAL STATUS, which tells nothing of one session's
// encryption.
func globalStatus(r *run) []row { return statusRows(r, "", "") }

// sessionStatus is SHOW STATUS.
func sessionStatus(r *run) []row {
	return statusRows(r, r.session.Client.Cipher, r.session.Client.TLSVersion)
}

func statusRows(r *run, cipher, version string) []row {
	counts := map[string]uint64{}
	for _, name := range absent {
		counts[name] = 0
	}
	if r.session.Registry != nil {
		for _, s := range r.session.Registry.Sessions() {
			counts["Threads_connected"]++
			if c := s.Activity().Command; c != "" && !strings.EqualFold(c, "Sleep") {
				counts["Threads_running"]++
			}
		}
	}
	if r.session.Server != nil {
		maps.Copy(counts, r.session.Server.Status())
	}
	values := map[string]string{"Ssl_cipher": cipher, "Ssl_version": version}
	for name, n := range counts {
		values[name] = strconv.FormatUint(n, 10)
	}
	var out []row
	for _, name := range slices.SortedFunc(maps.Keys(values), func(a, b string) int { return strings.Compare(lower(a), lower(b)) }) {
		out = append(out, row{name, values[name]})
	}
	return out
}
