package admin

import (
	"context"
	"iter"
	"strings"
	"time"

	"roster/core"
	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

var historyFields = []field[*pb.HistoryPB]{
	{"Time", session.DateTime, false, func(h *pb.HistoryPB) any {
		if h.TimeMs == nil {
			return nil
		}
		return time.UnixMilli(h.GetTimeMs())
	}},
	{"Revision", session.Unsigned, false, func(h *pb.HistoryPB) any { return orNull(h.Revision) }},
	{"Actor", session.Varchar, false, func(h *pb.HistoryPB) any { return orNull(h.Caller) }},
	{"Via", session.Varchar, false, func(h *pb.HistoryPB) any {
		if h.GetFront() == "sql" {
			return "MYSQL"
		}
		return strings.ToUpper(h.GetFront())
	}},
	{"Operation", session.Varchar, false, func(h *pb.HistoryPB) any { return orNull(h.Operation) }},
	{"Object", session.Varchar, false, func(h *pb.HistoryPB) any {
		if h.GetTarget() == "" {
			return h.GetInstanceId()
		}
		return h.GetInstanceId() + "/" + h.GetTarget()
	}},
	{"Change", session.JSON, false, func(h *pb.HistoryPB) any { return orNull(h.Request) }},
	{"Result", session.Varchar, false, func(h *pb.HistoryPB) any { return orNull(h.Outcome) }},
	{"Instance", session.Varchar, true, func(h *pb.HistoryPB) any { return orNull(h.InstanceId) }},
	{"Target", session.Varchar, true, func(h *pb.HistoryPB) any { return orNull(h.Target) }},
	{"OperationId", session.Varchar, true, func(h *pb.HistoryPB) any { return orNull(h.OperationId) }},
	{"Forced", session.Varchar, true, func(h *pb.HistoryPB) any { return yesNo(h.GetForced()) }},
}

// showHistory lists what was done, the latest first.
type showHistory struct {
	Full     bool        `parser:"'SHOW' @'FULL'? 'HISTORY'"`
	Instance *name       `parser:"( 'OF' ( ( 'INSTANCE' | 'WAREHOUSE' ) @@"`
	Cluster  *clusterRef `parser:"| 'CLUSTER' @@ ) )?"`
	Scope    *scope      `parser:"@@?"`
	filter
}

func (s *showHistory) columns() []session.Column {
	return columnsOf("history", shown(historyFields, s.Full))
}

func (s *showHistory) run(ctx context.Context, x *execution) (*session.Result, error) {
	instance, err := s.instance(ctx, x)
	if err != nil {
		return nil, err
	}
	records := x.records(ctx, instance)
	if s.Cluster != nil {
		if records, err = s.ofCluster(ctx, x, instance, records); err != nil {
			return nil, err
		}
	}
	return x.filtered(list{s.columns(), "Operation", rowsOf(shown(historyFields, s.Full), records)}, &s.filter)
}

// instance is the one the statement is about, "" for all.
func (s *showHistory) instance(ctx context.Context, x *execution) (string, error) {
	if s.Instance != nil {
		p, err := x.named(ctx, s.Instance)
		return p.instance, err
	}
	everywhere := s.Scope != nil && s.Scope.All || s.Scope == nil && s.Cluster == nil && isSystem(x.database())
	if everywhere {
		return x.session.Instance, nil
	}
	p, err := x.place(ctx, s.Scope)
	if err != nil || p.instance != "" {
		return p.instance, err
	}
	doc, err := x.document(ctx, p)
	return doc.GetInstanceId(), err
}

// database is the current one, "roster" for none.
func (x *execution) database() string {
	if x.session.Database == "" {
		return "roster"
	}
	return x.session.Database
}

// ofCluster keeps the changes of one cluster, which may be gone by now.
func (s *showHistory) ofCluster(ctx context.Context, x *execution, instance string, records iter.Seq2[*pb.HistoryPB, error]) (iter.Seq2[*pb.HistoryPB, error], error) {
	id, called, err := x.ref(s.Cluster)
	if err != nil {
		return nil, err
	}
	if id == "" {
		doc, err := x.document(ctx, place{instance: instance})
		if err != nil {
			return nil, err
		}
		id = findCluster(doc, "", called).GetClusterId()
	}
	return func(yield func(*pb.HistoryPB, error) bool) {
		for r, err := range records {
			about := r.GetTarget() != "" && (r.GetTarget() == id || r.GetTarget() == called)
			if (err != nil || about) && !yield(r, err) {
				return
			}
		}
	}, nil
}

// records are the history of an instance, or of all, read page by page.
func (x *execution) records(ctx context.Context, instance string) iter.Seq2[*pb.HistoryPB, error] {
	return func(yield func(*pb.HistoryPB, error) bool) {
		ctx, err := x.pinned(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		q := core.HistoryQuery{Instance: instance, Limit: pageSize, Reverse: true}
		for {
			page, next, err := x.History(ctx, q)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
			}
			if next == nil {
				return
			}
			q.After = next
		}
	}
}
