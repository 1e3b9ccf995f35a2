package session

import (
	"errors"

	"roster/core"
)

// Error is a failure that has a MySQL error number of its own.
type Error struct {
	Number uint16
	State  string
	Msg    string
}

func (e *Error) Error() string { return e.Msg }

// Shown is what a client is told of err: a failure of the core has the number of
// the core's table, and its code before its text, as REST has it. An error of any
// other kind may hold what no client shall see.
func Shown(err error) *Error {
	var (
		own    *Error
		failed *core.Error
	)
	// The core first: an unknown outcome may have the end of the statement's time
	// for its cause.
	if !errors.As(err, &failed) {
		if errors.As(err, &own) {
			return own
		}
		failed = core.Errorf(core.Internal, "the server failed")
	}
	sql := failed.SQL()
	return &Error{Number: sql.Number, State: sql.State, Msg: failed.Code.String() + ": " + failed.Msg}
}
