package mysqlfront

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-mysql-org/go-mysql/mysql"

	"roster/core"
	"roster/mysqlfront/session"
)

// Failures that are the protocol's own.
var (
	errAborted    = failure(1317, "70100", "Query execution was interrupted")
	errTimeout    = failure(3024, "HY000", "Query execution was interrupted, maximum statement execution time exceeded")
	errDraining   = failure(1053, "08S01", "Server shutdown in progress")
	errTooMany    = failure(1040, "08004", "Too many connections")
	errOversized  = failure(1153, "08S01", "Got a packet bigger than 'max_allowed_packet' bytes")
	errOrder      = failure(1156, "08S01", "Got packets out of order")
	errMalformed  = failure(1835, "HY000", "Malformed communication packet")
	errUnknown    = failure(1047, "08S01", "Unknown command")
	errEmpty      = failure(1065, "42000", "Query was empty")
	errEncoding   = failure(1300, "HY000", "Invalid utf8mb4 character string")
	errInsecure   = failure(3159, "HY000", "Connections using insecure transport are prohibited while --require_secure_transport=ON.")
	errManyParams = failure(1390, "HY000", "Prepared statement contains too many placeholders")
	errUnsettled  = core.Errorf(core.Undetermined, "the server failed while it ran the statement, which may have taken effect")
	errPanicked   = core.Errorf(core.Internal, "the server failed while it ran the statement")
)

func failure(number uint16, state, format string, args ...any) *session.Error {
	return &session.Error{Number: number, State: state, Msg: fmt.Sprintf(format, args...)}
}

func denied(user, host string, password bool) *session.Error {
	using := "NO"
	if password {
		using = "YES"
	}
	// The library's own words, since the two must not differ.
	e := mysql.NewDefaultError(mysql.ER_ACCESS_DENIED_ERROR, user, host, using)
	return &session.Error{Number: e.Code, State: e.State, Msg: e.Message}
}

// forLibrary is err as the library's handshake sends it on.
func forLibrary(err error) error {
	e := session.Shown(err)
	return &mysql.MyError{Code: e.Number, State: e.State, Message: e.Msg}
}

// interrupted is why a statement failed, when that is the end of its context and
// what it did is known to be nothing.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	var failed *core.Error
	if errors.As(err, &failed) {
		switch failed.Code {
		case core.Internal, core.Unavailable:
			return context.Cause(ctx)
		}
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return context.Cause(ctx)
	}
	return err
}
