package httpfront

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"roster/core"
	pb "roster/core/metapb"
)

func TestTexts(t *testing.T) {
	const ok = "status {\n  code: OK\n  msg: \"\"\n}\n"
	stats := &pb.GetTabletStatsResponse{TabletStats: []*pb.TabletStatsPB{{Idx: &pb.TabletIndexPB{TabletId: new(int64(7))}, DataSize: new(int64(0))}}}
	const statsText = ok + "tablet_stats {\n  idx {\n    tablet_id: 7\n  }\n  data_size: 0\n}\n\n"
	const statsJSON = `{
    "code": "OK",
    "msg": "",
    "result": {
        "tablet_stats": [
            {
                "idx": {
                    "tablet_id": "7"
                },
                "data_size": "0"
            }
        ]
    }
}
`
	for _, c := range []struct {
		name, operation, accept string
		abortJSON               bool
		resp                    any
		want                    string
	}{
		{"tablet statistics", "get_tablet_stats", "", false, stats, statsText},
		{"tablet statistics, compat doris", "get_tablet_stats", "*/*", true, stats, statsText},
		{"tablet statistics as JSON by the query", "get_tablet_stats?format=json", "", false, stats, statsJSON},
		{"tablet statistics as JSON by the header", "get_tablet_stats", "text/html, Application/JSON;q=0.9", false, stats, statsJSON},
		{"no tablets", "get_tablet_stats", "", false, nil, ok + "\n"},
		{"an aborted transaction", "abort_txn", "", false, &pb.AbortTxnResponse{TxnInfo: &pb.TxnInfoPB{TxnId: new(int64(1))}}, ok + "\n"},
		{"an aborted transaction, compat doris", "abort_txn", "", true, nil, okBody},
		{"an aborted transaction as JSON", "abort_txn?format=json", "", false, nil, okBody},
		{"an aborted job", "abort_tablet_job", "", false, nil, ok + "\n"},
		{"an aborted job as JSON", "abort_tablet_job", "application/json", false, nil, okBody},
		{"a value", "get_value?key_type=InstanceKey", "", false, `{"a":1}`, "{\"a\":1}\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := start(t, Options{API: answering(c.resp, nil), AbortJSON: c.abortJSON})
			got := h.send(http.MethodPost, "/MetaService/http/"+c.operation, "{}", "Accept", c.accept, "Authorization", "Bearer "+adminToken)
			if got.status != 200 || got.body != c.want {
				t.Errorf("answers %d\n%s\nwant\n%s", got.status, got.body, c.want)
			}
			wantType := "text/plain; charset=utf-8"
			if c.want == okBody || c.want == statsJSON {
				wantType = "application/json"
			}
			if got.header.Get("Content-Type") != wantType {
				t.Errorf("the content type is %q", got.header.Get("Content-Type"))
			}
		})
	}
}

func TestKeyTools(t *testing.T) {
	h := start(t, Options{})
	const drawing = "┌───────────────────────── 0. key space: 1\n" +
		"│ ┌─────────────────────── 1. instance\n" +
		"│ │                     ┌─ 2. regression_instance0\n" +
		"│ │                     │ \n" +
		"▼ ▼                     ▼ \n" +
		"0110696e7374616e636500011072656772657373696f6e5f696e7374616e6365300001\n"
	const ascii = "/------------------------- 0. key space: 1\n" +
		"| /----------------------- 1. instance\n" +
		"| |                     /- 2. test\n" +
		"| |                     | \n" +
		"v v                     v \n" +
		"0110696e7374616e6365000110746573740001\n"
	const escaped = `\x01\x10\x69\x6e\x73\x74\x61\x6e\x63\x65\x00\x01\x10\x74\x65\x73\x74\x00\x01`
	bad := func(msg string) string {
		return "{\n    \"code\": \"INVALID_ARGUMENT\",\n    \"msg\": \"" + msg + "\"\n}\n"
	}
	for _, c := range []struct {
		name, operation string
		status          int
		want            string
	}{
		{"a key decoded", "decode_key?key=0110696e7374616e636500011072656772657373696f6e5f696e7374616e6365300001", 200, drawing + "\n"},
		{"a key decoded, unicode whatever it is", "v1/decode_key?unicode=0&key=0110696e7374616e636500011072656772657373696f6e5f696e7374616e6365300001", 200, drawing + "\n"},
		{"a key decoded in ASCII", "decode_key?unicode=false&key=0110696e7374616e6365000110746573740001", 200, ascii + "\n"},
		{"a key encoded", "encode_key?key_type=InstanceKey&instance_id=test&unicode=false", 200, ascii + escaped + "\n\n"},
		{"no key", "decode_key", 400, bad("no key to decode")},
		{"a key that is none", "decode_key?key=0110", 400, bad("failed to decode key, key=0110")},
		{"no key type", "encode_key", 400, bad("key_type not supported: (empty)")},
		{"a type of no key", "encode_key?key_type=X", 400, bad("key_type not supported: X")},
		{"a parameter missing", "encode_key?key_type=InstanceKey", 400, bad("instance_id is not given or empty")},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := h.call(c.operation, ""); got.status != c.status || got.body != c.want {
				t.Errorf("answers %d\n%s\nwant\n%s", got.status, got.body, c.want)
			}
		})
	}
}

func TestKeyQueries(t *testing.T) {
	h := start(t, Options{API: fakeAPI{func(_ context.Context, op string, req any) (any, error) {
		if set, ok := req.(setValueCall); ok {
			return fmt.Sprintf("%s %s %s %v %s", op, set.query.Type, set.query.Key, set.query.Params, set.json), nil
		}
		query, ok := req.(core.KeyQuery)
		if !ok {
			return nil, fmt.Errorf("got a %T", req)
		}
		return fmt.Sprintf("%s %s %s %v", op, query.Type, query.Key, query.Params), nil
	}}})
	for operation, want := range map[string]string{
		"get_value?key_type=T&key=01ab":                     "GetValue T 01ab map[]\n",
		"get_value?key_type=T&instance_id=a%3Ab+c&db_id=1":  "GetValue T  map[db_id:1 instance_id:a:b+c]\n",
		"get_value?key_type=S&key_type=T&label=100%&empty=": "GetValue T  map[empty: label:100%]\n",
		"set_value?key_type=T&key=01":                       "SetValue T 01 map[] {\"a\":1,}\n",
	} {
		if got := h.call(operation, `{"a":1,}`); got.status != 200 || got.body != want {
			t.Errorf("%s answers %d %q, want %q", operation, got.status, got.body, want)
		}
	}
}
