package admin

import (
	"context"
	"iter"

	"roster/core"
	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

// showClusterStatus is get_cluster_status.
type showClusterStatus struct {
	Instances *values `parser:"'SHOW' 'CLUSTER' 'STATUS' ( ( 'IN' | 'FROM' ) 'INSTANCES' @@"`
	Uniques   *values `parser:"| ( 'IN' | 'FROM' ) 'UNIQUE' 'IDS' @@"`
	Scope     *scope  `parser:"| @@ )?"`
	Status    *value  `parser:"( 'STATUS' '=' @@ )?"`
	filter
}

var statusFields = []field[clusterRow]{
	{"Instance", session.Varchar, false, instanceOfCluster.get},
	clusterFields[0],
	clusterFields[1],
	{"Status", session.Varchar, false, func(r clusterRow) any { return r.GetClusterStatus().String() }},
}

func (s *showClusterStatus) columns() []session.Column { return columnsOf("clusters", statusFields) }

func (s *showClusterStatus) run(ctx context.Context, x *execution) (*session.Result, error) {
	requests, err := s.requests(ctx, x)
	if err != nil {
		return nil, err
	}
	var status *pb.ClusterStatus
	if s.Status != nil {
		given, err := x.text(s.Status)
		if err != nil {
			return nil, err
		}
		wanted, err := x.clusterStatus(given)
		if err != nil {
			return nil, err
		}
		status = &wanted
	}
	rows := spread(requests, func(req *pb.GetClusterStatusRequest, yield func(clusterRow) bool) error {
		req.Status = status
		resp, err := x.GetClusterStatus(ctx, req)
		if err != nil {
			return err
		}
		for _, detail := range resp.GetDetails() {
			for _, c := range detail.GetClusters() {
				if !yield(clusterRow{ClusterPB: c, instance: detail.GetInstanceId()}) {
					return nil
				}
			}
		}
		return nil
	})
	return x.filtered(list{s.columns(), "Cluster", rowsOf(statusFields, rows)}, &s.filter)
}

// requests are one, or for all instances as many as there are pages.
func (s *showClusterStatus) requests(ctx context.Context, x *execution) (iter.Seq2[*pb.GetClusterStatusRequest, error], error) {
	req := new(pb.GetClusterStatusRequest)
	var err error
	switch {
	case s.Scope != nil && s.Scope.All:
		return x.statusPages(ctx), nil
	case s.Instances != nil:
		if req.InstanceIds, err = x.list(s.Instances); err != nil {
			return nil, err
		}
		for _, id := range req.InstanceIds {
			if _, err := x.confine(ctx, place{instance: id}); err != nil {
				return nil, err
			}
		}
	case s.Uniques != nil:
		if req.CloudUniqueIds, err = x.list(s.Uniques); err != nil {
			return nil, err
		}
		if err := x.confineAll(ctx, req); err != nil {
			return nil, err
		}
	default:
		p, err := x.place(ctx, s.Scope)
		if err != nil {
			return nil, err
		}
		if p.instance != "" {
			req.InstanceIds = []string{p.instance}
		} else {
			req.CloudUniqueIds = []string{p.uniqueID}
		}
	}
	return each([]*pb.GetClusterStatusRequest{req}), nil
}

func (x *execution) confineAll(ctx context.Context, req *pb.GetClusterStatusRequest) error {
	if x.session.Instance == "" {
		return nil
	}
	for _, id := range req.CloudUniqueIds {
		if _, err := x.confine(ctx, place{uniqueID: id}); err != nil {
			return err
		}
	}
	req.InstanceIds, req.CloudUniqueIds = []string{x.session.Instance}, nil
	return nil
}

// statusPages asks about all instances, as many at once as one call may name.
func (x *execution) statusPages(ctx context.Context) iter.Seq2[*pb.GetClusterStatusRequest, error] {
	return func(yield func(*pb.GetClusterStatusRequest, error) bool) {
		req := new(pb.GetClusterStatusRequest)
		for doc, err := range x.documents(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			req.InstanceIds = append(req.InstanceIds, doc.GetInstanceId())
			if len(req.InstanceIds) == core.MaxInstances {
				if !yield(req, nil) {
					return
				}
				req = new(pb.GetClusterStatusRequest)
			}
		}
		if req.InstanceIds != nil {
			yield(req, nil)
		}
	}
}
