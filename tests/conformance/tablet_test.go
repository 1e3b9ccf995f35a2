package conformance

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"roster/core"
	pb "roster/core/metapb"
)

// record names a record of an instance: params are "name=value name=value".
func record(id, keyType, params string) core.KeyQuery {
	q := core.KeyQuery{Type: keyType, Params: map[string]string{"instance_id": id}}
	for _, p := range strings.Fields(params) {
		name, value, _ := strings.Cut(p, "=")
		q.Params[name] = value
	}
	return q
}

// put stores a record.
func (s *suite) put(t *testing.T, q core.KeyQuery, text string) {
	t.Helper()
	if _, err := s.api.SetValue(t.Context(), q, []byte(text)); err != nil {
		t.Fatalf("set_value %s: %v", q.Type, err)
	}
}

// get reads a record into m.
func (s *suite) get(t *testing.T, q core.KeyQuery, m proto.Message) {
	t.Helper()
	text, err := s.api.GetValue(t.Context(), q)
	if err != nil {
		t.Fatalf("get_value %s: %v", q.Type, err)
	}
	if err := protojson.Unmarshal([]byte(text), m); err != nil {
		t.Fatalf("get_value %s: %v: %s", q.Type, err, text)
	}
}

const (
	tabletParams = "table_id=11 index_id=14 part_id=12 tablet_id=13"
	tabletStats  = `{"idx":{"table_id":"11","index_id":"14","partition_id":"12","tablet_id":"13"},"data_size":"100","num_rows":"5","num_rowsets":"2",
		"num_segments":"1","base_compaction_cnt":"0","cumulative_compaction_cnt":"0","cumulative_point":"2"}`
	tabletIndex = `{"db_id":"10","table_id":"11","index_id":"14","partition_id":"12","tablet_id":"13"}`
	fullIndex   = `{"table_id":11,"index_id":14,"partition_id":12,"tablet_id":13}`
)

func tabletCases(t *testing.T, s *suite) {
	check(t, "get_tablet_stats", func(t *testing.T) {
		id := s.instance(t)
		s.put(t, record(id, "StatsTabletKey", tabletParams), tabletStats)
		s.put(t, record(id, "MetaTabletIdxKey", "tablet_id=13"), tabletIndex)
		for name, idx := range map[string]string{"by all ids": fullIndex, "by the tablet id": `{"tablet_id":13}`} {
			checkInTurn(t, name, func(t *testing.T) {
				req := new(pb.GetTabletStatsRequest)
				if err := protojson.Unmarshal([]byte(fill(id, `{"cloud_unique_id":"1:$I:x","tablet_idx":[`+idx+`]}`)), req); err != nil {
					t.Fatal(err)
				}
				resp, err := s.api.GetTabletStats(t.Context(), req)
				if err != nil || len(resp.GetTabletStats()) != 1 {
					t.Fatalf("got %v, %v", resp, err)
				}
				got := resp.GetTabletStats()[0]
				if got.GetDataSize() != 100 || got.GetNumRows() != 5 || got.GetNumRowsets() != 2 || got.GetNumSegments() != 1 ||
					got.GetCumulativePoint() != 2 || got.GetIdx().GetTabletId() != 13 || got.GetIdx().GetTableId() != 11 {
					t.Errorf("got %v", got)
				}
			})
		}
		for _, st := range []step{
			{"finds no statistics", "get_tablet_stats", `{"cloud_unique_id":"1:$I:x","tablet_idx":[{"table_id":11,"index_id":14,"partition_id":12,"tablet_id":99}]}`,
				core.NotFound, ""},
			{"finds no tablet", "get_tablet_stats", `{"cloud_unique_id":"1:$I:x","tablet_idx":[{"tablet_id":99}]}`, core.NotFound,
				"failed to get tablet_idx, err=KeyNotFound tablet_id=99 key=…"},
			{"answers all or none", "get_tablet_stats", `{"cloud_unique_id":"1:$I:x","tablet_idx":[` + fullIndex + `,{"tablet_id":99}]}`, core.NotFound, ""},
			{"refuses a cloud_unique_id nobody holds", "get_tablet_stats", `{"cloud_unique_id":"$I-none","tablet_idx":[` + fullIndex + `]}`, core.InvalidArgument, ""},
			{"refuses no cloud_unique_id", "get_tablet_stats", `{"tablet_idx":[` + fullIndex + `]}`, core.InvalidArgument, ""},
		} {
			s.step(t, id, st)
		}
	})

	check(t, "get_value and set_value", func(t *testing.T) {
		id := s.instance(t)
		q := record(id, "TxnInfoKey", "db_id=10 txn_id=20")
		_, err := s.api.GetValue(t.Context(), q)
		wantRefusal(t, err, core.Internal, "kv not found, key=0110…")
		s.put(t, q, `{"db_id":"10","txn_id":"20","label":"l"}`)
		text, err := s.api.GetValue(t.Context(), q)
		if err != nil || text != `{"db_id":"10","txn_id":"20","label":"l"}` {
			t.Errorf("got %s, %v", text, err)
		}
		shown, err := s.api.SetValue(t.Context(), q, []byte(`{"db_id":"10","txn_id":"20","label":"other"}`))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{"key_hex=0110", `original_value_json={"db_id":"10","txn_id":"20","label":"l"}` + "\n",
			`new_value_json={"db_id":"10","txn_id":"20","label":"other"}` + "\n", "original_value_hex=080a18142201", "new_value_hex=080a18142205"} {
			// TxnInfoPB has label as field 4 and txn_id as field 3.
			if !strings.Contains(shown, line) {
				t.Errorf("set_value does not show %q:\n%s", line, shown)
			}
		}
		hex := core.KeyQuery{Type: "TxnInfoKey", Key: keyHex(t, shown)}
		if text, err := s.api.GetValue(t.Context(), hex); err != nil || !strings.Contains(text, "other") {
			t.Errorf("by hex: got %s, %v", text, err)
		}
		for name, bad := range map[string]string{"an unknown field": `{"no_such":1}`, "no JSON": `{`, "a wrong type": `{"db_id":"x"}`} {
			_, err := s.api.SetValue(t.Context(), q, []byte(bad))
			checkInTurn(t, "refuses "+name, func(t *testing.T) {
				wantRefusal(t, err, core.InvalidArgument, "invalid input json value, cannot parse json to pb, key_type=TxnInfoKey…")
			})
		}
		for name, bad := range map[string]struct {
			q    core.KeyQuery
			text string
		}{
			"no type":             {core.KeyQuery{}, "key_type not supported: (empty)…"},
			"an unknown type":     {core.KeyQuery{Type: "NoSuchKey"}, "key_type not supported: NoSuchKey…"},
			"a missing parameter": {record(id, "TxnInfoKey", "db_id=10"), "txn_id is not given or empty"},
			"no instance":         {core.KeyQuery{Type: "InstanceKey"}, "instance_id is not given or empty"},
		} {
			_, getErr := s.api.GetValue(t.Context(), bad.q)
			_, setErr := s.api.SetValue(t.Context(), bad.q, []byte(`{"db_id":"1"}`))
			checkInTurn(t, "refuses "+name, func(t *testing.T) {
				wantRefusal(t, getErr, core.InvalidArgument, bad.text)
				wantRefusal(t, setErr, core.InvalidArgument, bad.text)
			})
		}
	})
}

func keyHex(t *testing.T, shown string) string {
	t.Helper()
	for line := range strings.Lines(shown) {
		if hex, ok := strings.CutPrefix(strings.TrimSpace(line), "key_hex="); ok {
			return hex
		}
	}
	t.Fatalf("no key_hex in %s", shown)
	return ""
}

// loaded stores a running load transaction with the id and status given.
func (s *suite) loaded(t *testing.T, id string, txn int, label, status string) {
	t.Helper()
	params := "db_id=10 txn_id=" + strconv.Itoa(txn)
	info, err := json.Marshal(map[string]any{"db_id": 10, "txn_id": txn, "label": label, "status": status, "prepare_time": 1000, "timeout_ms": 60000})
	if err != nil {
		t.Fatal(err)
	}
	s.put(t, record(id, "TxnIndexKey", "txn_id="+strconv.Itoa(txn)), `{"tablet_index":{"db_id":"10"}}`)
	s.put(t, record(id, "TxnInfoKey", params), string(info))
	s.put(t, record(id, "TxnRunningKey", params), `{"table_ids":["11"],"timeout_time":"99999999999999"}`)
}

// aborted checks what an abort leaves of a transaction.
func (s *suite) aborted(t *testing.T, id string, txn int, label, reason string) {
	t.Helper()
	params := "db_id=10 txn_id=" + strconv.Itoa(txn)
	info := new(pb.TxnInfoPB)
	s.get(t, record(id, "TxnInfoKey", params), info)
	if info.GetStatus() != pb.TxnStatusPB_TXN_STATUS_ABORTED || info.GetReason() != reason || info.GetFinishTime() < 1_000_000_000_000 ||
		info.GetLabel() != label || info.GetPrepareTime() != 1000 {
		t.Errorf("the transaction is %v", info)
	}
	_, err := s.api.GetValue(t.Context(), record(id, "TxnRunningKey", params))
	wantRefusal(t, err, core.Internal, "kv not found, key=…")
	recycle := new(pb.RecycleTxnPB)
	s.get(t, record(id, "RecycleTxnKey", params), recycle)
	if recycle.GetLabel() != label || recycle.GetCreationTime() <= 0 {
		t.Errorf("the recycle record is %v", recycle)
	}
}

func txnCases(t *testing.T, s *suite) {
	const op = "abort_txn"
	for status, name := range map[string]string{"TXN_STATUS_PREPARED": "prepared", "TXN_STATUS_PRECOMMITTED": "precommitted", "TXN_STATUS_COMMITTED": "committed"} {
		for body, reason := range map[string]string{
			`{"cloud_unique_id":"1:$I:x","txn_id":20}`:                             "User Abort",
			`{"cloud_unique_id":"1:$I:x","txn_id":"20","db_id":10,"reason":"why"}`: "why",
			`{"cloud_unique_id":"1:$I:x","txn_id":20,"db_id":10,"label":"other"}`:  "User Abort",
		} {
			check(t, "aborts a "+name+" transaction by "+body, func(t *testing.T) {
				id := s.instance(t)
				s.loaded(t, id, 20, "lab", status)
				s.must(t, op, fill(id, body))
				s.aborted(t, id, 20, "lab", reason)
			})
		}
	}
	check(t, "aborts the running transaction of a label", func(t *testing.T) {
		id := s.instance(t)
		s.loaded(t, id, 20, "lab", "TXN_STATUS_ABORTED")
		s.loaded(t, id, 21, "lab", "TXN_STATUS_PREPARED")
		s.put(t, record(id, "TxnLabelKey", "db_id=10 label=lab"), `{"txn_ids":["20","21"]}`)
		s.must(t, op, fill(id, `{"cloud_unique_id":"1:$I:x","db_id":10,"label":"lab"}`))
		s.aborted(t, id, 21, "lab", "User Abort")
		s.step(t, id, step{"has none left", op, `{"cloud_unique_id":"1:$I:x","db_id":10,"label":"lab"}`, core.Internal,
			"running transaction not found, db_id=10 label=lab"})
	})
	check(t, "abort_txn refuses", func(t *testing.T) {
		id := s.instance(t)
		s.loaded(t, id, 30, "done", "TXN_STATUS_ABORTED")
		s.loaded(t, id, 31, "seen", "TXN_STATUS_VISIBLE")
		s.put(t, record(id, "TxnIndexKey", "txn_id=32"), `{"tablet_index":{"db_id":"10"}}`)
		for _, st := range []step{
			{"neither id nor label", op, `{"cloud_unique_id":"1:$I:x"}`, core.InvalidArgument, "invalid txn id and label, db_id=-1 txn_id=-1 label="},
			{"a label without database", op, `{"cloud_unique_id":"1:$I:x","label":"l"}`, core.InvalidArgument, "invalid txn id and label, db_id=-1 txn_id=-1 label=l"},
			{"a database without label", op, `{"cloud_unique_id":"1:$I:x","db_id":10}`, core.InvalidArgument, "invalid txn id and label, db_id=10 txn_id=-1 label="},
			{"a cloud_unique_id nobody holds", op, `{"cloud_unique_id":"$I-none","txn_id":1}`, core.InvalidArgument,
				"cannot find instance_id with cloud_unique_id=$I-none label= txn_id=1"},
			{"no cloud_unique_id", op, `{"txn_id":1}`, core.InvalidArgument, "cannot find instance_id with cloud_unique_id=(empty) label= txn_id=1"},
			{"an unknown id", op, `{"cloud_unique_id":"1:$I:x","txn_id":99}`, core.Internal, "transaction [99] not found"},
			{"an id without record", op, `{"cloud_unique_id":"1:$I:x","txn_id":32}`, core.Internal, "failed to get txn_info, db_id=10txn_id=32err=KeyNotFound"},
			{"an aborted one", op, `{"cloud_unique_id":"1:$I:x","txn_id":30}`, core.Internal, "transaction [30] is already aborted, db_id=10"},
			{"a visible one", op, `{"cloud_unique_id":"1:$I:x","txn_id":31}`, core.Internal, "transaction [31] is already VISIBLE, db_id=10"},
			{"an unknown label", op, `{"cloud_unique_id":"1:$I:x","db_id":10,"label":"none"}`, core.Internal, "txn->get() failed, label=none err=KeyNotFound"},
		} {
			s.step(t, id, st)
		}
		running := new(pb.TxnRunningPB)
		s.get(t, record(id, "TxnRunningKey", "db_id=10 txn_id=31"), running)
		if len(running.GetTableIds()) != 1 {
			t.Errorf("a refused abort changed the running record: %v", running)
		}
	})
}

func tabletJobCases(t *testing.T, s *suite) {
	const op = "abort_tablet_job"
	job := func(compactions string) string {
		return `{"idx":` + tabletIndex + `,"compaction":[` + compactions + `]}`
	}
	const base, cumulative = `{"id":"113974","type":"BASE","initiator":"be1"}`, `{"id":"113975","type":"CUMULATIVE","initiator":"be2"}`
	setup := func(t *testing.T, compactions string) string {
		t.Helper()
		id := s.instance(t)
		s.put(t, record(id, "MetaTabletIdxKey", "tablet_id=13"), tabletIndex)
		if compactions != "" {
			s.put(t, record(id, "JobTabletKey", tabletParams), job(compactions))
		}
		return id
	}
	abort := func(idx string) string {
		return `{"cloud_unique_id":"1:$I:x","job":{"idx":` + idx + `,"compaction":[{"id":"113974"}]}}`
	}
	for name, idx := range map[string]string{"the tablet id": `{"tablet_id":13}`, "all ids": fullIndex} {
		check(t, "aborts one of two compactions by "+name, func(t *testing.T) {
			id := setup(t, base+","+cumulative)
			s.must(t, op, fill(id, abort(idx)))
			left := new(pb.TabletJobInfoPB)
			s.get(t, record(id, "JobTabletKey", tabletParams), left)
			if len(left.GetCompaction()) != 1 || left.GetCompaction()[0].GetId() != "113975" || left.GetIdx().GetTabletId() != 13 {
				t.Errorf("left are %v", left)
			}
			wantRefusal(t, s.do(t, op, fill(id, abort(idx))), core.InvalidArgument, "unmatched job id, recorded_job=…")
		})
	}
	for _, c := range []struct{ name, jobs, body, text string }{
		{"no job", base, `{"cloud_unique_id":"1:$I:x"}`, "no valid job specified"},
		{"no compaction", base, `{"cloud_unique_id":"1:$I:x","job":{"idx":{"tablet_id":13}}}`, "no valid job specified"},
		{"no tablet", base, `{"cloud_unique_id":"1:$I:x","job":{"compaction":[{"id":"113974"}]}}`, "no valid tablet_id given"},
		{"a cloud_unique_id nobody holds", base, strings.Replace(abort(`{"tablet_id":13}`), "1:$I:x", "$I-none", 1),
			"cannot find instance_id with cloud_unique_id=$I-none"},
		{"no cloud_unique_id", base, `{"job":{"idx":{"tablet_id":13},"compaction":[{"id":"1"}]}}`, "cannot find instance_id with cloud_unique_id=(empty)"},
		{"a tablet without job", "", abort(`{"tablet_id":13}`), "job not found, instance_id=$I tablet_id=13 job=…"},
		{"another id", base, strings.Replace(abort(`{"tablet_id":13}`), "113974", "9", 1), "unmatched job id, recorded_job=…"},
	} {
		check(t, "abort_tablet_job refuses "+c.name, func(t *testing.T) {
			id := setup(t, c.jobs)
			wantRefusal(t, s.do(t, op, fill(id, c.body)), core.InvalidArgument, fill(id, c.text))
			if c.jobs != "" {
				left := new(pb.TabletJobInfoPB)
				s.get(t, record(id, "JobTabletKey", tabletParams), left)
				if len(left.GetCompaction()) != 1 {
					t.Errorf("the refused request changed the job: %v", left)
				}
			}
		})
	}
	check(t, "abort_tablet_job finds no running compaction", func(t *testing.T) {
		id := setup(t, "")
		s.put(t, record(id, "JobTabletKey", tabletParams), `{"idx":`+tabletIndex+`}`)
		wantRefusal(t, s.do(t, op, fill(id, abort(`{"tablet_id":13}`))), core.InvalidArgument, "there is no running compaction, tablet_id=13")
	})
	check(t, "abort_tablet_job refuses an expired compaction", func(t *testing.T) {
		id := setup(t, `{"id":"113974","expiration":"1000"}`)
		wantRefusal(t, s.do(t, op, fill(id, abort(`{"tablet_id":13}`))), core.Internal, "expired compaction job, tablet_id=13 job=…")
	})
	check(t, "abort_tablet_job finds no tablet", func(t *testing.T) {
		id := setup(t, base)
		wantRefusal(t, s.do(t, op, fill(id, abort(`{"tablet_id":99}`))), core.NotFound,
			"failed to get tablet_idx, err=KeyNotFound tablet_id=99 key=…")
	})
	check(t, "abort_tablet_job refuses a dropped tablet", func(t *testing.T) {
		id := setup(t, base)
		s.put(t, record(id, "RecycleIndexKey", "index_id=14"), `{"table_id":"11","creation_time":"1","state":"DROPPED"}`)
		wantRefusal(t, s.do(t, op, fill(id, abort(`{"tablet_id":13}`))), core.NotFound, "tablet 13 has been dropped")
	})
}
