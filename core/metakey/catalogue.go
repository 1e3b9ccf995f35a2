package metakey

import "slices"

// layout says how the keys of one type are made. Parameters are asked for in
// the order of the components that carry them.
type layout struct {
	name       string
	space      byte
	components parts
}

// component is one field: a literal string, or a parameter with its type.
type component struct {
	literal string
	param   string
	kind    Kind
}

type parts []component

func lit(s string) component    { return component{literal: s} }
func str(name string) component { return component{param: name, kind: KindString} }
func num(name string) component { return component{param: name, kind: KindInt} }

var iid = str("instance_id")

// catalogue keeps the parameter names of the existing service, "rowest_id" too.
var catalogue = []layout{
	{"InstanceKey", userSpace, parts{lit("instance"), iid}},

	{"TxnLabelKey", userSpace, parts{lit("txn"), iid, lit("txn_label"), num("db_id"), str("label")}},
	{"TxnInfoKey", userSpace, parts{lit("txn"), iid, lit("txn_info"), num("db_id"), num("txn_id")}},
	{"TxnIndexKey", userSpace, parts{lit("txn"), iid, lit("txn_index"), num("txn_id")}},
	{"TxnRunningKey", userSpace, parts{lit("txn"), iid, lit("txn_running"), num("db_id"), num("txn_id")}},

	{"PartitionVersionKey", userSpace, parts{lit("version"), iid, lit("partition"), num("db_id"), num("tbl_id"), num("partition_id")}},
	{"TableVersionKey", userSpace, parts{lit("version"), iid, lit("table"), num("db_id"), num("tbl_id")}},

	{"MetaRowsetKey", userSpace, parts{lit("meta"), iid, lit("rowset"), num("tablet_id"), num("version")}},
	{"MetaRowsetTmpKey", userSpace, parts{lit("meta"), iid, lit("rowset_tmp"), num("txn_id"), num("tablet_id")}},
	{"MetaTabletKey", userSpace, parts{lit("meta"), iid, lit("tablet"), num("table_id"), num("index_id"), num("part_id"), num("tablet_id")}},
	{"MetaTabletIdxKey", userSpace, parts{lit("meta"), iid, lit("tablet_index"), num("tablet_id")}},
	{"MetaSchemaKey", userSpace, parts{lit("meta"), iid, lit("schema"), num("index_id"), num("schema_version")}},
	{"MetaDeleteBitmap", userSpace, parts{lit("meta"), iid, lit("delete_bitmap"), num("tablet_id"), str("rowest_id"), num("version"), num("seg_id")}},
	{"MetaDeleteBitmapUpdateLock", userSpace, parts{lit("meta"), iid, lit("delete_bitmap_lock"), num("table_id"), num("partition_id")}},
	{"MetaPendingDeleteBitmap", userSpace, parts{lit("meta"), iid, lit("delete_bitmap_pending"), num("tablet_id")}},
	{"MetaSchemaPBDictionaryKey", userSpace, parts{lit("meta"), iid, lit("tablet_schema_pb_dict"), num("index_id")}},
	{"PackedFileKey", userSpace, parts{lit("meta"), iid, lit("packed_file"), str("packed_file_path")}},

	{"RecycleIndexKey", userSpace, parts{lit("recycle"), iid, lit("index"), num("index_id")}},
	{"RecyclePartKey", userSpace, parts{lit("recycle"), iid, lit("partition"), num("part_id")}},
	{"RecycleRowsetKey", userSpace, parts{lit("recycle"), iid, lit("rowset"), num("tablet_id"), str("rowset_id")}},
	{"RecycleTxnKey", userSpace, parts{lit("recycle"), iid, lit("txn"), num("db_id"), num("txn_id")}},
	{"RecycleStageKey", userSpace, parts{lit("recycle"), iid, lit("stage"), str("stage_id")}},

	{"StatsTabletKey", userSpace, parts{lit("stats"), iid, lit("tablet"), num("table_id"), num("index_id"), num("part_id"), num("tablet_id")}},

	{"JobTabletKey", userSpace, parts{lit("job"), iid, lit("tablet"), num("table_id"), num("index_id"), num("part_id"), num("tablet_id")}},
	// The existing tool answers with the key of the check job under this name.
	{"JobRecycleKey", userSpace, parts{lit("job"), iid, lit("check")}},
	{"RLJobProgressKey", userSpace, parts{lit("job"), iid, lit("routine_load_progress"), num("db_id"), num("job_id")}},

	{"CopyJobKey", userSpace, parts{lit("copy"), iid, lit("job"), str("stage_id"), num("table_id"), str("copy_id"), num("group_id")}},
	{"CopyFileKey", userSpace, parts{lit("copy"), iid, lit("loading_file"), str("stage_id"), num("table_id"), str("obj_key"), str("obj_etag")}},

	{"StorageVaultKey", userSpace, parts{lit("storage_vault"), iid, lit("vault"), str("vault_id")}},

	{"MetaServiceRegistryKey", systemSpace, parts{lit("system"), lit("meta-service"), lit("registry")}},
	{"MetaServiceArnInfoKey", systemSpace, parts{lit("system"), lit("meta-service"), lit("arn_info")}},
	{"MetaServiceEncryptionKey", systemSpace, parts{lit("system"), lit("meta-service"), lit("encryption_key_info")}},

	{"VersionedPartitionVersionKey", versionedSpace, parts{lit("version"), iid, lit("partition"), num("partition_id")}},
	{"VersionedTableVersionKey", versionedSpace, parts{lit("version"), iid, lit("table"), num("table_id")}},
	{"VersionedPartitionIndexKey", versionedSpace, parts{lit("index"), iid, lit("partition"), num("partition_id")}},
	{"VersionedPartitionInvertedIndexKey", versionedSpace, parts{lit("index"), iid, lit("partition_inverted"), num("db_id"), num("table_id"), num("partition_id")}},
	{"VersionedTabletIndexKey", versionedSpace, parts{lit("index"), iid, lit("tablet"), num("tablet_id")}},
	{"VersionedTabletInvertedIndexKey", versionedSpace, parts{lit("index"), iid, lit("tablet_inverted"), num("db_id"), num("table_id"), num("index_id"), num("partition_id"), num("tablet_id")}},
	{"VersionedIndexIndexKey", versionedSpace, parts{lit("index"), iid, lit("index"), num("index_id")}},
	{"VersionedIndexInvertedKey", versionedSpace, parts{lit("index"), iid, lit("index_inverted"), num("db_id"), num("table_id"), num("index_id")}},
	{"VersionedTabletLoadStatsKey", versionedSpace, parts{lit("stats"), iid, lit("tablet_load"), num("tablet_id")}},
	{"VersionedTabletCompactStatsKey", versionedSpace, parts{lit("stats"), iid, lit("tablet_compact"), num("tablet_id")}},
	{"VersionedMetaPartitionKey", versionedSpace, parts{lit("meta"), iid, lit("partition"), num("partition_id")}},
	{"VersionedMetaIndexKey", versionedSpace, parts{lit("meta"), iid, lit("index"), num("index_id")}},
	{"VersionedMetaTabletKey", versionedSpace, parts{lit("meta"), iid, lit("tablet"), num("tablet_id")}},
	{"VersionedMetaSchemaKey", versionedSpace, parts{lit("meta"), iid, lit("schema"), num("index_id"), num("schema_version")}},
	{"VersionedMetaRowsetLoadKey", versionedSpace, parts{lit("meta"), iid, lit("rowset_load"), num("tablet_id"), num("version")}},
	{"VersionedMetaRowsetCompactKey", versionedSpace, parts{lit("meta"), iid, lit("rowset_compact"), num("tablet_id"), num("version")}},
	{"VersionedMetaDeleteBitmapKey", versionedSpace, parts{lit("meta"), iid, lit("delete_bitmap"), num("tablet_id"), str("rowset_id")}},
	{"VersionedDataRowsetRefCountKey", versionedSpace, parts{lit("data"), iid, lit("rowset_ref_count"), num("tablet_id"), str("rowset_id")}},

	{"RosterHistoryKey", userSpace, parts{lit("roster"), lit("history"), iid, num("version"), num("seq")}},
	{"RosterRequestKey", userSpace, parts{lit("roster"), lit("request"), str("request_id")}},
	{"RosterNodeKey", userSpace, parts{lit("roster"), lit("node"), str("cloud_unique_id")}},
	{"RosterInstanceKey", userSpace, parts{lit("roster"), lit("instance"), iid}},
	{"RosterUserKey", userSpace, parts{lit("roster"), lit("user"), str("user")}},
	{"RosterLeaseKey", userSpace, parts{lit("roster"), lit("lease"), str("lease")}},
	{"RosterServerKey", userSpace, parts{lit("roster"), lit("server"), str("server_id")}},
}

// Type is a type of key that EncodeType knows.
type Type struct {
	Name string
	// Params are the parameters the type needs, in the order they are asked for.
	Params []string
}

// Types lists the catalogue: the types of the existing service by key space,
// then those only this one has.
func Types() []Type {
	types := make([]Type, len(catalogue))
	for i, l := range catalogue {
		types[i].Name = l.name
		for _, c := range l.components {
			if c.param != "" {
				types[i].Params = append(types[i].Params, c.param)
			}
		}
	}
	return types
}

func layoutOf(keyType string) (layout, bool) {
	i := slices.IndexFunc(catalogue, func(l layout) bool { return l.name == keyType })
	if i < 0 {
		return layout{}, false
	}
	return catalogue[i], true
}
