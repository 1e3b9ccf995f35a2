package core

import (
	"net/http"
	"testing"
)

// TestErrorTable holds the promises clients build on: what may be repeated by
// itself, and that no failure is left without a number.
func TestErrorTable(t *testing.T) {
	for code := InvalidArgument; code <= Unavailable; code++ {
		sql := Errorf(code, "").SQL()
		if code.String() == "" || code.HTTPStatus() < http.StatusBadRequest || sql.Number < 1000 || len(sql.State) != 5 {
			t.Errorf("code %d is answered as %q, %d, %d %q", code, code, code.HTTPStatus(), sql.Number, sql.State)
		}
		if repeats := sql.State == "40001"; repeats != (code == Conflict || code == Busy) {
			t.Errorf("drivers repeat a %s: %v", code, repeats)
		}
		for _, s := range []Subject{TheInstance, TheCluster, TheUser, ADuplicate, Dependents, AValue} {
			if sql := Errorf(code, "").About(s).SQL(); sql.Number < 1000 || len(sql.State) != 5 || (sql.State == "40001") != (code == Conflict || code == Busy) {
				t.Errorf("%s about %d is answered as %d %q", code, s, sql.Number, sql.State)
			}
		}
	}
}

func TestSubjectsHaveTheirNumber(t *testing.T) {
	for _, c := range []struct {
		err  *Error
		want SQLCode
	}{
		{Errorf(NotFound, ""), SQLCode{1146, "42S02"}},
		{Errorf(NotFound, "").About(TheInstance), SQLCode{1049, "42000"}},
		{Errorf(NotFound, "").About(TheCluster), SQLCode{1146, "42S02"}},
		{Errorf(AlreadyExisted, "").About(TheInstance), SQLCode{1007, "HY000"}},
		{Errorf(AlreadyExisted, "").About(TheCluster), SQLCode{1050, "42S01"}},
		{Errorf(AlreadyExisted, "").About(Dependents), SQLCode{1451, "23000"}},
		{Errorf(InvalidArgument, "").About(Dependents), SQLCode{1451, "23000"}},
		{Errorf(InvalidArgument, "").About(ADuplicate), SQLCode{1062, "23000"}},
		{Errorf(InvalidArgument, "").About(AValue), SQLCode{1231, "42000"}},
		{Errorf(Undetermined, "").About(TheInstance), SQLCode{1180, "HY000"}},
	} {
		if got := c.err.SQL(); got != c.want {
			t.Errorf("%s about %d is %v, want %v", c.err.Code, c.err.Subject(), got, c.want)
		}
	}
}
