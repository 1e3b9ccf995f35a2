// Package failpoints is the catalogue of the places where a fault can be forced:
// what each is called, what it does, and what a client then sees. A normal build
// has none of them; make build-failpoint compiles them in.
//
// A place in the code is one call of failpoint.Inject, which the plain compiler
// drops, with Act to do what the point's value says:
//
//	failpoint.Inject("beforeCommit", func(v failpoint.Value) {
//		if failpoints.Act(v) {
//			failpoint.Return(errForced())
//		}
//	})
package failpoints
