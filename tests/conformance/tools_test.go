package conformance

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"roster/tests/harness"
)

// drawings are keys and how decode_key shows them; · is the blank at a line's
// end.
var drawings = []struct{ name, query, want string }{
	{"the sample", "key=0110696e7374616e636500011072656772657373696f6e5f696e7374616e6365300001", `
┌───────────────────────── 0. key space: 1
│ ┌─────────────────────── 1. instance
│ │                     ┌─ 2. regression_instance0
│ │                     │·
▼ ▼                     ▼·
0110696e7374616e636500011072656772657373696f6e5f696e7374616e6365300001
`},
	{"the sample without box characters", "unicode=false&key=0110696e7374616e636500011072656772657373696f6e5f696e7374616e6365300001", `
/------------------------- 0. key space: 1
| /----------------------- 1. instance
| |                     /- 2. regression_instance0
| |                     |·
v v                     v·
0110696e7374616e636500011072656772657373696f6e5f696e7374616e6365300001
`},
	{"numbers", "unicode=true&key=011074786e000110693100011074786e5f6c6162656c000112000000000000000a106c61620001", `
┌─────────────────────────────────────────────────────────────────── 0. key space: 1
│ ┌───────────────────────────────────────────────────────────────── 1. txn
│ │           ┌───────────────────────────────────────────────────── 2. i1
│ │           │         ┌─────────────────────────────────────────── 3. txn_label
│ │           │         │                       ┌─────────────────── 4. 10
│ │           │         │                       │                 ┌─ 5. lab
│ │           │         │                       │                 │·
▼ ▼           ▼         ▼                       ▼                 ▼·
011074786e000110693100011074786e5f6c6162656c000112000000000000000a106c61620001
`},
	{"the key space alone", "key=01", "\n┌─ 0. key space: 1\n│·\n▼·\n01\n"},
	{"an odd digit, shown as it was given", "key=0110610001a", "\n┌─── 0. key space: 1\n│ ┌─ 1. a\n│ │·\n▼ ▼·\n0110610001a\n"},
	{"capital letters, shown as they were given", "key=01106C0001", "\n┌─── 0. key space: 1\n│ ┌─ 1. l\n│ │·\n▼ ▼·\n01106C0001\n"},
}

func TestDecodeKey(t *testing.T) {
	rest := &harness.REST{URL: serverAt(t, reference).URL}
	get := func(t *testing.T, query string) harness.Reply {
		t.Helper()
		return send(t, rest, harness.Request{Method: http.MethodGet, Path: base + "decode_key?token=" + adminToken + "&" + query})
	}
	for _, c := range drawings {
		check(t, c.name, func(t *testing.T) {
			// A reply ends with one line feed of its own.
			wantReply(t, get(t, c.query), http.StatusOK, strings.ReplaceAll(strings.TrimPrefix(c.want, "\n"), "·", " ")+"\n")
		})
	}
	check(t, "a negative number", func(t *testing.T) {
		got := get(t, "key=01106d657461000110693100011064656c6574655f6269746d61705f6c6f636b0001120000000000000007110000000000000001")
		if got.Status != http.StatusOK || !strings.Contains(got.Body, "5. -1\n") || !strings.Contains(got.Body, "4. 7\n") {
			t.Errorf("got %s", got.Body)
		}
	})
	for _, key := range []string{"0110", "011069", "01106900", "0113", "01ff", "0112", "0110610002"} {
		check(t, "refuses "+key, func(t *testing.T) {
			wantReply(t, get(t, "key="+key), http.StatusBadRequest, refused(t, "INVALID_ARGUMENT", "failed to decode key, key="+key))
		})
	}
	for name, query := range map[string]string{"refuses no key": "", "refuses an empty key": "key="} {
		check(t, name, func(t *testing.T) {
			wantReply(t, get(t, query), http.StatusBadRequest, refused(t, "INVALID_ARGUMENT", "no key to decode"))
		})
	}
}

func TestEncodeKey(t *testing.T) {
	rest := &harness.REST{URL: serverAt(t, reference).URL}
	get := func(t *testing.T, query string) harness.Reply {
		t.Helper()
		return send(t, rest, harness.Request{Method: http.MethodGet, Path: base + "encode_key?token=" + adminToken + "&" + query})
	}
	check(t, "draws the key and spells its bytes", func(t *testing.T) {
		wantReply(t, get(t, "key_type=InstanceKey&instance_id=test&unicode=false"), http.StatusOK, "/------------------------- 0. key space: 1\n"+
			"| /----------------------- 1. instance\n| |                     /- 2. test\n| |                     | \nv v                     v \n"+
			"0110696e7374616e6365000110746573740001\n"+
			`\x01\x10\x69\x6e\x73\x74\x61\x6e\x63\x65\x00\x01\x10\x74\x65\x73\x74\x00\x01`+"\n\n")
	})
	for query, key := range map[string]string{
		"key_type=InstanceKey&instance_id=i1":                                                    "0110696e7374616e636500011069310001",
		"key_type=TxnLabelKey&instance_id=i1&db_id=10&label=lab":                                 "011074786e000110693100011074786e5f6c6162656c000112000000000000000a106c61620001",
		"key_type=TxnInfoKey&instance_id=i1&db_id=10&txn_id=20":                                  "011074786e000110693100011074786e5f696e666f000112000000000000000a120000000000000014",
		"key_type=TxnIndexKey&instance_id=i1&txn_id=20":                                          "011074786e000110693100011074786e5f696e6465780001120000000000000014",
		"key_type=TxnRunningKey&instance_id=i1&db_id=10&txn_id=20":                               "011074786e000110693100011074786e5f72756e6e696e67000112000000000000000a120000000000000014",
		"key_type=PartitionVersionKey&instance_id=i1&db_id=10&tbl_id=11&partition_id=12":         "011076657273696f6e0001106931000110706172746974696f6e000112000000000000000a12000000000000000b12000000000000000c",
		"key_type=TableVersionKey&instance_id=i1&db_id=10&tbl_id=11":                             "011076657273696f6e00011069310001107461626c65000112000000000000000a12000000000000000b",
		"key_type=MetaRowsetKey&instance_id=i1&tablet_id=13&version=2":                           "01106d6574610001106931000110726f77736574000112000000000000000d120000000000000002",
		"key_type=MetaTabletIdxKey&instance_id=i1&tablet_id=13":                                  "01106d65746100011069310001107461626c65745f696e646578000112000000000000000d",
		"key_type=StatsTabletKey&instance_id=i1&table_id=11&index_id=14&part_id=12&tablet_id=13": "0110737461747300011069310001107461626c6574000112000000000000000b12000000000000000e12000000000000000c12000000000000000d",
		"key_type=JobTabletKey&instance_id=i1&table_id=11&index_id=14&part_id=12&tablet_id=13":   "01106a6f6200011069310001107461626c6574000112000000000000000b12000000000000000e12000000000000000c12000000000000000d",
		"key_type=RecycleStageKey&instance_id=i1&stage_id=s1":                                    "011072656379636c650001106931000110737461676500011073310001",
		"key_type=CopyJobKey&instance_id=i1&stage_id=s1&table_id=11&copy_id=c1&group_id=0":       "0110636f707900011069310001106a6f620001107331000112000000000000000b1063310001120000000000000000",
		"key_type=StorageVaultKey&instance_id=i1&vault_id=1":                                     "011073746f726167655f7661756c7400011069310001107661756c74000110310001",
		"key_type=MetaServiceRegistryKey":                                                        "021073797374656d0001106d6574612d7365727669636500011072656769737472790001",
		"key_type=MetaServiceEncryptionKey":                                                      "021073797374656d0001106d6574612d73657276696365000110656e6372797074696f6e5f6b65795f696e666f0001",
		"key_type=MetaServiceArnInfoKey":                                                         "021073797374656d0001106d6574612d7365727669636500011061726e5f696e666f0001",
	} {
		name, _, _ := strings.Cut(query, "&")
		check(t, name, func(t *testing.T) {
			got := get(t, query)
			if got.Status != http.StatusOK || !strings.Contains(got.Body, "\n"+key+"\n") {
				t.Errorf("got status %d\n%s\nwant the key %s", got.Status, got.Body, key)
			}
		})
	}
	for query, msg := range map[string]string{
		"":                     "key_type not supported: (empty)…",
		"key_type=NoSuchKey":   "key_type not supported: NoSuchKey…",
		"key_type=InstanceKey": "instance_id is not given or empty",
		"key_type=TxnInfoKey&instance_id=i1&txn_id=20":  "db_id is not given or empty",
		"key_type=TxnInfoKey&instance_id=i1&db_id=10":   "txn_id is not given or empty",
		"key_type=TxnInfoKey&instance_id=&db_id=&x=yes": "instance_id is not given or empty",
	} {
		check(t, "refuses "+query, func(t *testing.T) {
			got := get(t, query)
			if e := envelope(t, got); got.Status != http.StatusBadRequest || e.Code != "INVALID_ARGUMENT" {
				t.Errorf("got status %d %s", got.Status, got.Body)
			} else {
				wantText(t, e.Msg, msg)
			}
		})
	}
}

// TestTabletStatsText: the reply of get_tablet_stats as text and as JSON.
func TestTabletStatsText(t *testing.T) {
	rest := restAt(t, reference)
	s := &suite{api: rest, level: reference}
	id := s.instance(t)
	s.put(t, record(id, "StatsTabletKey", tabletParams), strings.Replace(tabletStats, `"cumulative_point":"2"`,
		`"cumulative_point":"2","last_base_compaction_time_ms":"3","index_size":"7","segment_size":"8"`, 1))
	body := fill(id, `{"cloud_unique_id":"1:$I:x","tablet_idx":[`+fullIndex+`]}`)
	const want = `status {
  code: OK
  msg: ""
}
tablet_stats {
  idx {
    table_id: 11
    index_id: 14
    partition_id: 12
    tablet_id: 13
  }
  data_size: 100
  num_rows: 5
  num_rowsets: 2
  num_segments: 1
  base_compaction_cnt: 0
  cumulative_compaction_cnt: 0
  cumulative_point: 2
  last_base_compaction_time_ms: 3
  index_size: 7
  segment_size: 8
}

`
	check(t, "as text, the same each time", func(t *testing.T) {
		for range 20 {
			wantReply(t, send(t, rest, harness.Request{Path: base + "get_tablet_stats", Body: body}), http.StatusOK, want)
		}
	})
	check(t, "no tablet as text", func(t *testing.T) {
		wantReply(t, send(t, rest, harness.Request{Path: base + "get_tablet_stats", Body: fill(id, `{"cloud_unique_id":"1:$I:x"}`)}), http.StatusOK,
			"status {\n  code: OK\n  msg: \"\"\n}\n\n")
	})
	for name, r := range map[string]harness.Request{
		"with Accept":      {Path: base + "get_tablet_stats", Body: body, Header: http.Header{"Accept": {"application/json"}}},
		"with format=json": {Path: base + "get_tablet_stats", Body: body, Query: url.Values{"format": {"json"}}},
	} {
		check(t, "as JSON "+name, func(t *testing.T) {
			e := envelope(t, send(t, rest, r))
			if e.Code != "OK" || e.Msg != "" || !strings.Contains(compact(t, string(e.Result)), `"tablet_stats":[{"idx":{"table_id":"11"`) {
				t.Errorf("got %s %s %s", e.Code, e.Msg, e.Result)
			}
		})
	}
	check(t, "a failure is JSON with a text", func(t *testing.T) {
		reply := send(t, rest, harness.Request{Path: base + "get_tablet_stats", Body: fill(id, `{"cloud_unique_id":"1:$I:x","tablet_idx":[{"tablet_id":99}]}`)})
		if e := envelope(t, reply); reply.Status != http.StatusNotFound || e.Code != "NOT_FOUND" || e.Msg == "" {
			t.Errorf("got status %d %s", reply.Status, reply.Body)
		}
	})
}

// TestRecordsAsText: get_value and set_value answer in text.
func TestRecordsAsText(t *testing.T) {
	rest := restAt(t, reference)
	id := newID("records")
	query := url.Values{"key_type": {"TxnIndexKey"}, "instance_id": {id}, "txn_id": {"20"}}
	check(t, "get_value after set_value", func(t *testing.T) {
		key := "011074786e000110" + hex.EncodeToString([]byte(id)) + "00011074786e5f696e6465780001120000000000000014"
		wantReply(t, send(t, rest, harness.Request{Path: base + "get_value", Query: query}), http.StatusInternalServerError,
			refused(t, "INTERNAL_ERROR", "kv not found, key="+key))
		wantReply(t, send(t, rest, harness.Request{Path: base + "set_value", Query: query, Body: `{"tablet_index":{"db_id":"10"}}`}), http.StatusOK,
			"key_hex="+key+"\noriginal_value_json=\nnew_value_json={\"tablet_index\":{\"db_id\":\"10\"}}\noriginal_value_hex=\nnew_value_hex=0a02080a\n")
		wantReply(t, send(t, rest, harness.Request{Path: base + "get_value", Query: query}), http.StatusOK, "{\"tablet_index\":{\"db_id\":\"10\"}}\n")
	})
}
