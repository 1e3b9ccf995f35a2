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
	// DryRun checks and answers a change without writing anything.
	DryRun bool
	// IfRevision, if not 0, refuses a change of an instance with Conflict unless
	// the last one has this revision (HistoryPB.revision).
	IfRevision uint64
	// Reveal lets replies carry secret keys in clear; without it they are masked.
	Reveal bool
}

type callKey struct{}

// WithCall attaches call to ctx for the operations run under it.
func WithCall(ctx context.Context, call Call) context.Context {
	return &calling{ctx, call}
}

// calling is what context.WithValue would make, in one piece.
type calling struct {
	context.Context
	call Call
}

func (c *calling) Value(key any) any {
	if _, ok := key.(callKey); ok {
		return &c.call
	}
	return c.Context.Value(key)
}

type versionKey struct{}

// WithVersion makes the reads under ctx read the store as it was at a version (see
// VersionAt); 0 is the latest. A version the store no longer keeps is
// InvalidArgument.
func WithVersion(ctx context.Context, version uint64) context.Context {
	return context.WithValue(ctx, versionKey{}, version)
}

func versionOf(ctx context.Context) uint64 {
	version, _ := ctx.Value(versionKey{}).(uint64)
	return version
}

// CallOf is the call attached to ctx, or the zero Call: a nameless caller who
// may see no secret.
func CallOf(ctx context.Context) Call {
	if call, ok := ctx.Value(callKey{}).(*Call); ok {
		return *call
	}
	return Call{}
}
