package httpfront

import (
	"context"

	"google.golang.org/protobuf/proto"

	"roster/core"
)

// route is one operation of the meta-service.
type route struct {
	name string
	// role is the least that may call it.
	role   Role
	handle handler
	// failure is the result beside an error; none when nil.
	failure []byte
	// quiet keeps the route out of the log, unless it is slow or debugging is on.
	quiet bool
}

type handler func(context.Context, *Server, *request) (reply, error)

// table is every operation there is, by its path with or without v1/.
var table = []*route{
	{name: "create_instance", role: RoleAdmin, handle: command(core.API.CreateInstance)},
	{name: "drop_instance", role: RoleAdmin, handle: command(core.API.DropInstance)},
	{name: "set_instance_status", role: RoleOperator, handle: command(core.API.SetInstanceStatus)},
	{name: "enable_instance_sse", role: RoleAdmin, handle: command(core.API.EnableInstanceSSE)},
	{name: "disable_instance_sse", role: RoleAdmin, handle: command(core.API.DisableInstanceSSE)},
	{name: "get_instance", role: RoleReader, handle: getInstance, failure: []byte("{}")},

	{name: "add_cluster", role: RoleOperator, handle: command(core.API.AddCluster)},
	{name: "drop_cluster", role: RoleOperator, handle: command(core.API.DropCluster)},
	{name: "rename_cluster", role: RoleOperator, handle: command(core.API.RenameCluster)},
	{name: "update_cluster_mysql_user_name", role: RoleOperator, handle: command(core.API.UpdateClusterMysqlUserName)},
	{name: "set_cluster_status", role: RoleOperator, handle: command(core.API.SetClusterStatus)},
	{name: "add_node", role: RoleOperator, handle: command(core.API.AddNode)},
	{name: "drop_node", role: RoleOperator, handle: command(core.API.DropNode)},
	{name: "get_cluster", role: RoleReader, handle: lookup(core.API.GetCluster, clusterResult)},
	{name: "get_cluster_status", role: RoleReader, handle: getClusterStatus},

	{name: "get_obj_store_info", role: RoleReader, handle: lookup(core.API.GetObjStoreInfo, objStoreResult)},
	{name: "add_obj_info", role: RoleAdmin, handle: command(core.API.AddObjInfo)},
	{name: "update_ak_sk", role: RoleAdmin, handle: command(core.API.UpdateAkSk)},
	{name: "legacy_update_ak_sk", role: RoleAdmin, handle: command(core.API.LegacyUpdateAkSk)},

	{name: "get_tablet_stats", role: RoleReader, handle: getTabletStats},
	{name: "abort_txn", role: RoleOperator, handle: abort(core.API.AbortTxn)},
	{name: "abort_tablet_job", role: RoleOperator, handle: abort(core.API.AbortTabletJob)},
	{name: "get_value", role: RoleOperator, handle: getValue},
	{name: "set_value", role: RoleAdmin, handle: setValue},
	{name: "encode_key", role: RoleReader, handle: encodeKey},
	{name: "decode_key", role: RoleReader, handle: decodeKey},
}

// routes is table by name.
var routes = func() map[string]*route {
	byName := make(map[string]*route, len(table))
	for _, r := range table {
		byName[r.name] = r
	}
	return byName
}()

// message is a pointer to a T that is a protobuf message.
type message[T any] interface {
	*T
	proto.Message
}

// command is a route whose reply is the envelope alone.
func command[T any, Req message[T]](op func(core.API, context.Context, Req) error) handler {
	return func(ctx context.Context, s *Server, r *request) (reply, error) {
		req := Req(new(T))
		if err := r.decode(req); err != nil {
			return reply{}, err
		}
		return reply{}, op(s.opts.API, ctx, req)
	}
}

// lookup is a route whose reply has a result made from the request and what the
// operation returns.
func lookup[T any, Req message[T], Resp any](
	op func(core.API, context.Context, Req) (Resp, error),
	render func(Req, Resp) ([]byte, error),
) handler {
	return func(ctx context.Context, s *Server, r *request) (reply, error) {
		req := Req(new(T))
		if err := r.decode(req); err != nil {
			return reply{}, err
		}
		resp, err := op(s.opts.API, ctx, req)
		if err != nil {
			return reply{}, err
		}
		body, err := render(req, resp)
		return reply{result: body}, err
	}
}
