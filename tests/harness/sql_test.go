package harness

import (
	"errors"
	"testing"

	"github.com/go-sql-driver/mysql"

	"roster/core"
)

func TestAnErrorOfMySQLHasItsCode(t *testing.T) {
	const none core.Code = -1 // the parts do not belong together
	for _, c := range []struct {
		number      uint16
		state, text string
		want        core.Code
	}{
		{1205, "HY000", "INTERNAL_ERROR: the store cannot be reached", core.Unavailable},
		{1180, "HY000", "UNDETERMINED: the commit was not answered", core.Undetermined},
		{3024, "HY000", "Query execution was interrupted, maximum statement execution time exceeded", core.Unavailable},
		{1317, "70100", "Query execution was interrupted", core.Unavailable},
		{1053, "08S01", "Server shutdown in progress", core.Unavailable},
		{1064, "42000", "You have an error in your SQL syntax", core.InvalidArgument},
		{3024, "70100", "a state of another number", none},
		{1205, "HY000", "CONFLICT: a code of another number", none},
		{1815, "HY000", "no code", none},
	} {
		refusal := &mysql.MySQLError{Number: c.number, Message: c.text}
		copy(refusal.SQLState[:], c.state)
		err := SQLErrorOf(refusal)
		got := none
		if coded, ok := errors.AsType[*core.Error](err); ok {
			got = coded.Code
		}
		if got != c.want || !errors.Is(err, error(refusal)) {
			t.Errorf("SQLErrorOf(%d %s %q) = %v of code %d, want code %d", c.number, c.state, c.text, err, got, c.want)
		}
	}
}
