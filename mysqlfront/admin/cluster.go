package admin

import (
	"cmp"
	"context"
	"strings"

	"roster/core"
	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

// createCluster is add_cluster. Without ID the name is the id too.
type createCluster struct {
	NotExists  bool        `parser:"'CREATE' ( 'CLUSTER' | 'COMPUTE' 'GROUP' ) @( 'IF' 'NOT' 'EXISTS' )?"`
	Name       name        `parser:"@@"`
	Scope      *scope      `parser:"@@?"`
	ID         *name       `parser:"( 'ID' @@ )?"`
	Type       *value      `parser:"( 'TYPE' @@ )?"`
	Users      *values     `parser:"( 'USERS' @@ )?"`
	Properties *properties `parser:"@@?"`
	Nodes      []node      `parser:"( 'NODES' '(' @@ ( ',' @@ )* ')' )?"`
	options
}

func (c *createCluster) run(ctx context.Context, x *execution) (*session.Result, error) {
	t := target{}
	var err error
	if t.place, err = x.place(ctx, c.Scope); err != nil {
		return nil, err
	}
	if t.name, err = x.name(&c.Name); err != nil {
		return nil, err
	}
	t.id = t.name
	if c.ID != nil {
		if t.id, err = x.name(c.ID); err != nil {
			return nil, err
		}
	}
	cluster, err := c.cluster(x)
	if err != nil {
		return nil, err
	}
	req := t.request(pb.AlterClusterRequest_ADD_CLUSTER, cluster)
	if err := x.assign(cluster, c.Properties); err != nil {
		return nil, err
	}
	err = x.AddCluster(ctx, req)
	if c.NotExists && core.CodeOf(err) == core.AlreadyExisted {
		// An endpoint or a node that is taken is the same code, and no success.
		if _, getErr := x.cluster(ctx, target{place: t.place, name: t.name}); getErr == nil {
			return x.unchanged(1050, "Cluster '"+t.name+"' already exists"), nil
		}
	}
	if err != nil {
		return nil, err
	}
	return x.done(), nil
}

func (c *createCluster) cluster(x *execution) (*pb.ClusterPB, error) {
	kind, err := x.clusterType(c.Type, c.Nodes)
	if err != nil {
		return nil, err
	}
	if c.Type == nil && kind == nil {
		kind = pb.ClusterPB_COMPUTE.Enum()
	}
	users, err := x.list(c.Users)
	if err != nil {
		return nil, err
	}
	nodes, err := x.nodes(c.Nodes, kind)
	return &pb.ClusterPB{Type: kind, MysqlUserName: users, Nodes: nodes}, err
}

// list reads a list of texts: nil for one that is absent, not nil for an empty one.
func (x *execution) list(given *values) ([]string, error) {
	if given == nil {
		return nil, nil
	}
	list := make([]string, len(given.List))
	for i := range given.List {
		var err error
		if list[i], err = x.text(&given.List[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// dropCluster is drop_cluster.
type dropCluster struct {
	Exists  bool       `parser:"'DROP' ( 'CLUSTER' | 'COMPUTE' 'GROUP' ) @( 'IF' 'EXISTS' )?"`
	Cluster clusterRef `parser:"@@"`
	Scope   *scope     `parser:"@@?"`
	Force   bool       `parser:"@'FORCE'?"`
	options
}

func (c *dropCluster) call(x *execution, call *core.Call) error {
	call.Force = c.Force
	return c.options.call(x, call)
}

func (c *dropCluster) run(ctx context.Context, x *execution) (*session.Result, error) {
	t, err := x.target(ctx, &c.Cluster, c.Scope)
	if err == nil {
		err = x.DropCluster(ctx, t.request(pb.AlterClusterRequest_DROP_CLUSTER, &pb.ClusterPB{}))
	}
	if c.Exists && isNotFound(err) {
		// A frontend that is too young to be dropped is the same code, and no success.
		if _, getErr := x.cluster(ctx, t); isNotFound(getErr) {
			return x.unchanged(1051, "Unknown cluster '"+cmp.Or(t.name, t.id)+"'"), nil
		}
	}
	if err != nil {
		return nil, err
	}
	return x.done(), nil
}

// renameCluster is rename_cluster.
type renameCluster struct {
	Cluster clusterRef `parser:"'ALTER' ( 'CLUSTER' | 'COMPUTE' 'GROUP' ) @@"`
	Scope   *scope     `parser:"@@?"`
	To      name       `parser:"'RENAME' 'TO' @@"`
	options
}

func (c *renameCluster) run(ctx context.Context, x *execution) (*session.Result, error) {
	return x.rename(ctx, &c.Cluster, c.Scope, &c.To)
}

// renameGroup is Doris's spelling of it.
type renameGroup struct {
	From  name   `parser:"'ALTER' 'SYSTEM' 'RENAME' 'COMPUTE' 'GROUP' @@"`
	To    name   `parser:"@@"`
	Scope *scope `parser:"@@?"`
	options
}

func (c *renameGroup) run(ctx context.Context, x *execution) (*session.Result, error) {
	return x.rename(ctx, &clusterRef{Name: &c.From}, c.Scope, &c.To)
}

func (x *execution) rename(ctx context.Context, r *clusterRef, s *scope, to *name) (*session.Result, error) {
	t, err := x.target(ctx, r, s)
	if err != nil {
		return nil, err
	}
	renamed, err := x.name(to)
	if err != nil {
		return nil, err
	}
	if err := x.RenameCluster(ctx, t.request(pb.AlterClusterRequest_RENAME_CLUSTER, &pb.ClusterPB{ClusterName: &renamed})); err != nil {
		return nil, err
	}
	return x.done(), nil
}

// setClusterUsers is update_cluster_mysql_user_name: it replaces the users.
type setClusterUsers struct {
	Cluster clusterRef `parser:"'ALTER' ( 'CLUSTER' | 'COMPUTE' 'GROUP' ) @@"`
	Scope   *scope     `parser:"@@?"`
	Users   values     `parser:"'SET' 'USERS' @@"`
	options
}

func (c *setClusterUsers) run(ctx context.Context, x *execution) (*session.Result, error) {
	t, err := x.target(ctx, &c.Cluster, c.Scope)
	if err != nil {
		return nil, err
	}
	users, err := x.list(&c.Users)
	if err != nil {
		return nil, err
	}
	req := t.request(pb.AlterClusterRequest_UPDATE_CLUSTER_MYSQL_USER_NAME, &pb.ClusterPB{MysqlUserName: users})
	if err := x.UpdateClusterMysqlUserName(ctx, req); err != nil {
		return nil, err
	}
	return x.done(), nil
}

// clusterType is the type a statement gives, or that of the nodes it gives; nil
// for neither and for NULL.
func (x *execution) clusterType(v *value, nodes []node) (*pb.ClusterPB_Type, error) {
	if v == nil {
		for _, n := range nodes {
			switch {
			case strings.EqualFold(n.Kind, "BE"):
				return pb.ClusterPB_COMPUTE.Enum(), nil
			case n.Kind != "":
				return pb.ClusterPB_SQL.Enum(), nil
			}
		}
		return nil, nil
	}
	l, err := x.literal(v)
	if err != nil || l.null {
		return nil, err
	}
	n, err := enumNumber("type", pb.ClusterPB_COMPUTE.Descriptor(), l.text)
	return pb.ClusterPB_Type(n).Enum(), err
}
