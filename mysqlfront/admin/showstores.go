package admin

import (
	"context"
	"strings"

	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

var storeFields = []field[*pb.ObjectStoreInfoPB]{
	{"Id", session.Varchar, false, func(o *pb.ObjectStoreInfoPB) any { return orNull(o.Id) }},
	{"Provider", session.Varchar, false, func(o *pb.ObjectStoreInfoPB) any { return o.GetProvider().String() }},
	{"Endpoint", session.Varchar, false, func(o *pb.ObjectStoreInfoPB) any { return orNull(o.Endpoint) }},
	{"ExternalEndpoint", session.Varchar, false, func(o *pb.ObjectStoreInfoPB) any { return orNull(o.ExternalEndpoint) }},
	{"Region", session.Varchar, false, func(o *pb.ObjectStoreInfoPB) any { return orNull(o.Region) }},
	{"Bucket", session.Varchar, false, func(o *pb.ObjectStoreInfoPB) any { return orNull(o.Bucket) }},
	{"Prefix", session.Varchar, false, func(o *pb.ObjectStoreInfoPB) any { return orNull(o.Prefix) }},
	{"UserId", session.Varchar, false, func(o *pb.ObjectStoreInfoPB) any { return orNull(o.UserId) }},
	{"AccessKey", session.Varchar, false, func(o *pb.ObjectStoreInfoPB) any { return masked(o.Ak) }},
	{"SecretKey", session.Varchar, false, func(o *pb.ObjectStoreInfoPB) any { return masked(o.Sk) }},
	{"ModifyTime", session.DateTime, false, func(o *pb.ObjectStoreInfoPB) any { return moment(o.GetMtime()) }},
	{"RoleArn", session.Varchar, true, func(o *pb.ObjectStoreInfoPB) any { return orNull(o.RoleArn) }},
	{"CreateTime", session.DateTime, true, func(o *pb.ObjectStoreInfoPB) any { return moment(o.GetCtime()) }},
	{definition, session.JSON, true, func(o *pb.ObjectStoreInfoPB) any { return jsonOf(o) }},
}

// showObjectStores lists object stores.
type showObjectStores struct {
	Full  bool   `parser:"'SHOW' @'FULL'? 'OBJECT' 'STORES'"`
	Scope *scope `parser:"@@?"`
	filter
}

func (s *showObjectStores) columns() []session.Column {
	return columnsOf("object_stores", shown(storeFields, s.Full))
}

func (s *showObjectStores) run(ctx context.Context, x *execution) (*session.Result, error) {
	resp, err := x.stores(ctx, s.Scope)
	if err != nil {
		return nil, err
	}
	return x.filtered(list{s.columns(), "Bucket", rowsOf(shown(storeFields, s.Full), each(resp.GetObjInfo()))}, &s.filter)
}

type vaultRow struct {
	*pb.StorageVaultPB
	standard bool
}

var vaultFields = []field[vaultRow]{
	{"StorageVaultName", session.Varchar, false, func(v vaultRow) any { return orNull(v.Name) }},
	{"StorageVaultId", session.Varchar, false, func(v vaultRow) any { return orNull(v.Id) }},
	{"Properties", session.JSON, false, func(v vaultRow) any { return jsonOf(v.StorageVaultPB) }},
	{"IsDefault", session.Varchar, false, func(v vaultRow) any { return strings.ToLower(yesNo(v.standard).(string)) }},
}

// showStorageVaults lists storage vaults.
type showStorageVaults struct {
	Scope *scope `parser:"'SHOW' 'STORAGE' ( 'VAULTS' | 'VAULT' ) @@?"`
	filter
}

func (s *showStorageVaults) columns() []session.Column {
	return columnsOf("storage_vaults", vaultFields)
}

func (s *showStorageVaults) run(ctx context.Context, x *execution) (*session.Result, error) {
	resp, err := x.stores(ctx, s.Scope)
	if err != nil {
		return nil, err
	}
	var rows []vaultRow
	for _, v := range resp.GetStorageVault() {
		rows = append(rows, vaultRow{v, v.Id != nil && v.GetId() == resp.GetDefaultStorageVaultId()})
	}
	return x.filtered(list{s.columns(), "StorageVaultName", rowsOf(vaultFields, each(rows))}, &s.filter)
}

var storageFields = []field[*pb.GetObjStoreInfoResponse]{
	{"ObjectStores", session.BigInt, false, func(r *pb.GetObjStoreInfoResponse) any { return int64(len(r.ObjInfo)) }},
	{"StorageVaults", session.BigInt, false, func(r *pb.GetObjStoreInfoResponse) any { return int64(len(r.StorageVault)) }},
	{"EnableStorageVault", session.Varchar, false, func(r *pb.GetObjStoreInfoResponse) any { return yesNo(r.GetEnableStorageVault()) }},
	{"DefaultStorageVaultId", session.Varchar, false, func(r *pb.GetObjStoreInfoResponse) any { return orNull(r.DefaultStorageVaultId) }},
	{"DefaultStorageVaultName", session.Varchar, false, func(r *pb.GetObjStoreInfoResponse) any { return orNull(r.DefaultStorageVaultName) }},
	{definition, session.JSON, false, func(r *pb.GetObjStoreInfoResponse) any { return jsonOf(r) }},
}

// showStorage is get_obj_store_info, all of it in one row.
type showStorage struct {
	Scope *scope `parser:"'SHOW' 'STORAGE' @@?"`
}

func (s *showStorage) columns() []session.Column { return columnsOf("storage", storageFields) }

func (s *showStorage) run(ctx context.Context, x *execution) (*session.Result, error) {
	resp, err := x.stores(ctx, s.Scope)
	if err != nil {
		return nil, err
	}
	return &session.Result{Columns: s.columns(), Rows: session.Rows(rowOf(storageFields, resp))}, nil
}

var stageFields = []field[*pb.StagePB]{
	{"StageId", session.Varchar, false, func(s *pb.StagePB) any { return orNull(s.StageId) }},
	{"Name", session.Varchar, false, func(s *pb.StagePB) any { return orNull(s.Name) }},
	{"Type", session.Varchar, false, func(s *pb.StagePB) any { return s.GetType().String() }},
	{"MysqlUsers", session.Varchar, false, func(s *pb.StagePB) any { return strings.Join(s.MysqlUserName, ", ") }},
	{"ObjId", session.Varchar, false, func(s *pb.StagePB) any {
		if s.ObjInfo == nil {
			return nil
		}
		return orNull(s.ObjInfo.Id)
	}},
	{"Prefix", session.Varchar, false, func(s *pb.StagePB) any {
		if s.ObjInfo == nil {
			return nil
		}
		return orNull(s.ObjInfo.Prefix)
	}},
}

// showStages lists stages.
type showStages struct {
	Scope *scope `parser:"'SHOW' 'STAGES' @@?"`
	filter
}

func (s *showStages) columns() []session.Column { return columnsOf("stages", stageFields) }

func (s *showStages) run(ctx context.Context, x *execution) (*session.Result, error) {
	p, err := x.place(ctx, s.Scope)
	if err != nil {
		return nil, err
	}
	doc, err := x.document(ctx, p)
	if err != nil {
		return nil, err
	}
	return x.filtered(list{s.columns(), "Name", rowsOf(stageFields, each(doc.GetStages()))}, &s.filter)
}
