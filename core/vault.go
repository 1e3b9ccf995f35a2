package core

import (
	"crypto/rand"
	"strings"

	"google.golang.org/protobuf/proto"

	"roster/core/metakey"
	pb "roster/core/metapb"
)

// builtInVault is the name of the vault an instance is created with.
const builtInVault = "built_in_storage_vault"

// addBuiltInVault gives a new instance its first vault, under a key of its own
// (meta-service.md 5.1).
func addBuiltInVault(doc *pb.InstanceInfoPB, given *pb.StorageVaultPB, env *Env) error {
	id := nextStoreID(doc)
	vault := proto.CloneOf(given)
	vault.Id, vault.Name, vault.AlterName = &id, new(builtInVault), nil
	switch {
	case vault.ObjInfo != nil:
		obj, err := newObjectStore(vault.ObjInfo, id, vaultField(id), doc, env)
		if err != nil {
			return err
		}
		obj.SseEnabled = new(true)
		vault.ObjInfo = obj
	case vault.HdfsInfo != nil:
		if err := placeHdfs(vault.HdfsInfo); err != nil {
			return err
		}
	default:
		return Errorf(InvalidArgument, "s3 conf info err, please check it: vault needs obj_info or hdfs_info")
	}
	doc.ResourceIds = append(doc.ResourceIds, id)
	doc.StorageVaultNames = append(doc.StorageVaultNames, builtInVault)
	env.put(metakey.StorageVault(doc.GetInstanceId(), id), vault)
	return nil
}

// placeHdfs checks where an HDFS vault lies and gives it a path of its own there,
// so that instances sharing a prefix do not share files (meta-service.md 6.7).
func placeHdfs(hdfs *pb.HdfsVaultInfo) error {
	prefix := trimPrefix(hdfs.GetPrefix())
	if strings.Contains(prefix, "://") {
		return Errorf(InvalidArgument, "invalid prefix: %s", prefix)
	}
	fs := trimPrefix(hdfs.GetBuildConf().GetFsName())
	if fs == "" {
		return Errorf(InvalidArgument, "invalid fs_name: %s", hdfs.GetBuildConf().GetFsName())
	}
	hdfs.BuildConf.FsName = &fs
	hdfs.Prefix = new(prefix + "_" + rand.Text())
	return nil
}

// vaultsOf reads the storage vaults of an instance, if it has any.
func vaultsOf(r Reader, doc *pb.InstanceInfoPB) ([]*pb.StorageVaultPB, error) {
	if len(doc.GetResourceIds()) == 0 {
		return nil, nil
	}
	start, end := metakey.StorageVaultRange(doc.GetInstanceId())
	page, err := r.Scan(Range{Start: start, End: end})
	if err != nil {
		return nil, err
	}
	var vaults []*pb.StorageVaultPB
	for _, item := range page.Items {
		v := new(pb.StorageVaultPB)
		if err := parseRecord(item.Key, item.Value, v); err != nil {
			return nil, err
		}
		vaults = append(vaults, v)
	}
	return vaults, nil
}
