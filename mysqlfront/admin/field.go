package admin

import (
	"time"

	pb "roster/core/metapb"
	"roster/core/seal"
	"roster/mysqlfront/session"
)

// field is a column of a listing of T. Those in full only show after SHOW FULL.
type field[T any] struct {
	name string
	kind session.Type
	full bool
	get  func(T) any
}

// shown are the fields a listing shows.
func shown[T any](fields []field[T], full bool) []field[T] {
	var some []field[T]
	for _, f := range fields {
		if full || !f.full {
			some = append(some, f)
		}
	}
	return some
}

// columnsOf declares the columns of fields.
func columnsOf[T any](table string, fields []field[T]) []session.Column {
	columns := make([]session.Column, len(fields))
	for i, f := range fields {
		columns[i] = session.Column{Table: table, Name: f.name, Type: f.kind}
	}
	return columns
}

func rowOf[T any](fields []field[T], of T) session.Row {
	row := make(session.Row, len(fields))
	for i, f := range fields {
		row[i] = f.get(of)
	}
	return row
}

// orNull is NULL for a field that is not set.
func orNull[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// whole is orNull for a whole number.
func whole[N int32 | int64](p *N) any {
	if p == nil {
		return nil
	}
	return int64(*p)
}

// moment is a time in seconds since 1970, NULL for none.
func moment(seconds int64) any {
	if seconds == 0 {
		return nil
	}
	return time.Unix(seconds, 0)
}

func yesNo(b bool) any {
	if b {
		return "YES"
	}
	return "NO"
}

// masked stands for a secret that is set.
func masked(secret *string) any {
	if secret == nil {
		return nil
	}
	return seal.Masked
}

// statusOf is a cluster's status; one never set reads NORMAL, but SQL clusters
// have none.
func statusOf(c *pb.ClusterPB) any {
	if c.ClusterStatus != nil {
		return c.GetClusterStatus().String()
	}
	if c.GetType() == pb.ClusterPB_COMPUTE {
		return pb.ClusterStatus_NORMAL.String()
	}
	return nil
}
