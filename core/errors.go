package core

import (
	"errors"
	"fmt"
	"net/http"
)

// Code is the kind of a failure. Every front derives what it answers from it,
// so that the same failure reads the same everywhere.
type Code int

const (
	// OK means no failure.
	OK Code = iota
	// InvalidArgument means: the request is wrong as it stands or the state refuses it.
	InvalidArgument
	// NotFound means: the instance, cluster, node or record named is not there.
	NotFound
	// AlreadyExisted means: the name, id or endpoint is taken.
	AlreadyExisted
	// Internal means: the server failed; nothing was written.
	Internal
	// Conflict means: every optimistic try lost; nothing was written, retry is safe.
	Conflict
	// Undetermined means: the commit's outcome could not be learnt.
	Undetermined
	// PermissionDenied means: the caller's role does not allow the operation.
	PermissionDenied
	// TooLarge means: the request is over a size limit; nothing was read of it.
	TooLarge
	// Busy means: too many changes of the instance wait already; nothing was written,
	// retry is safe.
	Busy
	// Unavailable means: the store cannot be reached, or the server is stopping;
	// nothing was written.
	Unavailable
)

// codes is the one table from a code to what the fronts answer. MySQL clients act
// on their number: a driver repeats 1213 by itself, and must never repeat 1180.
var codes = [...]struct {
	name   string
	status int
	sql    SQLCode
}{
	OK:               {"OK", http.StatusOK, SQLCode{0, "00000"}},
	InvalidArgument:  {"INVALID_ARGUMENT", http.StatusBadRequest, SQLCode{1210, "HY000"}},
	NotFound:         {"NOT_FOUND", http.StatusNotFound, SQLCode{1146, "42S02"}},
	AlreadyExisted:   {"ALREADY_EXISTED", http.StatusConflict, SQLCode{1062, "23000"}},
	Internal:         {"INTERNAL_ERROR", http.StatusInternalServerError, SQLCode{1815, "HY000"}},
	Conflict:         {"CONFLICT", http.StatusConflict, SQLCode{1213, "40001"}},
	Undetermined:     {"UNDETERMINED", http.StatusInternalServerError, SQLCode{1180, "HY000"}},
	PermissionDenied: {"PERMISSION_DENIED", http.StatusForbidden, SQLCode{1227, "42000"}},
	TooLarge:         {"INVALID_ARGUMENT", http.StatusRequestEntityTooLarge, SQLCode{1153, "08S01"}},
	Busy:             {"CONFLICT", http.StatusTooManyRequests, SQLCode{1213, "40001"}},
	Unavailable:      {"INTERNAL_ERROR", http.StatusServiceUnavailable, SQLCode{1205, "HY000"}},
}

// SQLCode is how MySQL tells failures apart.
type SQLCode struct {
	Number uint16
	State  string
}

// String is the code as replies carry it (contract R1).
func (c Code) String() string { return codes[c].name }

// HTTPStatus is the status a REST reply with this code has.
func (c Code) HTTPStatus() int { return codes[c].status }

// Error is a failure a client may read. Msg names the field, the value (never a
// secret), the rule and, where there is one, the next step. Cause is for the log.
type Error struct {
	Code  Code
	Msg   string
	Cause error

	subject Subject
}

func (e *Error) Error() string { return e.Msg }

func (e *Error) Unwrap() error { return e.Cause }

// Errorf builds an Error.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Msg: fmt.Sprintf(format, args...)}
}

// Because attaches the cause that only the log shall see.
func (e *Error) Because(cause error) *Error {
	e.Cause = cause
	return e
}

// Passing reports whether the same request may succeed a moment later.
func (c Code) Passing() bool { return c == Conflict || c == Busy || c == Unavailable }

// CodeOf is the code of err: OK for nil, Internal for anything but an Error.
func CodeOf(err error) Code {
	if err == nil {
		return OK
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}
