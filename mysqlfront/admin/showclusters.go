package admin

import (
	"context"
	"iter"
	"strings"

	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

type clusterRow struct {
	*pb.ClusterPB
	instance string
	revision any
	vaults   any
}

var instanceOfCluster = field[clusterRow]{"Instance", session.Varchar, true, func(r clusterRow) any { return r.instance }}

var clusterFields = []field[clusterRow]{
	{"Cluster", session.Varchar, false, func(r clusterRow) any { return orNull(r.ClusterName) }},
	{"Id", session.Varchar, false, func(r clusterRow) any { return orNull(r.ClusterId) }},
	{"Type", session.Varchar, false, func(r clusterRow) any { return r.GetType().String() }},
	{"Status", session.Varchar, false, func(r clusterRow) any { return statusOf(r.ClusterPB) }},
	{"Nodes", session.BigInt, false, func(r clusterRow) any { return int64(len(r.Nodes)) }},
	{"Users", session.Varchar, false, func(r clusterRow) any { return strings.Join(r.MysqlUserName, ", ") }},
	{"ModifyTime", session.DateTime, false, func(r clusterRow) any { return moment(r.GetMtime()) }},
	{"CreateTime", session.DateTime, true, func(r clusterRow) any { return moment(r.GetCtime()) }},
	{"Version", session.Unsigned, true, func(r clusterRow) any { return r.revision }},
	{definition, session.JSON, true, func(r clusterRow) any { return jsonOf(r.ClusterPB) }},
}

// groupFields are the columns Doris gives compute groups.
var groupFields = []field[clusterRow]{
	{"Name", session.Varchar, false, func(r clusterRow) any { return orNull(r.ClusterName) }},
	// A session of this server works in no compute group.
	{"IsCurrent", session.Varchar, false, func(clusterRow) any { return "FALSE" }},
	{"Users", session.Varchar, false, func(r clusterRow) any { return strings.Join(r.MysqlUserName, ", ") }},
	{"BackendNum", session.BigInt, false, func(r clusterRow) any { return int64(len(r.Nodes)) }},
	{"SubComputeGroups", session.Varchar, false, func(r clusterRow) any { return strings.Join(r.ClusterNames, ", ") }},
	{"Policy", session.Varchar, false, func(r clusterRow) any {
		if r.ClusterPolicy == nil {
			return ""
		}
		return jsonOf(r.ClusterPolicy)
	}},
	{"Properties", session.Varchar, false, func(r clusterRow) any {
		if len(r.GetProperties()) == 0 {
			return ""
		}
		props := jsonOf(&pb.ClusterPB{Properties: r.GetProperties()})
		return strings.TrimSuffix(strings.TrimPrefix(props, `{"properties":`), "}")
	}},
}

var (
	briefFields    = shown(clusterFields, false)
	clusterColumns = columnsOf("clusters", briefFields)
	groupColumns   = columnsOf("clusters", groupFields)

	placedFields       = append([]field[clusterRow]{instanceOfCluster}, briefFields...)
	placedColumns      = columnsOf("clusters", placedFields)
	placedGroupFields  = append([]field[clusterRow]{instanceOfCluster}, groupFields...)
	placedGroupColumns = columnsOf("clusters", placedGroupFields)
)

// clusterListing are the clusters, or the compute groups, of an instance, or of one
// of all instances, when they are shown with it.
type clusterListing struct{ groups, all bool }

func (l clusterListing) shape() ([]field[clusterRow], []session.Column) {
	switch {
	case l.groups && l.all:
		return placedGroupFields, placedGroupColumns
	case l.all:
		return placedFields, placedColumns
	case l.groups:
		return groupFields, groupColumns
	default:
		return briefFields, clusterColumns
	}
}

// Columns is session.Listing's.
func (l clusterListing) Columns() []session.Column {
	_, columns := l.shape()
	return columns
}

// Rows is session.Listing's.
func (l clusterListing) Rows(doc *pb.InstanceInfoPB) iter.Seq2[session.Row, error] {
	fields, _ := l.shape()
	return func(yield func(session.Row, error) bool) {
		row := clusterRow{instance: doc.GetInstanceId()}
		for _, row.ClusterPB = range doc.Clusters {
			if row.listed(l.groups) && !yield(rowOf(fields, row), nil) {
				return
			}
		}
	}
}

// listed leaves out what is no compute group of Doris: what runs no queries.
func (r clusterRow) listed(groups bool) bool { return !groups || r.GetType() != pb.ClusterPB_SQL }

// showClusters lists the clusters of one instance or of all.
type showClusters struct {
	Full   bool   `parser:"'SHOW' @'FULL'? ( 'CLUSTERS'"`
	Groups bool   `parser:"| @( 'COMPUTE' 'GROUPS' ) )"`
	Scope  *scope `parser:"@@?"`
	filter
}

// plain says that each row follows from its instance's document alone.
func (s *showClusters) plain() bool { return (s.Groups || !s.Full) && s.empty() }

func (s *showClusters) fields() []field[clusterRow] {
	fields := shown(clusterFields, s.Full)
	if s.Groups {
		fields = groupFields
	}
	switch {
	case s.Scope != nil && s.Scope.All:
		return append([]field[clusterRow]{instanceOfCluster}, fields...)
	case s.Full && !s.Groups:
		return append(fields, instanceOfCluster)
	}
	return fields
}

func (s *showClusters) columns() []session.Column { return columnsOf("clusters", s.fields()) }

func (s *showClusters) run(ctx context.Context, x *execution) (*session.Result, error) {
	if s.plain() {
		return x.listing(ctx, s.Scope, clusterListing{s.Groups, s.Scope != nil && s.Scope.All})
	}
	docs, err := x.scoped(ctx, s.Scope)
	if err != nil {
		return nil, err
	}
	rows := spread(docs, func(doc *pb.InstanceInfoPB, yield func(clusterRow) bool) (err error) {
		row := clusterRow{instance: doc.GetInstanceId()}
		if s.Full && len(doc.Clusters) > 0 {
			if row.revision, err = x.revision(ctx, row.instance); err != nil {
				return err
			}
		}
		for _, row.ClusterPB = range doc.Clusters {
			if row.listed(s.Groups) && !yield(row) {
				return nil
			}
		}
		return nil
	})
	like := "Cluster"
	if s.Groups {
		like = "Name"
	}
	return x.filtered(list{s.columns(), like, rowsOf(s.fields(), rows)}, &s.filter)
}

var oneClusterFields = append(append([]field[clusterRow]{instanceOfCluster}, clusterFields...),
	field[clusterRow]{"EnableStorageVault", session.Varchar, true, func(r clusterRow) any { return r.vaults }})

// showCluster is get_cluster: by id, by name, by user, or all with their
// definitions.
type showCluster struct {
	All     bool        `parser:"'SHOW' ( 'CLUSTER' | 'COMPUTE' 'GROUP' ) ( @'*'"`
	User    *value      `parser:"| 'OF' 'USER' @@"`
	Cluster *clusterRef `parser:"| @@ )"`
	Scope   *scope      `parser:"@@?"`
}

func (s *showCluster) columns() []session.Column { return columnsOf("clusters", oneClusterFields) }

func (s *showCluster) run(ctx context.Context, x *execution) (*session.Result, error) {
	p, err := x.place(ctx, s.Scope)
	if err != nil {
		return nil, err
	}
	holder, err := p.holder()
	if err != nil {
		return nil, err
	}
	req := &pb.GetClusterRequest{InstanceId: orNil(p.instance), CloudUniqueId: orNil(holder)}
	if s.Cluster != nil {
		id, name, err := x.ref(s.Cluster)
		if err != nil {
			return nil, err
		}
		req.ClusterId, req.ClusterName = orNil(id), orNil(name)
	}
	if s.User != nil {
		user, err := x.text(s.User)
		if err != nil {
			return nil, err
		}
		req.MysqlUserName = &user
	}
	resp, err := x.GetCluster(ctx, req)
	if err != nil {
		return nil, err
	}
	row := clusterRow{instance: p.instance, vaults: yesNo(resp.GetEnableStorageVault())}
	if row.instance != "" {
		if row.revision, err = x.revision(ctx, row.instance); err != nil {
			return nil, err
		}
	}
	var rows []session.Row
	for _, row.ClusterPB = range resp.GetCluster() {
		rows = append(rows, rowOf(oneClusterFields, row))
	}
	return &session.Result{Columns: s.columns(), Rows: session.Rows(rows...)}, nil
}
