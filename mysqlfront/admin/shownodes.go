package admin

import (
	"context"
	"strings"

	"roster/core"
	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

type nodeRow struct {
	*pb.NodeInfoPB
	cluster  *pb.ClusterPB
	instance string
}

var nodeFields = []field[nodeRow]{
	{"Cluster", session.Varchar, false, func(r nodeRow) any { return orNull(r.cluster.ClusterName) }},
	{"CloudUniqueId", session.Varchar, false, func(r nodeRow) any { return orNull(r.CloudUniqueId) }},
	{"NodeType", session.Varchar, false, nodeType},
	{"Ip", session.Varchar, false, func(r nodeRow) any { return orNull(r.Ip) }},
	{"Host", session.Varchar, false, func(r nodeRow) any { return orNull(r.Host) }},
	{"HeartbeatPort", session.BigInt, false, func(r nodeRow) any { return whole(r.HeartbeatPort) }},
	{"EditLogPort", session.BigInt, false, func(r nodeRow) any { return whole(r.EditLogPort) }},
	{"ModifyTime", session.DateTime, false, func(r nodeRow) any { return moment(r.GetMtime()) }},
	{"Instance", session.Varchar, true, func(r nodeRow) any { return r.instance }},
	{"ClusterId", session.Varchar, true, func(r nodeRow) any { return orNull(r.cluster.ClusterId) }},
	{"CreateTime", session.DateTime, true, func(r nodeRow) any { return moment(r.GetCtime()) }},
	{"Status", session.Varchar, true, func(r nodeRow) any {
		return strings.TrimPrefix(r.GetStatus().String(), "NODE_STATUS_")
	}},
	{definition, session.JSON, true, func(r nodeRow) any { return jsonOf(r.NodeInfoPB) }},
}

func nodeType(r nodeRow) any {
	if r.cluster.GetType() == pb.ClusterPB_COMPUTE {
		return "BE"
	}
	return r.GetNodeType().String()
}

// showNodes lists nodes: of all kinds, or only backends or frontends.
type showNodes struct {
	Full    bool        `parser:"'SHOW' @'FULL'?"`
	Kind    string      `parser:"@( 'NODES' | 'BACKENDS' | 'FRONTENDS' )"`
	Cluster *clusterRef `parser:"( 'OF' ( 'CLUSTER' | 'COMPUTE' 'GROUP' ) @@ )?"`
	Scope   *scope      `parser:"@@?"`
	filter
}

func (s *showNodes) fields() []field[nodeRow] {
	fields := shown(nodeFields, s.Full)
	if s.Scope == nil || !s.Scope.All || s.Full {
		return fields
	}
	return append([]field[nodeRow]{{"Instance", session.Varchar, false, func(r nodeRow) any { return r.instance }}}, fields...)
}

func (s *showNodes) columns() []session.Column { return columnsOf("nodes", s.fields()) }

func (s *showNodes) run(ctx context.Context, x *execution) (*session.Result, error) {
	docs, err := x.scoped(ctx, s.Scope)
	if err != nil {
		return nil, err
	}
	var id, called string
	if s.Cluster != nil {
		if id, called, err = x.ref(s.Cluster); err != nil {
			return nil, err
		}
	}
	one := s.Cluster != nil && (s.Scope == nil || !s.Scope.All)
	rows := spread(docs, func(doc *pb.InstanceInfoPB, yield func(nodeRow) bool) error {
		found := false
		for _, c := range doc.GetClusters() {
			if id != "" && c.GetClusterId() != id || called != "" && c.GetClusterName() != called {
				continue
			}
			if found = true; !s.lists(c) {
				continue
			}
			for _, n := range c.Nodes {
				if !yield(nodeRow{n, c, doc.GetInstanceId()}) {
					return nil
				}
			}
		}
		if one && !found {
			return core.Errorf(core.NotFound, "cluster '%s' doesn't exist in instance '%s'", clip(called+id), doc.GetInstanceId())
		}
		return nil
	})
	return x.filtered(list{s.columns(), "Cluster", rowsOf(s.fields(), rows)}, &s.filter)
}

// lists reports whether the statement is about nodes of a cluster's kind.
func (s *showNodes) lists(c *pb.ClusterPB) bool {
	switch strings.ToUpper(s.Kind) {
	case "BACKENDS":
		return c.GetType() == pb.ClusterPB_COMPUTE
	case "FRONTENDS":
		return c.GetType() == pb.ClusterPB_SQL
	}
	return true
}
