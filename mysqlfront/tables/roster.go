package tables

import (
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"time"

	"roster/core"
	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

// time is a time as a row holds it, NULL for none.
func (r *run) time(unix *int64) any {
	if unix == nil || *unix == 0 {
		return nil
	}
	return timeText(time.Unix(*unix, 0), r.location())
}

// opt is a value that may be absent: empty stays empty, absent is NULL.
func opt[T any](v *T) any {
	if v == nil {
		return nil
	}
	switch v := any(*v).(type) {
	case int32:
		return int64(v)
	case bool:
		return flag(v)
	case uint64:
		return int64(v)
	}
	return *v
}

func flag(v bool) any {
	if v {
		return int64(1)
	}
	return int64(0)
}

// enum is the name of a value, NULL if it is absent.
func enum[T interface {
	~int32
	String() string
}](v *T) any {
	if v == nil {
		return nil
	}
	return (*v).String()
}

func jsonText(v any) any {
	out, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return string(out)
}

// mask keeps of an access key what tells it from others.
func mask(ak *string) any {
	switch {
	case ak == nil || *ak == "":
		return opt(ak)
	case len(*ak) < 8 || strings.Contains(*ak, "*"):
		return "******"
	}
	return (*ak)[:3] + "***" + (*ak)[len(*ak)-2:]
}

// secret is how every secret reads.
func secret(sk *string) any {
	if sk == nil || *sk == "" {
		return opt(sk)
	}
	return "******"
}

// instanceTable declares a table of what instances hold; its first column is the instance.
func instanceTable(name string, rows func(*run, *pb.InstanceInfoPB) []row, columns ...column) *table {
	t := &table{schema: "roster", name: name, columns: append([]column{id("instance_id")}, columns...), perInstance: true}
	t.all, t.of = perDocument(rows)
	return t
}

func rosterTables() []*table {
	return []*table{
		instanceTable("cluster_users", clusterUsers, id("cluster_id"), text("cluster_name"), id("user_name")),
		instanceTable("clusters", clusters, id("cluster_id"), text("cluster_name"), text("type"), text("status"), count("node_count"), asJSON("users"),
			text("description"), text("public_endpoint"), text("private_endpoint"), asJSON("properties"),
			moment("create_time"), number("create_time_unix"), moment("modify_time"), number("modify_time_unix")),
		historyTable(),
		instanceTable("instances", instances, text("name"), exact("user_id"), text("status"), count("cluster_count"), count("node_count"), count("object_store_count"),
			count("sse_enabled"), exact("ram_user_id"), exact("default_storage_vault_id"), text("default_storage_vault_name"),
			moment("create_time"), number("create_time_unix"), moment("modify_time"), number("modify_time_unix")),
		instanceTable("nodes", nodes, id("cluster_id"), text("cluster_name"), exact("cloud_unique_id"), text("name"), text("node_type"), text("status"), exact("ip"), exact("host"),
			number("heartbeat_port"), number("edit_log_port"), text("public_endpoint"), text("private_endpoint"), text("description"), number("is_smooth_upgrade"),
			moment("create_time"), number("create_time_unix"), moment("modify_time"), number("modify_time_unix")),
		instanceTable("object_stores", objectStores, exact("id"), text("provider"), text("endpoint"), text("external_endpoint"), text("region"), exact("bucket"), exact("prefix"),
			exact("user_id"), exact("access_key"), exact("secret_key"), number("sse_enabled"), number("use_path_style"), text("cred_provider_type"), exact("role_arn"),
			moment("create_time"), number("create_time_unix"), moment("modify_time"), number("modify_time_unix")),
		sessionsTable(),
		{schema: "roster", name: "settings", key: -1, columns: []column{id("name"), text("value")}, all: rowsOf(settings)},
		instanceTable("stages", stages, exact("stage_id"), text("name"), text("type"), asJSON("mysql_users"), exact("obj_id"), exact("prefix"), text("access_type"), text("comment"),
			moment("create_time"), number("create_time_unix")),
	}
}

func instances(r *run, doc *pb.InstanceInfoPB) []row {
	var ramUser any
	if u := doc.GetRamUser(); u != nil {
		ramUser = opt(u.UserId)
	}
	nodes := 0
	for _, c := range doc.GetClusters() {
		nodes += len(c.GetNodes())
	}
	return []row{{
		doc.GetInstanceId(), opt(doc.Name), opt(doc.UserId), enum(doc.Status), int64(len(doc.GetClusters())), int64(nodes), int64(len(doc.GetObjInfo())),
		flag(doc.GetSseEnabled()), ramUser, opt(doc.DefaultStorageVaultId), opt(doc.DefaultStorageVaultName),
		r.time(doc.Ctime), opt(doc.Ctime), r.time(doc.Mtime), opt(doc.Mtime),
	}}
}

func clusters(r *run, doc *pb.InstanceInfoPB) []row {
	var out []row
	for _, c := range doc.GetClusters() {
		var properties any
		if len(c.GetProperties()) > 0 {
			properties = jsonText(c.GetProperties())
		}
		out = append(out, row{
			doc.GetInstanceId(), c.GetClusterId(), opt(c.ClusterName), enum(c.Type), enum(c.ClusterStatus), int64(len(c.GetNodes())), jsonText(append([]string{}, c.GetMysqlUserName()...)),
			opt(c.Desc), opt(c.PublicEndpoint), opt(c.PrivateEndpoint), properties,
			r.time(c.Ctime), opt(c.Ctime), r.time(c.Mtime), opt(c.Mtime),
		})
	}
	return out
}

func clusterUsers(_ *run, doc *pb.InstanceInfoPB) []row {
	var out []row
	for _, c := range doc.GetClusters() {
		for _, user := range c.GetMysqlUserName() {
			out = append(out, row{doc.GetInstanceId(), c.GetClusterId(), opt(c.ClusterName), user})
		}
	}
	return out
}

func nodes(r *run, doc *pb.InstanceInfoPB) []row {
	var out []row
	for _, c := range doc.GetClusters() {
		for _, n := range c.GetNodes() {
			out = append(out, row{
				doc.GetInstanceId(), c.GetClusterId(), opt(c.ClusterName), opt(n.CloudUniqueId), opt(n.Name), nodeType(c, n), enum(n.Status), opt(n.Ip), opt(n.Host),
				opt(n.HeartbeatPort), opt(n.EditLogPort), opt(n.PublicEndpoint), opt(n.PrivateEndpoint), opt(n.Desc), opt(n.IsSmoothUpgrade),
				r.time(n.Ctime), opt(n.Ctime), r.time(n.Mtime), opt(n.Mtime),
			})
		}
	}
	return out
}

// nodeType is BE for the nodes of a compute cluster, which carry no type.
func nodeType(c *pb.ClusterPB, n *pb.NodeInfoPB) any {
	if n.NodeType == nil && c.GetType() == pb.ClusterPB_COMPUTE {
		return "BE"
	}
	return enum(n.NodeType)
}

func objectStores(r *run, doc *pb.InstanceInfoPB) []row {
	var out []row
	for _, o := range doc.GetObjInfo() {
		out = append(out, row{
			doc.GetInstanceId(), opt(o.Id), enum(o.Provider), opt(o.Endpoint), opt(o.ExternalEndpoint), opt(o.Region), opt(o.Bucket), opt(o.Prefix),
			opt(o.UserId), mask(o.Ak), secret(o.Sk), opt(o.SseEnabled), opt(o.UsePathStyle), enum(o.CredProviderType), opt(o.RoleArn),
			r.time(o.Ctime), opt(o.Ctime), r.time(o.Mtime), opt(o.Mtime),
		})
	}
	return out
}

func stages(r *run, doc *pb.InstanceInfoPB) []row {
	var out []row
	for _, s := range doc.GetStages() {
		var objID, prefix any
		if o := s.GetObjInfo(); o != nil {
			objID, prefix = opt(o.Id), opt(o.Prefix)
		}
		out = append(out, row{
			doc.GetInstanceId(), opt(s.StageId), opt(s.Name), enum(s.Type), jsonText(append([]string{}, s.GetMysqlUserName()...)), objID, prefix, enum(s.AccessType), opt(s.Comment),
			r.time(s.CreateTime), opt(s.CreateTime),
		})
	}
	return out
}

func settings(r *run) []row {
	var out []row
	for _, s := range r.engine.options.Settings {
		out = append(out, row{s.Name, s.Value})
	}
	return out
}

// historyPage is how many records are read at a time.
const historyPage = 1000

// historyTable holds what was done, the latest first within each instance.
func historyTable() *table {
	t := &table{schema: "roster", name: "history", perInstance: true, columns: []column{
		id("instance_id"), moment("time"), number("time_unix"), {name: "revision", typ: session.Unsigned}, exact("actor"), text("via"), text("operation"),
		exact("object"), asJSON("request"), text("result"), exact("operation_id"), count("forced"),
	}}
	t.of = func(r *run, version uint64, key string) iter.Seq2[row, error] {
		return func(yield func(row, error) bool) {
			if key == "" || !r.visible(key) {
				return
			}
			r.history(version, key, yield)
		}
	}
	t.all = func(r *run, version uint64) iter.Seq2[row, error] {
		return func(yield func(row, error) bool) { r.history(version, r.session.Instance, yield) }
	}
	return t
}

// history reads page after page, of one instance or of all.
func (r *run) history(version uint64, instance string, yield func(row, error) bool) {
	ctx, err := r.at(version)
	if err != nil {
		yield(nil, err)
		return
	}
	query := core.HistoryQuery{Instance: instance, Limit: historyPage, Reverse: true}
	for {
		records, next, err := r.engine.source.History(ctx, query)
		if err != nil {
			yield(nil, r.note(err))
			return
		}
		for _, h := range records {
			if !yield(r.record(h), nil) {
				return
			}
		}
		if next == nil {
			return
		}
		query.After = next
	}
}

func (r *run) record(h *pb.HistoryPB) row {
	var at, unix any
	if h.TimeMs != nil {
		at, unix = timeText(time.UnixMilli(h.GetTimeMs()).Truncate(time.Second), r.location()), h.GetTimeMs()/1000
	}
	return row{
		h.GetInstanceId(), at, unix, opt(h.Revision), opt(h.Caller), opt(h.Front), opt(h.Operation),
		opt(h.Target), opt(h.Request), opt(h.Outcome), opt(h.OperationId), flag(h.GetForced()),
	}
}

// sessionsTable is the process list with what only Roster knows.
func sessionsTable() *table {
	return &table{schema: "roster", name: "sessions", key: -1, all: rowsOf(sessions), columns: []column{
		{name: "id", typ: session.Unsigned, notNull: true}, id("user"), label("role"), exact("instance_id"), exact("host"), exact("database_name"), count("secure"),
		text("command"), moment("since"), number("seconds"), text("statement"),
	}}
}

// visibleSessions are all for operators of all instances, else only the user's own.
func (r *run) visibleSessions() []*session.Session {
	if r.session.Registry == nil {
		return []*session.Session{r.session}
	}
	all := r.session.Registry.Sessions()
	if r.session.Instance == "" && r.session.Role >= session.Operator {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(s *session.Session) bool { return s.User != r.session.User })
}

func clientHost(s *session.Session) string {
	if !s.From.IsValid() {
		return "localhost"
	}
	return s.From.Addr().String()
}

func sessions(r *run) []row {
	var out []row
	for _, s := range r.visibleSessions() {
		a := s.Activity()
		var instance, database, since, seconds any
		if s.Instance != "" {
			instance = s.Instance
		}
		if a.Database != "" {
			database = a.Database
		}
		if !a.Since.IsZero() {
			since, seconds = timeText(a.Since.Truncate(time.Second), r.location()), int64(r.started.Sub(a.Since)/time.Second)
		}
		out = append(out, row{
			int64(s.ID), s.User, s.Role.String(), instance, s.From.String(), database, flag(s.Secure),
			a.Command, since, seconds, a.Statement,
		})
	}
	return out
}
