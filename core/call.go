package core

import "context"

// Call is what an operation knows of its caller besides the request.
type Call struct {
	// Front names the way in: "rest", "sql".
	Front string
	// Caller names who asks, as history shows it. Never a secret.
	Caller string
	// RequestID is the caller's own id for a mutation, at most 256 bytes, or "".
	// A repeat with the same id and request changes nothing and succeeds.
	RequestID string
	// Force overrides the guard on dropping a young frontend (contract R20).
	Force bool
	// Reveal lets replies carry secret keys in clear; without it they are masked.
	Reveal bool
}

type callKey struct{}

// WithCall attaches call to ctx for the operations run under it.
func WithCall(ctx context.Context, call Call) context.Context {
	return context.WithValue(ctx, callKey{}, call)
}

// CallOf is the call attached to ctx, or the zero Call: a nameless caller who
// may see no secret.
func CallOf(ctx context.Context) Call {
	call, _ := ctx.Value(callKey{}).(Call)
	return call
}
