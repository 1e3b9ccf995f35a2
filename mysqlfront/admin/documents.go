package admin

import (
	"context"
	"iter"

	"roster/core"
	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

// pageSize is how many records a listing reads at once.
const pageSize = 500

// pinned makes all reads of a listing see one snapshot.
func (x *execution) pinned(ctx context.Context) (context.Context, error) {
	if x.session.Snapshot != 0 {
		return ctx, nil
	}
	version, err := x.Version(ctx)
	return core.WithVersion(ctx, version), err
}

// documents are all instances the user may see, read page by page.
func (x *execution) documents(ctx context.Context) iter.Seq2[*pb.InstanceInfoPB, error] {
	return func(yield func(*pb.InstanceInfoPB, error) bool) {
		if own := x.session.Instance; own != "" {
			doc, err := x.document(ctx, place{instance: own})
			if isNotFound(err) {
				return
			}
			yield(doc, err)
			return
		}
		ctx, err := x.pinned(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		x.pages(ctx)(yield)
	}
}

// pages are all instances in the snapshot of ctx.
func (x *execution) pages(ctx context.Context) iter.Seq2[*pb.InstanceInfoPB, error] {
	return func(yield func(*pb.InstanceInfoPB, error) bool) {
		for after, more := "", true; more; {
			var (
				page []*pb.InstanceInfoPB
				err  error
			)
			page, more, err = x.ListInstances(ctx, after, pageSize)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, doc := range page {
				after = doc.GetInstanceId()
				if !yield(doc, nil) {
					return
				}
			}
			more = more && len(page) > 0
		}
	}
}

// scoped are the instances a listing is about: one, or all.
func (x *execution) scoped(ctx context.Context, s *scope) (iter.Seq2[*pb.InstanceInfoPB, error], error) {
	if s != nil && s.All {
		return x.documents(ctx), nil
	}
	p, err := x.place(ctx, s)
	if err != nil {
		return nil, err
	}
	doc, err := x.document(ctx, p)
	return each([]*pb.InstanceInfoPB{doc}), err
}

// listing is what a listing makes of one instance, or of all.
func (x *execution) listing(ctx context.Context, s *scope, l session.Listing) (*session.Result, error) {
	if s != nil && s.All {
		return x.every(ctx, l), nil
	}
	p, err := x.place(ctx, s)
	if err != nil {
		return nil, err
	}
	reading, err := x.reading(ctx, p)
	if err != nil {
		return nil, err
	}
	return session.List(l, reading), nil
}

// every is what a listing makes of all instances the user may see. Those of a user
// of one instance, or in a transaction, are nobody else's.
func (x *execution) every(ctx context.Context, l session.Listing) *session.Result {
	result := &session.Result{Columns: l.Columns(), Rows: x.listed(l, x.documents(ctx))}
	if x.session.Instance == "" && x.session.Snapshot == 0 {
		result.Listing, result.Every = l, everywhere{x, l}
	}
	return result
}

// everywhere is session.Every for a listing.
type everywhere struct {
	*execution
	listing session.Listing
}

// RowsAt is session.Every's.
func (e everywhere) RowsAt(ctx context.Context, version uint64) iter.Seq2[session.Row, error] {
	return e.listed(e.listing, e.pages(core.WithVersion(ctx, version)))
}

func (x *execution) listed(l session.Listing, docs iter.Seq2[*pb.InstanceInfoPB, error]) iter.Seq2[session.Row, error] {
	return x.cut(spread(docs, func(doc *pb.InstanceInfoPB, yield func(session.Row) bool) error {
		for row, err := range l.Rows(doc) {
			if err != nil || !yield(row) {
				return err
			}
		}
		return nil
	}), 0, -1)
}

// spread lists what lies in each of several things.
func spread[T, U any](things iter.Seq2[T, error], in func(T, func(U) bool) error) iter.Seq2[U, error] {
	return func(yield func(U, error) bool) {
		var zero U
		for thing, err := range things {
			stopped := false
			if err == nil {
				err = in(thing, func(u U) bool {
					stopped = !yield(u, nil)
					return !stopped
				})
			}
			if err != nil {
				yield(zero, err)
				return
			}
			if stopped {
				return
			}
		}
	}
}
