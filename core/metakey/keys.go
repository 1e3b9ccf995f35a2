package metakey

import "math"

// build encodes the strings and then the integers, the shape of nearly every key.
func build(space byte, strs []string, ints ...int64) []byte {
	size := 1 + intBytes*len(ints)
	for _, s := range strs {
		size += len(s) + 3
	}
	key := append(make([]byte, 0, size), space)
	for _, s := range strs {
		key = appendString(key, s)
	}
	for _, n := range ints {
		key = appendInt(key, n)
	}
	return key
}

// Instance is the key of an instance's document (InstanceInfoPB).
func Instance(instanceID string) []byte {
	return build(userSpace, []string{"instance", instanceID})
}

// TxnLabel is the key of the transactions of a label (TxnLabelPB).
func TxnLabel(instanceID string, dbID int64, label string) []byte {
	return appendString(build(userSpace, []string{"txn", instanceID, "txn_label"}, dbID), label)
}

// TxnInfo is the key of a load transaction (TxnInfoPB).
func TxnInfo(instanceID string, dbID, txnID int64) []byte {
	return build(userSpace, []string{"txn", instanceID, "txn_info"}, dbID, txnID)
}

// TxnIndex is the key that finds a transaction's database (TxnIndexPB).
func TxnIndex(instanceID string, txnID int64) []byte {
	return build(userSpace, []string{"txn", instanceID, "txn_index"}, txnID)
}

// TxnRunning is the key a transaction has while it runs (TxnRunningPB).
func TxnRunning(instanceID string, dbID, txnID int64) []byte {
	return build(userSpace, []string{"txn", instanceID, "txn_running"}, dbID, txnID)
}

// RecycleTxn is the key of a finished transaction to be recycled (RecycleTxnPB).
func RecycleTxn(instanceID string, dbID, txnID int64) []byte {
	return build(userSpace, []string{"recycle", instanceID, "txn"}, dbID, txnID)
}

// RecycleIndex is the key of an index to be recycled (RecycleIndexPB).
func RecycleIndex(instanceID string, indexID int64) []byte {
	return build(userSpace, []string{"recycle", instanceID, "index"}, indexID)
}

// RecyclePartition is the key of a partition to be recycled (RecyclePartitionPB).
func RecyclePartition(instanceID string, partitionID int64) []byte {
	return build(userSpace, []string{"recycle", instanceID, "partition"}, partitionID)
}

// TabletIndex is the key that finds a tablet's table, index and partition
// (TabletIndexPB).
func TabletIndex(instanceID string, tabletID int64) []byte {
	return build(userSpace, []string{"meta", instanceID, "tablet_index"}, tabletID)
}

// StatsTablet is the key of a tablet's statistics (TabletStatsPB).
func StatsTablet(instanceID string, tableID, indexID, partitionID, tabletID int64) []byte {
	return build(userSpace, []string{"stats", instanceID, "tablet"}, tableID, indexID, partitionID, tabletID)
}

// JobTablet is the key of the jobs running on a tablet (TabletJobInfoPB).
func JobTablet(instanceID string, tableID, indexID, partitionID, tabletID int64) []byte {
	return build(userSpace, []string{"job", instanceID, "tablet"}, tableID, indexID, partitionID, tabletID)
}

// StorageVault is the key of a storage vault (StorageVaultPB).
func StorageVault(instanceID, vaultID string) []byte {
	return build(userSpace, []string{"storage_vault", instanceID, "vault", vaultID})
}

// MetaServiceEncryption is the key of the keys that encrypt secrets
// (EncryptionKeyInfoPB).
func MetaServiceEncryption() []byte {
	return build(systemSpace, []string{"system", "meta-service", "encryption_key_info"})
}

// MetaServiceArnInfo is the key of the service's own cloud user (RamUserPB).
func MetaServiceArnInfo() []byte {
	return build(systemSpace, []string{"system", "meta-service", "arn_info"})
}

// History is the key of one change to an instance. Keys sort by version, then
// by seq, which counts the changes of one version from 0. Versions from 2^63 up
// share the highest key.
func History(instanceID string, version uint64, seq int64) []byte {
	return build(userSpace, []string{"roster", "history", instanceID},
		int64(min(version, math.MaxInt64)), seq)
}

// Request is the key of the outcome of a request its caller gave an id.
func Request(id string) []byte {
	return build(userSpace, []string{"roster", "request", id})
}

// NodeIndex is the key that finds the instance whose node has a cloud_unique_id.
func NodeIndex(cloudUniqueID string) []byte {
	return build(userSpace, []string{"roster", "node", cloudUniqueID})
}

// InstanceSeen is the key of the mark that an instance id was used at some time.
func InstanceSeen(instanceID string) []byte {
	return build(userSpace, []string{"roster", "instance", instanceID})
}

// User is the key of a user of the MySQL front.
func User(name string) []byte {
	return build(userSpace, []string{"roster", "user", name})
}

// Lease is the key of a right that one process has at a time.
func Lease(name string) []byte {
	return build(userSpace, []string{"roster", "lease", name})
}

// Server is the key of a running server.
func Server(id string) []byte {
	return build(userSpace, []string{"roster", "server", id})
}
