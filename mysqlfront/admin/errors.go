package admin

import (
	"fmt"
	"strings"

	"roster/core"
	"roster/mysqlfront/session"
)

// invalid is a failure of an argument.
func invalid(format string, args ...any) error {
	return core.Errorf(core.InvalidArgument, format, args...)
}

// wrongValue is a value that is none of those a field takes.
func wrongValue(field, given, allowed string) error {
	return core.Errorf(core.InvalidArgument, "%s is %q, want one of %s", field, clip(given), allowed).About(core.AValue)
}

func fail(number uint16, state, format string, args ...any) error {
	return &session.Error{Number: number, State: state, Msg: fmt.Sprintf(format, args...)}
}

// denied is what a user of one instance is told of all others, there or not.
func denied(user, instance string) error {
	return fail(1044, "42000", "Access denied for user '%s' to instance '%s'", clip(user), clip(instance))
}

// syntaxError points at where a statement cannot be read.
func syntaxError(src string, offset int, why string) error {
	line := 1 + strings.Count(src[:min(offset, len(src))], "\n")
	return fail(1064, "42000", "You have an error in your SQL syntax near '%s' at line %d, position %d: %s", near(src, offset), line, offset+1, why)
}

// clip bounds what an error repeats of a statement.
func clip(s string) string {
	if len(s) <= core.MaxNameBytes {
		return s
	}
	return strings.ToValidUTF8(s[:core.MaxNameBytes], "") + "..."
}

func isNotFound(err error) bool { return err != nil && core.CodeOf(err) == core.NotFound }
