package failpoints

import (
	"fmt"
	"regexp"
	"strings"
)

// one is a single term. The library takes some texts that are none and fails, or
// starts a debugger, when it comes to them.
var one = regexp.MustCompile(`^(?:[0-9]+(?:\.[0-9]+)?%|[0-9]+\*)*(?:off|panic|pause|` +
	`(?:return|print)(?:\((?:"[^"\\]*"|-?[0-9]{1,18}|true|false)?\))?|sleep\((?:[0-9]{1,9}|"[0-9a-z.µ]+")\))$`)

// checkTerm refuses what cannot be a failpoint's term.
func checkTerm(term string) error {
	for part := range strings.SplitSeq(term, "->") {
		if !one.MatchString(part) {
			return fmt.Errorf(`%w: %.100q is none, want such as return("error"), 3*return("crash"), 50%%sleep(100), panic or off, joined by ->`, ErrTerm, part)
		}
	}
	return nil
}
