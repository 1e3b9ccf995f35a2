package metakey

import (
	"bytes"
	"math"
	"testing"
)

func TestEveryConstructorMakesTheKeyOfItsType(t *testing.T) {
	const id = "a\x00b"
	params := paramsOf(map[string]string{
		"instance_id": id, "db_id": "2", "txn_id": "3", "table_id": "4", "index_id": "5", "part_id": "6", "tablet_id": "7",
		"label": "l\x00", "vault_id": "v", "version": "8", "seq": "9", "request_id": "r", "cloud_unique_id": "c", "user": "u",
		"lease": "l", "server_id": "s",
	})
	tests := []struct {
		keyType string
		key     []byte
	}{
		{"InstanceKey", Instance(id)},
		{"TxnLabelKey", TxnLabel(id, 2, "l\x00")},
		{"TxnInfoKey", TxnInfo(id, 2, 3)},
		{"TxnIndexKey", TxnIndex(id, 3)},
		{"TxnRunningKey", TxnRunning(id, 2, 3)},
		{"RecycleTxnKey", RecycleTxn(id, 2, 3)},
		{"RecycleIndexKey", RecycleIndex(id, 5)},
		{"RecyclePartKey", RecyclePartition(id, 6)},
		{"MetaTabletIdxKey", TabletIndex(id, 7)},
		{"StatsTabletKey", StatsTablet(id, 4, 5, 6, 7)},
		{"JobTabletKey", JobTablet(id, 4, 5, 6, 7)},
		{"StorageVaultKey", StorageVault(id, "v")},
		{"MetaServiceEncryptionKey", MetaServiceEncryption()},
		{"MetaServiceArnInfoKey", MetaServiceArnInfo()},
		{"RosterHistoryKey", History(id, 8, 9)},
		{"RosterRequestKey", Request("r")},
		{"RosterNodeKey", NodeIndex("c")},
		{"RosterInstanceKey", InstanceSeen(id)},
		{"RosterUserKey", User("u")},
		{"RosterLeaseKey", Lease("l")},
		{"RosterServerKey", Server("s")},
	}
	for _, test := range tests {
		t.Run(test.keyType, func(t *testing.T) {
			want, err := EncodeType(test.keyType, params)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(test.key, want) {
				t.Errorf("constructor makes %x, type %x", test.key, want)
			}
		})
	}
}

func TestHistoryConfinesVersionsTo63Bits(t *testing.T) {
	if got, want := History("i", math.MaxUint64, 1), History("i", math.MaxInt64, 1); !bytes.Equal(got, want) {
		t.Errorf("highest version has key %x, want %x", got, want)
	}
}

func TestConstructorsAllocateOnlyTheKey(t *testing.T) {
	allocs := testing.AllocsPerRun(100, func() { _ = StatsTablet("an_instance_of_some_length", 1, 2, 3, 4) })
	if allocs > 1 {
		t.Errorf("a key takes %v allocations, want 1", allocs)
	}
}
