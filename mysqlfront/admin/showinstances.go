package admin

import (
	"context"

	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

type instanceRow struct {
	*pb.InstanceInfoPB
	revision any
}

var instanceFields = []field[instanceRow]{
	{"Instance", session.Varchar, false, func(r instanceRow) any { return r.GetInstanceId() }},
	{"Name", session.Varchar, false, func(r instanceRow) any { return orNull(r.Name) }},
	{"Status", session.Varchar, false, func(r instanceRow) any { return r.GetStatus().String() }},
	{"Clusters", session.BigInt, false, func(r instanceRow) any { return int64(len(r.Clusters)) }},
	{"Nodes", session.BigInt, false, func(r instanceRow) any {
		n := 0
		for _, c := range r.Clusters {
			n += len(c.Nodes)
		}
		return int64(n)
	}},
	{"ObjectStores", session.BigInt, false, func(r instanceRow) any { return int64(len(r.ObjInfo) + len(r.ResourceIds)) }},
	{"Sse", session.Varchar, false, func(r instanceRow) any { return yesNo(r.GetSseEnabled()) }},
	{"ModifyTime", session.DateTime, false, func(r instanceRow) any { return moment(r.GetMtime()) }},
	{"UserId", session.Varchar, true, func(r instanceRow) any { return orNull(r.UserId) }},
	{"RamUserId", session.Varchar, true, func(r instanceRow) any {
		if r.RamUser == nil {
			return nil
		}
		return orNull(r.RamUser.UserId)
	}},
	{"CreateTime", session.DateTime, true, func(r instanceRow) any { return moment(r.GetCtime()) }},
	{"Version", session.Unsigned, true, func(r instanceRow) any { return r.revision }},
}

// definition is the column with all of a message.
const definition = "Definition"

var oneInstanceFields = append(instanceFields[:len(instanceFields):len(instanceFields)],
	field[instanceRow]{definition, session.JSON, true, func(r instanceRow) any { return jsonOf(r.InstanceInfoPB) }})

// showInstances lists instances.
type showInstances struct {
	Full bool `parser:"'SHOW' @'FULL'? ( 'INSTANCES' | 'WAREHOUSES' )"`
	filter
}

func (s *showInstances) columns() []session.Column {
	return columnsOf("instances", shown(instanceFields, s.Full))
}

func (s *showInstances) run(ctx context.Context, x *execution) (*session.Result, error) {
	rows := spread(x.documents(ctx), func(doc *pb.InstanceInfoPB, yield func(instanceRow) bool) (err error) {
		row := instanceRow{InstanceInfoPB: doc}
		if s.Full {
			if row.revision, err = x.revision(ctx, doc.GetInstanceId()); err != nil {
				return err
			}
		}
		yield(row)
		return nil
	})
	return x.filtered(list{s.columns(), "Instance", rowsOf(shown(instanceFields, s.Full), rows)}, &s.filter)
}

// showInstance is get_instance.
type showInstance struct {
	UniqueID *name `parser:"'SHOW' ( 'INSTANCE' | 'WAREHOUSE' ) ( 'UNIQUE' 'ID' @@"`
	Name     *name `parser:"| @@"`
	Holder   *name `parser:"  ( 'UNIQUE' 'ID' @@ )? )"`
}

func (s *showInstance) columns() []session.Column { return columnsOf("instances", oneInstanceFields) }

func (s *showInstance) run(ctx context.Context, x *execution) (*session.Result, error) {
	p, err := x.place(ctx, &scope{UniqueID: s.UniqueID, Instance: s.Name, Holder: s.Holder})
	if err != nil {
		return nil, err
	}
	doc, err := x.GetInstance(ctx, &pb.GetInstanceRequest{InstanceId: orNil(p.instance), CloudUniqueId: orNil(p.uniqueID)})
	if err != nil {
		return nil, err
	}
	row := instanceRow{InstanceInfoPB: doc}
	if row.revision, err = x.revision(ctx, doc.GetInstanceId()); err != nil {
		return nil, err
	}
	return &session.Result{Columns: s.columns(), Rows: session.Rows(rowOf(oneInstanceFields, row))}, nil
}
