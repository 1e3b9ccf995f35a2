package admin

import (
	"context"

	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

// showTabletStats is get_tablet_stats.
type showTabletStats struct {
	Scope   *scope       `parser:"'ADMIN' 'SHOW' 'TABLET' 'STATS' @@?"`
	Tablets []properties `parser:"( @@ ( ',' @@ )* )?"`
}

var tabletFields = []field[*pb.TabletStatsPB]{
	{"TabletId", session.BigInt, false, func(t *pb.TabletStatsPB) any { return t.GetIdx().GetTabletId() }},
	{"TableId", session.BigInt, false, func(t *pb.TabletStatsPB) any { return t.GetIdx().GetTableId() }},
	{"IndexId", session.BigInt, false, func(t *pb.TabletStatsPB) any { return t.GetIdx().GetIndexId() }},
	{"PartitionId", session.BigInt, false, func(t *pb.TabletStatsPB) any { return t.GetIdx().GetPartitionId() }},
	{"DataSize", session.BigInt, false, func(t *pb.TabletStatsPB) any { return whole(t.DataSize) }},
	{"Rows", session.BigInt, false, func(t *pb.TabletStatsPB) any { return whole(t.NumRows) }},
	{"Rowsets", session.BigInt, false, func(t *pb.TabletStatsPB) any { return whole(t.NumRowsets) }},
	{"Segments", session.BigInt, false, func(t *pb.TabletStatsPB) any { return whole(t.NumSegments) }},
	{definition, session.JSON, false, func(t *pb.TabletStatsPB) any { return jsonOf(t) }},
}

func (c *showTabletStats) columns() []session.Column { return columnsOf("tablet_stats", tabletFields) }

func (c *showTabletStats) run(ctx context.Context, x *execution) (*session.Result, error) {
	holder, err := x.holder(ctx, c.Scope)
	if err != nil {
		return nil, err
	}
	req := &pb.GetTabletStatsRequest{CloudUniqueId: orNil(holder)}
	for i := range c.Tablets {
		idx := new(pb.TabletIndexPB)
		if err := x.assign(idx, &c.Tablets[i]); err != nil {
			return nil, err
		}
		req.TabletIdx = append(req.TabletIdx, idx)
	}
	resp, err := x.GetTabletStats(ctx, req)
	if err != nil {
		return nil, err
	}
	return &session.Result{Columns: c.columns(), Rows: rowsOf(tabletFields, each(resp.GetTabletStats()))}, nil
}

// holder is the cloud_unique_id that names the instance of a scope.
func (x *execution) holder(ctx context.Context, s *scope) (string, error) {
	p, err := x.place(ctx, s)
	if err != nil {
		return "", err
	}
	return p.holder()
}

// abortTxn is abort_txn.
type abortTxn struct {
	Scope      *scope      `parser:"'ADMIN' 'ABORT' ( 'TXN' | 'TRANSACTION' ) @@?"`
	Properties *properties `parser:"@@?"`
	modes
}

func (c *abortTxn) run(ctx context.Context, x *execution) (*session.Result, error) {
	holder, err := x.holder(ctx, c.Scope)
	if err != nil {
		return nil, err
	}
	req := new(pb.AbortTxnRequest)
	if err := x.assign(req, c.Properties); err != nil {
		return nil, err
	}
	req.CloudUniqueId = orNil(holder)
	if _, err := x.AbortTxn(ctx, req); err != nil {
		return nil, err
	}
	return x.done(), nil
}

// abortTabletJob is abort_tablet_job; its properties are those of the job, and
// tablet_id and id for short.
type abortTabletJob struct {
	Scope      *scope      `parser:"'ADMIN' 'ABORT' 'TABLET' 'JOB' @@?"`
	Properties *properties `parser:"@@?"`
	modes
}

var jobAliases = map[string]string{"tablet_id": "idx.tablet_id", "id": "compaction.id"}

func (c *abortTabletJob) run(ctx context.Context, x *execution) (*session.Result, error) {
	holder, err := x.holder(ctx, c.Scope)
	if err != nil {
		return nil, err
	}
	req := &pb.FinishTabletJobRequest{CloudUniqueId: orNil(holder), Action: pb.FinishTabletJobRequest_ABORT.Enum(), Job: new(pb.TabletJobInfoPB)}
	if c.Properties != nil {
		given := new(properties)
		for _, p := range c.Properties.List {
			path, err := x.name(&p.Path)
			if err != nil {
				return nil, err
			}
			if alias := jobAliases[path]; alias != "" {
				p.Path.Token = quote(alias)
			}
			given.List = append(given.List, p)
		}
		if err := x.assign(req.Job, given); err != nil {
			return nil, err
		}
	}
	if _, err := x.AbortTabletJob(ctx, req); err != nil {
		return nil, err
	}
	return x.done(), nil
}

// showFragments is cloud_cluster_status, answered from the records: what they do
// not know is -1 or 0.
type showFragments struct {
	Scope *scope `parser:"'ADMIN' 'SHOW' 'FRAGMENTS' @@?"`
}

var fragmentFields = []field[nodeRow]{
	{"ClusterId", session.Varchar, false, func(r nodeRow) any { return r.cluster.GetClusterId() }},
	{"Host", session.Varchar, false, func(r nodeRow) any { return addressOf(r.NodeInfoPB) }},
	{"HeartbeatPort", session.BigInt, false, func(r nodeRow) any { return int64(r.GetHeartbeatPort()) }},
	{"BePort", session.BigInt, false, func(nodeRow) any { return int64(-1) }},
	{"HttpPort", session.BigInt, false, func(nodeRow) any { return int64(-1) }},
	{"BrpcPort", session.BigInt, false, func(nodeRow) any { return int64(-1) }},
	{"CurrentFragmentNum", session.BigInt, false, func(nodeRow) any { return int64(0) }},
	{"LastFragmentUpdateTime", session.BigInt, false, func(nodeRow) any { return int64(0) }},
}

func (c *showFragments) columns() []session.Column { return columnsOf("fragments", fragmentFields) }

func (c *showFragments) run(ctx context.Context, x *execution) (*session.Result, error) {
	docs, err := x.scoped(ctx, c.Scope)
	if err != nil {
		return nil, err
	}
	rows := spread(docs, func(doc *pb.InstanceInfoPB, yield func(nodeRow) bool) error {
		for _, cluster := range doc.GetClusters() {
			if cluster.GetType() != pb.ClusterPB_COMPUTE {
				continue
			}
			for _, n := range cluster.Nodes {
				if !yield(nodeRow{n, cluster, doc.GetInstanceId()}) {
					return nil
				}
			}
		}
		return nil
	})
	return x.filtered(list{c.columns(), "ClusterId", rowsOf(fragmentFields, rows)}, &filter{})
}
