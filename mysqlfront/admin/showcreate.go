package admin

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"

	"roster/core"
	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

// showCreate prints the statements that make an instance or a cluster again, one
// a row. Secrets read '<redacted>' in them, to be filled in.
type showCreate struct {
	Instance *name       `parser:"'SHOW' 'CREATE' ( ( 'INSTANCE' | 'WAREHOUSE' ) @@"`
	Cluster  *clusterRef `parser:"| ( 'CLUSTER' | 'COMPUTE' 'GROUP' ) @@ )"`
	Scope    *scope      `parser:"@@?"`
}

func (s *showCreate) columns() []session.Column {
	return []session.Column{{Name: "Object", NotNull: true}, {Name: "Create Statement", NotNull: true}}
}

func (s *showCreate) run(ctx context.Context, x *execution) (*session.Result, error) {
	var rows []session.Row
	add := func(object, statement string) { rows = append(rows, session.Row{object, statement}) }
	if s.Instance != nil {
		p, err := x.named(ctx, s.Instance)
		if err != nil {
			return nil, err
		}
		doc, err := x.document(ctx, p)
		if err != nil {
			return nil, err
		}
		printInstance(doc, add)
		return &session.Result{Columns: s.columns(), Rows: session.Rows(rows...)}, nil
	}
	p, err := x.place(ctx, s.Scope)
	if err != nil {
		return nil, err
	}
	id, called, err := x.ref(s.Cluster)
	if err != nil {
		return nil, err
	}
	doc, err := x.document(ctx, p)
	if err != nil {
		return nil, err
	}
	cluster := findCluster(doc, id, called)
	if cluster == nil {
		return nil, core.Errorf(core.NotFound, "cluster '%s' doesn't exist in instance '%s'", clip(id+called), doc.GetInstanceId())
	}
	add(cluster.GetClusterName(), createClusterText(doc.GetInstanceId(), cluster))
	return &session.Result{Columns: s.columns(), Rows: session.Rows(rows...)}, nil
}

// setByServer are the fields no statement gives.
var setByServer = []string{"ctime", "mtime", "encryption_info", "id", "status"}

func printInstance(doc *pb.InstanceInfoPB, add func(object, statement string)) {
	req := &pb.CreateInstanceRequest{UserId: doc.UserId, Name: doc.Name, RamUser: doc.RamUser, SseEnabled: doc.SseEnabled}
	if len(doc.ObjInfo) > 0 {
		req.ObjInfo = doc.ObjInfo[0]
	}
	id := doc.GetInstanceId()
	add(id, "CREATE INSTANCE "+quoteName(id)+propertiesText(describe(req.ProtoReflect(), "", append(setByServer, "sse_enabled")...), doc.GetSseEnabled()))
	for n, obj := range doc.ObjInfo {
		if n > 0 {
			props := describe(obj.ProtoReflect(), "", append(setByServer, "sse_enabled")...)
			add("object store "+obj.GetId(), "CREATE OBJECT STORE IN INSTANCE "+quoteName(id)+propertiesText(props, false))
		}
	}
	for _, c := range doc.Clusters {
		add(c.GetClusterName(), createClusterText(id, c))
	}
}

// propertiesText is a PROPERTIES clause; sse adds that of a new instance.
func propertiesText(pairs []pair, sse bool) string {
	if sse {
		pairs = append(pairs, pair{"sse_enabled", "true"})
	}
	if len(pairs) == 0 {
		return ""
	}
	texts := make([]string, len(pairs))
	for i, p := range pairs {
		texts[i] = quote(p.path) + " = " + quote(p.value)
	}
	return " PROPERTIES (" + strings.Join(texts, ", ") + ")"
}

func createClusterText(instance string, c *pb.ClusterPB) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE CLUSTER %s IN INSTANCE %s ID %s TYPE %s", quoteName(c.GetClusterName()), quoteName(instance), quoteName(c.GetClusterId()), c.GetType())
	if len(c.MysqlUserName) > 0 {
		users := make([]string, len(c.MysqlUserName))
		for i, u := range c.MysqlUserName {
			users[i] = quote(u)
		}
		b.WriteString(" USERS (" + strings.Join(users, ", ") + ")")
	}
	skip := append([]string{"cluster_id", "cluster_name", "type", "mysql_user_name", "nodes", "cluster_status"}, setByServer...)
	b.WriteString(propertiesText(describe(c.ProtoReflect(), "", skip...), false))
	for i, n := range c.Nodes {
		b.WriteString([]string{", ", " NODES ("}[min(1, 1-min(i, 1))])
		b.WriteString(nodeText(n, c.GetType()))
	}
	if len(c.Nodes) > 0 {
		b.WriteByte(')')
	}
	return b.String()
}

// nodeText is a node as NODES has it; what an endpoint can not say is a property.
func nodeText(n *pb.NodeInfoPB, kind pb.ClusterPB_Type) string {
	skip := append([]string{"cloud_unique_id"}, setByServer...)
	port := strconv.Itoa(int(portOf(n)))
	text := quote(net.JoinHostPort(addressOf(n), port))
	back, _, err := endpoint(net.JoinHostPort(addressOf(n), port))
	if err == nil && back.GetIp() == n.GetIp() && back.GetHost() == n.GetHost() {
		skip = append(skip, "ip", "host")
	}
	if kind == pb.ClusterPB_SQL {
		skip = append(skip, "edit_log_port")
		if n.GetNodeType() != pb.NodeInfoPB_UNKNOWN {
			text += " AS " + n.GetNodeType().String()
			skip = append(skip, "node_type")
		}
	} else {
		skip = append(skip, "heartbeat_port")
	}
	if n.CloudUniqueId != nil {
		text += " UNIQUE ID " + quote(n.GetCloudUniqueId())
	}
	return text + propertiesText(describe(n.ProtoReflect(), "", skip...), false)
}
