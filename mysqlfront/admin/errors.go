package admin

import (
	"errors"
	"fmt"
	"strings"

	"roster/core"
	"roster/mysqlfront/session"
)

// failure is an error of the core with the MySQL error number that fits it best.
type failure struct {
	shown *session.Error
	cause *core.Error
}

func (f *failure) Error() string { return f.shown.Msg }

// Unwrap gives both faces: errors.As finds the number and the core's code.
func (f *failure) Unwrap() []error { return []error{f.shown, f.cause} }

// numbers says which number and SQLSTATE a failure of the core has, by its code
// and a part of its text; the first line that fits counts.
var numbers = []struct {
	code   core.Code
	text   string
	number uint16
	state  string
}{
	{core.NotFound, "failed to get instance", 1049, "42000"},
	{core.NotFound, "instance not existed", 1049, "42000"},
	{core.NotFound, "user ", 1396, "HY000"},
	{core.NotFound, "", 1146, "42S02"},
	{core.AlreadyExisted, "instance already existed", 1007, "HY000"},
	{core.AlreadyExisted, "existing cluster", 1050, "42S01"},
	{core.AlreadyExisted, "virtual cluster", 1451, "23000"},
	{core.AlreadyExisted, "user ", 1396, "HY000"},
	{core.AlreadyExisted, "", 1062, "23000"},
	{core.InvalidArgument, "instance has clusters", 1451, "23000"},
	{core.InvalidArgument, "endpoint has been added", 1062, "23000"},
	{core.InvalidArgument, "is given twice", 1062, "23000"},
	{core.InvalidArgument, "with the same name already exists", 1062, "23000"},
	{core.InvalidArgument, "has a same conf", 1062, "23000"},
	{core.InvalidArgument, "", 1210, "HY000"},
	{core.Conflict, "", 1213, "40001"},
	{core.Undetermined, "", 1180, "HY000"},
	{core.Unavailable, "", 1205, "HY000"},
	{core.PermissionDenied, "", 1227, "42000"},
	{core.TooLarge, "", 1153, "08S01"},
	{core.Internal, "", 1815, "HY000"},
}

// refine gives an error of the core its MySQL error number; the text begins with
// the code as REST has it. Other errors stay as they are.
func refine(err error) error {
	var (
		cause *core.Error
		shown *session.Error
	)
	if errors.As(err, &shown) || !errors.As(err, &cause) {
		return err
	}
	for _, n := range numbers {
		if n.code == cause.Code && strings.Contains(cause.Msg, n.text) {
			return numbered(n.number, n.state, cause)
		}
	}
	return err
}

func numbered(number uint16, state string, cause *core.Error) error {
	return &failure{&session.Error{Number: number, State: state, Msg: cause.Code.String() + ": " + cause.Msg}, cause}
}

// invalid is a failure of an argument.
func invalid(format string, args ...any) error {
	return core.Errorf(core.InvalidArgument, format, args...)
}

// wrongValue is a value that is none of those a field takes.
func wrongValue(field, given, allowed string) error {
	return numbered(1231, "42000", core.Errorf(core.InvalidArgument, "%s is %q, want one of %s", field, clip(given), allowed))
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

// numberOf is the MySQL error number of a refined error, 0 for none.
func numberOf(err error) uint16 {
	var shown *session.Error
	if errors.As(err, &shown) {
		return shown.Number
	}
	return 0
}
