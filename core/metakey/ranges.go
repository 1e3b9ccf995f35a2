package metakey

import "bytes"

// PrefixEnd is the first key after all that start with prefix, or nil when every
// later key does (a prefix of 0xff bytes only).
func PrefixEnd(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] < 0xff {
			end := bytes.Clone(prefix[:i+1])
			end[i]++
			return end
		}
	}
	return nil
}

func prefixRange(prefix []byte) (start, end []byte) {
	return prefix, PrefixEnd(prefix)
}

// InstanceRange holds the Instance keys, from start up to but without end, as
// all ranges here.
func InstanceRange() (start, end []byte) {
	return prefixRange(build(userSpace, []string{"instance"}))
}

// StorageVaultRange holds the StorageVault keys of an instance.
func StorageVaultRange(instanceID string) (start, end []byte) {
	return prefixRange(build(userSpace, []string{"storage_vault", instanceID, "vault"}))
}

// StatsCounters holds the keys of a tablet's detached counters: its StatsTablet
// key, which is not among them, with a counter's name appended.
func StatsCounters(instanceID string, tableID, indexID, partitionID, tabletID int64) (start, end []byte) {
	return prefixRange(append(StatsTablet(instanceID, tableID, indexID, partitionID, tabletID), tagString))
}

// HistoryRange holds the History keys of an instance, oldest first.
func HistoryRange(instanceID string) (start, end []byte) {
	return prefixRange(build(userSpace, []string{"roster", "history", instanceID}))
}

// AllHistoryRange holds the History keys of all instances.
func AllHistoryRange() (start, end []byte) {
	return prefixRange(build(userSpace, []string{"roster", "history"}))
}

// RequestRange holds the Request keys.
func RequestRange() (start, end []byte) {
	return prefixRange(build(userSpace, []string{"roster", "request"}))
}

// UserRange holds every User key.
func UserRange() (start, end []byte) {
	return prefixRange(build(userSpace, []string{"roster", "user"}))
}

// ServerRange holds every Server key.
func ServerRange() (start, end []byte) {
	return prefixRange(build(userSpace, []string{"roster", "server"}))
}
