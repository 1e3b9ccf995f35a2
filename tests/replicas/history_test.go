//go:build cluster

package replicas

import (
	"strconv"
	"testing"

	"roster/core/metakey"
	"roster/tests/harness"
)

// historyKey is what the keys of an instance's history have in common.
func historyKey(instance string) []byte {
	start, _ := metakey.HistoryRange(instance)
	return start
}

// recorded counts the changes in an instance's history, those under a request id
// if there is one.
func recorded(t *testing.T, api *harness.SQL, instance, requestID string) int {
	t.Helper()
	rows, err := api.Query(t.Context(),
		"SELECT COUNT(*) AS n FROM roster.history WHERE instance_id = ? AND (? = '' OR operation_id = ?)", instance, requestID, requestID)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(rows[0]["n"])
	if err != nil {
		t.Fatal(err)
	}
	return n
}
