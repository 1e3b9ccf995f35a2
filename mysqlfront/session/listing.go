package session

import (
	"context"
	"iter"

	"roster/core"
	pb "roster/core/metapb"
)

// Listing makes rows of an instance, and of nothing else. Its values are
// comparable, and equal ones make equal rows of equal instances.
type Listing interface {
	Columns() []Column
	Rows(doc *pb.InstanceInfoPB) iter.Seq2[Row, error]
}

// Every is where the rows of all instances come from, which Listing makes of one
// after the other. The first column of each is its instance's id.
type Every interface {
	// ChangedInstances is core.Service's.
	ChangedInstances(ctx context.Context, since uint64) (core.ChangedInstances, error)
	// RowsAt are the rows in the snapshot at a version.
	RowsAt(ctx context.Context, version uint64) iter.Seq2[Row, error]
}

// List is the answer that a listing makes of an instance as it was read. The
// instance is decoded when the rows are asked for.
func List(l Listing, of core.Reading) *Result {
	return &Result{Columns: l.Columns(), Listing: l, Reading: of, Rows: func(yield func(Row, error) bool) {
		doc, err := of.Instance()
		if err != nil {
			yield(nil, err)
			return
		}
		l.Rows(doc)(yield)
	}}
}
