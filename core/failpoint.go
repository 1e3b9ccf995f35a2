package core

import (
	"errors"

	"roster/failpoints"
)

// FailpointError gives an error of package failpoints, which may be nil, the code
// that clients get.
func FailpointError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, failpoints.ErrUnknown):
		return Errorf(NotFound, "%v", err)
	case errors.Is(err, failpoints.ErrTerm):
		return Errorf(InvalidArgument, "%v", err)
	}
	return Errorf(Internal, "the failpoint cannot be switched").Because(err)
}
