package admin

import (
	"cmp"
	"context"
	"strings"

	"roster/core"
	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

// setClusterStatus is set_cluster_status.
type setClusterStatus struct {
	Cluster clusterRef `parser:"'ALTER' ( 'CLUSTER' | 'COMPUTE' 'GROUP' ) @@"`
	Scope   *scope     `parser:"@@?"`
	Status  *value     `parser:"( 'SET' 'STATUS' '='? @@"`
	Switch  *switching `parser:"| @@ )"`
	options
}

// switching is SUSPEND or RESUME, if told so only in the state to leave.
type switching struct {
	Verb string `parser:"( @'SUSPEND'"`
	If   bool   `parser:"  @( 'IF' 'RUNNING' )?"`
	Back string `parser:"| @'RESUME'"`
	When bool   `parser:"  @( 'IF' 'SUSPENDED' )? )"`
}

func (c *setClusterStatus) run(ctx context.Context, x *execution) (*session.Result, error) {
	t, err := x.target(ctx, &c.Cluster, c.Scope)
	if err != nil {
		return nil, err
	}
	if c.Switch != nil {
		return x.switchCluster(ctx, t, c.Switch)
	}
	given, err := x.text(c.Status)
	if err != nil {
		return nil, err
	}
	status, err := x.clusterStatus(given)
	if err != nil {
		return nil, err
	}
	return x.setStatus(ctx, t, status)
}

// switchCluster is StarRocks's spelling, with the verb first.
type switchCluster struct {
	Verb    string     `parser:"@( 'SUSPEND' | 'RESUME' ) ( 'CLUSTER' | 'WAREHOUSE' | 'COMPUTE' 'GROUP' )"`
	Exists  bool       `parser:"@( 'IF' 'EXISTS' )?"`
	Cluster clusterRef `parser:"@@"`
	Scope   *scope     `parser:"@@?"`
	If      string     `parser:"( 'IF' @( 'RUNNING' | 'SUSPENDED' ) )?"`
	options
}

func (c *switchCluster) run(ctx context.Context, x *execution) (*session.Result, error) {
	suspend := strings.EqualFold(c.Verb, "SUSPEND")
	if c.If != "" && suspend != strings.EqualFold(c.If, "RUNNING") {
		return nil, invalid("%s does not go with IF %s, write SUSPEND ... IF RUNNING or RESUME ... IF SUSPENDED", strings.ToUpper(c.Verb), strings.ToUpper(c.If))
	}
	t, err := x.target(ctx, &c.Cluster, c.Scope)
	if err == nil && c.Exists {
		_, err = x.cluster(ctx, t)
	}
	if c.Exists && isNotFound(err) {
		return x.unchanged(1051, "Unknown cluster '"+cmp.Or(t.name, t.id)+"'"), nil
	}
	if err != nil {
		return nil, err
	}
	if suspend {
		return x.switchCluster(ctx, t, &switching{Verb: c.Verb, If: c.If != ""})
	}
	return x.switchCluster(ctx, t, &switching{Back: c.Verb, When: c.If != ""})
}

func (x *execution) switchCluster(ctx context.Context, t target, s *switching) (*session.Result, error) {
	from, to := pb.ClusterStatus_SUSPENDED, pb.ClusterStatus_TO_RESUME
	if s.Verb != "" {
		from, to = pb.ClusterStatus_NORMAL, pb.ClusterStatus_SUSPENDED
	}
	conditional := s.If || s.When
	if conditional {
		if done, err := x.switched(ctx, t, from); done != nil || err != nil {
			return done, err
		}
	}
	result, err := x.setStatus(ctx, t, to)
	if conditional && core.CodeOf(err) == core.InvalidArgument {
		// Another statement may have switched it since.
		if done, readErr := x.switched(ctx, t, from); done != nil && readErr == nil {
			return done, nil
		}
	}
	return result, err
}

// switched answers for a cluster that is not in the state to leave, nil for one
// that is.
func (x *execution) switched(ctx context.Context, t target, from pb.ClusterStatus) (*session.Result, error) {
	cluster, err := x.cluster(ctx, t)
	if err != nil {
		return nil, err
	}
	if now, has := statusOf(cluster).(string); has && now != from.String() {
		return x.unchanged(1105, "Cluster '"+cluster.GetClusterName()+"' is "+now+", nothing to do"), nil
	}
	return nil, nil
}

func (x *execution) setStatus(ctx context.Context, t target, status pb.ClusterStatus) (*session.Result, error) {
	req := t.request(pb.AlterClusterRequest_SET_CLUSTER_STATUS, &pb.ClusterPB{ClusterStatus: &status})
	if err := x.SetClusterStatus(ctx, req); err != nil {
		return nil, err
	}
	return x.done(), nil
}

// clusterStatus reads a status; STOPPED is an old name of SUSPENDED.
func (x *execution) clusterStatus(given string) (pb.ClusterStatus, error) {
	if strings.EqualFold(given, "STOPPED") {
		x.session.Warn(1287, "'STOPPED' is deprecated, use 'SUSPENDED'")
		return pb.ClusterStatus_SUSPENDED, nil
	}
	n, err := enumNumber("status", pb.ClusterStatus_NORMAL.Descriptor(), given)
	return pb.ClusterStatus(n), err
}
