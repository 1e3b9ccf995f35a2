package failpoints

import "context"

type spared struct{}

// Spare keeps the store's failpoints from what a server does by itself, so that
// a count or a chance in a term is for the requests of clients.
func Spare(ctx context.Context) context.Context {
	if !Built {
		return ctx
	}
	return context.WithValue(ctx, spared{}, true)
}

// Spared says whether Spare was called.
func Spared(ctx context.Context) bool { return ctx.Value(spared{}) != nil }
