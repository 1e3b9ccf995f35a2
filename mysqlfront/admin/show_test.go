package admin

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

func TestShowColumns(t *testing.T) {
	tests := []struct{ text, want string }{
		{`SHOW INSTANCES`, "Instance Name Status Clusters Nodes ObjectStores Sse ModifyTime"},
		{`SHOW FULL INSTANCES`, "Instance Name Status Clusters Nodes ObjectStores Sse ModifyTime UserId RamUserId CreateTime Version"},
		{`SHOW INSTANCE shop`, "Instance Name Status Clusters Nodes ObjectStores Sse ModifyTime UserId RamUserId CreateTime Version Definition"},
		{`SHOW CLUSTERS`, "Cluster Id Type Status Nodes Users ModifyTime"},
		{`SHOW FULL CLUSTERS`, "Cluster Id Type Status Nodes Users ModifyTime CreateTime Version Definition Instance"},
		{`SHOW CLUSTERS IN ALL INSTANCES`, "Instance Cluster Id Type Status Nodes Users ModifyTime"},
		{`SHOW COMPUTE GROUPS`, "Name IsCurrent Users BackendNum SubComputeGroups Policy Properties"},
		{`SHOW CLUSTER etl`, "Instance Cluster Id Type Status Nodes Users ModifyTime CreateTime Version Definition EnableStorageVault"},
		{`SHOW CLUSTER STATUS`, "Instance Cluster Id Status"},
		{`SHOW NODES`, "Cluster CloudUniqueId NodeType Ip Host HeartbeatPort EditLogPort ModifyTime"},
		{`SHOW NODES IN ALL INSTANCES`, "Instance Cluster CloudUniqueId NodeType Ip Host HeartbeatPort EditLogPort ModifyTime"},
		{`SHOW FULL NODES`, "Cluster CloudUniqueId NodeType Ip Host HeartbeatPort EditLogPort ModifyTime Instance ClusterId CreateTime Status Definition"},
		{`SHOW OBJECT STORES`, "Id Provider Endpoint ExternalEndpoint Region Bucket Prefix UserId AccessKey SecretKey ModifyTime"},
		{`SHOW STORAGE VAULTS`, "StorageVaultName StorageVaultId Properties IsDefault"},
		{`SHOW STAGES`, "StageId Name Type MysqlUsers ObjId Prefix"},
		{`SHOW HISTORY`, "Time Revision Actor Via Operation Object Change Result"},
		{`SHOW PROCESSLIST`, "Id User Host db Command Time State Info"},
		{`SHOW FULL PROCESSLIST`, "Id User Host db Command Time State Info ProgramName"},
		{`SHOW WARNINGS`, "Level Code Message"},
		{`ADMIN SHOW FRAGMENTS`, "ClusterId Host HeartbeatPort BePort HttpPort BrpcPort CurrentFragmentNum LastFragmentUpdateTime"},
		{`HELP 'USE'`, "name description example"},
		{`HELP`, "name is_it_category"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			a, err := exec(t, newFake(), admin(), tt.text)
			must(t, err)
			if a.names() != tt.want {
				t.Errorf("got  %s\nwant %s", a.names(), tt.want)
			}
		})
	}
}

func TestShowRows(t *testing.T) {
	tests := []struct {
		text   string
		args   []any
		column string
		want   []string
	}{
		{`SHOW INSTANCES`, nil, "Instance", []string{"lab", "shop"}},
		{`SHOW INSTANCES`, nil, "Name", []string{"", "Shop"}},
		{`SHOW INSTANCES`, nil, "Nodes", []string{"0", "4"}},
		{`SHOW INSTANCES`, nil, "ModifyTime", []string{"<nil>", time.Unix(100, 0).String()}},
		{`SHOW FULL INSTANCES`, nil, "Version", []string{"50", "99"}},
		{`SHOW INSTANCES LIKE 'SH%'`, nil, "Status", []string{"NORMAL"}},
		{`SHOW INSTANCES WHERE Status = ?`, []any{"OVERDUE"}, "Instance", []string{"lab"}},
		{`SHOW INSTANCES WHERE Nodes > 3 AND NOT (Sse = 'NO' OR Instance = 'lab')`, nil, "Instance", []string{"shop"}},
		{`SHOW INSTANCES WHERE ModifyTime IS NULL`, nil, "Instance", []string{"lab"}},
		{`SHOW INSTANCES WHERE ModifyTime IS NOT NULL`, nil, "Instance", []string{"shop"}},
		{`SHOW INSTANCES WHERE ModifyTime <> '1970-01-01 00:00:00'`, nil, "Instance", []string{"shop"}},
		{`SHOW INSTANCES WHERE NOT ModifyTime = '1970-01-01'`, nil, "Instance", []string{"shop"}},
		{`SHOW INSTANCES WHERE ModifyTime <=> NULL`, nil, "Instance", []string{"lab"}},
		{`SHOW INSTANCES WHERE ModifyTime = NULL`, nil, "Instance", []string{}},
		{`SHOW INSTANCES WHERE Instance IN ('lab', NULL)`, nil, "Instance", []string{"lab"}},
		{`SHOW INSTANCES WHERE Instance NOT IN ('lab', NULL)`, nil, "Instance", []string{}},
		{`SHOW INSTANCES WHERE Instance NOT IN ('lab')`, nil, "Instance", []string{"shop"}},
		{`SHOW INSTANCES WHERE instance NOT LIKE '_ab'`, nil, "Instance", []string{"shop"}},
		{`SHOW INSTANCES WHERE Nodes >= 3.5 AND Nodes <= 4`, nil, "Instance", []string{"shop"}},
		{`SHOW INSTANCES WHERE Nodes LIKE '4'`, nil, "Instance", []string{"shop"}},
		{`SHOW INSTANCES ORDER BY Nodes DESC, Instance`, nil, "Instance", []string{"shop", "lab"}},
		{"SHOW INSTANCES ORDER BY `ModifyTime` ASC LIMIT 1", nil, "Instance", []string{"lab"}},
		{`SHOW INSTANCES LIMIT 1 OFFSET ?`, []any{float64(1)}, "Instance", []string{"shop"}},
		{`SHOW INSTANCES LIMIT 1, 5`, nil, "Instance", []string{"shop"}},
		{`SHOW INSTANCES LIMIT 0`, nil, "Instance", []string{}},
		{`SHOW FULL INSTANCES WHERE Version = 99`, nil, "Instance", []string{"shop"}},
		{`SHOW FULL INSTANCES ORDER BY Version DESC`, nil, "Version", []string{"99", "50"}},
		{`SHOW CLUSTERS`, nil, "Status", []string{"<nil>", "NORMAL"}},
		{`SHOW CLUSTERS`, nil, "Users", []string{"", "ann, o'neil"}},
		{`SHOW CLUSTERS IN ALL INSTANCES`, nil, "Instance", []string{"shop", "shop"}},
		{`SHOW CLUSTERS IN ALL INSTANCES LIKE 'E%'`, nil, "Id", []string{"c1"}},
		{`SHOW CLUSTERS FROM UNIQUE ID '1:shop:x' LIMIT 1`, nil, "Id", []string{"fe"}},
		{`SHOW CLUSTERS FROM WAREHOUSE lab`, nil, "Id", []string{}},
		{`SHOW FULL CLUSTERS LIMIT 1`, nil, "Version", []string{"99"}},
		{`SHOW COMPUTE GROUPS`, nil, "Name", []string{"etl"}},
		{`SHOW COMPUTE GROUPS`, nil, "Properties", []string{`{"k.l":"v"}`}},
		{`SHOW CLUSTER ID 'c1'`, nil, "EnableStorageVault", []string{"YES"}},
		{`SHOW CLUSTER OF USER ?`, []any{"ann"}, "Id", []string{"c1"}},
		{`SHOW CLUSTER * IN UNIQUE ID '1:shop:n'`, nil, "Id", []string{"fe", "c1"}},
		{`SHOW CLUSTER STATUS IN INSTANCES ('shop', ?) STATUS = STOPPED`, []any{"none"}, "Id", []string{"fe", "c1"}},
		{`SHOW CLUSTER STATUS IN ALL INSTANCES LIMIT 1`, nil, "Id", []string{"fe"}},
		{`SHOW NODES OF CLUSTER etl`, nil, "CloudUniqueId", []string{"1:shop:n1", "1:shop:n2", "1:shop:n3"}},
		{`SHOW FRONTENDS IN ALL INSTANCES`, nil, "NodeType", []string{"FE_MASTER"}},
		{`SHOW BACKENDS LIMIT 1`, nil, "NodeType", []string{"BE"}},
		{`SHOW NODES WHERE EditLogPort = 9010`, nil, "Ip", []string{"10.0.0.9"}},
		{`SHOW OBJECT STORES`, nil, "SecretKey", []string{"******", "******"}},
		{`SHOW OBJECT STORES`, nil, "Prefix", []string{"", "<nil>"}},
		{`SHOW STORAGE VAULTS`, nil, "IsDefault", []string{"yes"}},
		{`SHOW STAGES`, nil, "Prefix", []string{"p"}},
		{`SHOW HISTORY`, nil, "Operation", []string{"rename_cluster"}},
		{`SHOW HISTORY IN ALL INSTANCES`, nil, "Via", []string{"MYSQL", "REST"}},
		{`SHOW HISTORY OF INSTANCE lab`, nil, "Object", []string{"lab"}},
		{`SHOW HISTORY OF CLUSTER etl`, nil, "Object", []string{"shop/c1"}},
		{`SHOW HISTORY OF CLUSTER gone`, nil, "Object", []string{}},
		{`SHOW USERS`, nil, "Instance", []string{"<nil>"}},
		{`SHOW SERVERS`, nil, "MysqlAddress", []string{"a:9030", "<nil>"}},
		{`SHOW SERVERS LIKE 'B'`, nil, "Role", []string{"replica"}},
		{`SHOW SERVERS WHERE Role = 'gc-leader'`, nil, "Server", []string{"a"}},
		{`SHOW GRANTS`, nil, "Grants", []string{"GRANT admin ON ALL INSTANCES TO `root`"}},
		{`SHOW GRANTS FOR CURRENT_USER()`, nil, "Grants", []string{"GRANT admin ON ALL INSTANCES TO `root`"}},
		{`SHOW GRANTS FOR ann`, nil, "Grants", []string{"GRANT reader ON ALL INSTANCES TO `ann`"}},
		{`ADMIN SHOW FRAGMENTS`, nil, "Host", []string{"10.0.0.1", "be2", "fd00::1"}},
		{`ADMIN SHOW TABLET STATS PROPERTIES("tablet_id"=1), PROPERTIES("tablet_id"=?)`, []any{int64(2)}, "TabletId", []string{"1", "2"}},
		{`ADMIN ENCODE KEY 'InstanceKey' PROPERTIES("instance_id"=?)`, []any{"i"}, "Key", []string{"0110696e7374616e636500011069" + "0001"}},
		{`HELP ?`, []any{"kill"}, "name", []string{"KILL"}},
		{`HELP 'create o'`, nil, "name", []string{"CREATE OBJECT STORE"}},
		{`HELP 'DROP'`, nil, "name", []string{"DROP INSTANCE", "DROP CLUSTER", "DROP USER"}},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			a, err := exec(t, newFake(), admin(), tt.text, tt.args...)
			must(t, err)
			if got := a.column(t, tt.column); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if out := fmt.Sprint(a.rows); strings.Contains(out, secretCanary) {
				t.Errorf("a secret shows in %s", out)
			}
		})
	}
}

func TestDefinitionsCarryEverything(t *testing.T) {
	f := newFake()
	want, err := f.find("shop", "")
	must(t, err)
	read := func(text string, into proto.Message) {
		t.Helper()
		a, err := exec(t, f, admin(), text)
		must(t, err)
		must(t, protojson.Unmarshal([]byte(a.column(t, "Definition")[0]), into))
	}
	doc := new(pb.InstanceInfoPB)
	if read(`SHOW INSTANCE shop`, doc); !proto.Equal(doc, want) {
		t.Errorf("got %v", doc)
	}
	if read(`SHOW INSTANCE UNIQUE ID '1:shop:n1'`, doc); !proto.Equal(doc, want) {
		t.Errorf("got %v", doc)
	}
	cluster := new(pb.ClusterPB)
	if read(`SHOW CLUSTER etl`, cluster); !proto.Equal(cluster, want.Clusters[1]) {
		t.Errorf("got %v", cluster)
	}
	stores := new(pb.GetObjStoreInfoResponse)
	if read(`SHOW STORAGE`, stores); len(stores.ObjInfo) != 2 || stores.GetDefaultStorageVaultId() != "2" {
		t.Errorf("got %v", stores)
	}
}

func manyInstances(n int) *fake {
	f := &fake{}
	for i := range n {
		f.docs = append(f.docs, &pb.InstanceInfoPB{InstanceId: new(fmt.Sprintf("i%07d", i))})
	}
	return f
}

func TestListingIsBounded(t *testing.T) {
	t.Run("reads no page more than LIMIT needs", func(t *testing.T) {
		f := manyInstances(3 * pageSize)
		a, err := exec(t, f, admin(), `SHOW INSTANCES LIMIT 10`)
		must(t, err)
		if len(a.rows) != 10 || f.pages != 1 {
			t.Errorf("got %d rows from %d pages", len(a.rows), f.pages)
		}
	})
	t.Run("reads all pages", func(t *testing.T) {
		f := manyInstances(3*pageSize + 1)
		a, err := exec(t, f, admin(), `SHOW INSTANCES ORDER BY Instance DESC`)
		must(t, err)
		if len(a.rows) != len(f.docs) || f.pages != 4 || a.rows[0][0] != "i0001500" {
			t.Errorf("got %d rows from %d pages", len(a.rows), f.pages)
		}
	})
	endless := func(yield func(session.Row, error) bool) {
		for i := 0; yield(session.Row{int64(i)}, nil); i++ {
		}
	}
	l := list{[]session.Column{{Name: "n", Type: session.BigInt}}, "n", endless}
	t.Run("cuts with a warning", func(t *testing.T) {
		x := &execution{session: admin()}
		result, err := x.filtered(l, &filter{})
		must(t, err)
		n := 0
		for _, err := range result.Rows {
			must(t, err)
			n++
		}
		if n != maxRows || len(x.session.Warnings) != 1 {
			t.Errorf("got %d rows, %v", n, x.session.Warnings)
		}
	})
	t.Run("refuses to sort too many", func(t *testing.T) {
		x := &execution{session: admin()}
		result, err := x.filtered(l, &filter{Order: []order{{Column: column{"n"}}}})
		must(t, err)
		for _, err := range result.Rows {
			wantError(t, err, 1038, "ORDER BY")
			return
		}
		t.Error("there is no answer")
	})
}

func TestLikeIsNeverSlow(t *testing.T) {
	tests := []struct {
		pattern, s string
		want       bool
	}{
		{"%", "", true}, {"", "", true}, {"_", "", false}, {"a%c", "abbc", true}, {"a%c", "abbcd", false}, {"%b%", "abc", true},
		{`a\%`, "a%", true}, {`a\%`, "ab", false}, {`a\_c`, "abc", false}, {"a_c", "aéc", true}, {"%%x", "yyx", true},
		{strings.Repeat("a%", 50) + "b", strings.Repeat("a", 2000), false},
	}
	for _, tt := range tests {
		if got := matches([]rune(tt.pattern), []rune(tt.s)); got != tt.want {
			t.Errorf("%q LIKE %q is %v", tt.s, tt.pattern, got)
		}
	}
}

func TestShowCreateIsReplayable(t *testing.T) {
	f := newFake()
	a, err := exec(t, f, admin(), `SHOW CREATE INSTANCE shop`)
	must(t, err)
	if len(a.rows) != 4 {
		t.Fatalf("got %v", a.rows)
	}
	replayed := &fake{}
	for _, text := range a.column(t, "Create Statement") {
		if strings.Contains(text, secretCanary) || strings.Contains(text, "******") {
			t.Errorf("a secret shows in %s", text)
		}
		if _, err := exec(t, replayed, admin(), text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	want := []string{
		`CreateInstance {"instance_id":"shop","user_id":"u1","name":"Shop","obj_info":{"ak":"<redacted>","sk":"<redacted>","bucket":"b","prefix":"","endpoint":"e","region":"r","provider":"S3"},"ram_user":{"user_id":"r1","ak":"<redacted>","sk":"<redacted>"},"sse_enabled":true}`,
		`AddObjInfo {"cloud_unique_id":"1:shop:sql","obj":{"ak":"<redacted>","sk":"<redacted>","bucket":"b2","endpoint":"e","region":"r","provider":"OSS"},"op":"ADD_OBJ_INFO"}`,
		`AddCluster {"instance_id":"shop","cluster":{"cluster_id":"fe","cluster_name":"sql","type":"SQL","nodes":[{"cloud_unique_id":"1:shop:f1","ip":"10.0.0.9","edit_log_port":9010,"node_type":"FE_MASTER"}]},"op":"ADD_CLUSTER"}`,
		`AddCluster {"instance_id":"shop","cluster":{"cluster_id":"c1","cluster_name":"etl","type":"COMPUTE","desc":"it's \"x\"","nodes":[{"cloud_unique_id":"1:shop:n1","ip":"10.0.0.1","heartbeat_port":9050},{"cloud_unique_id":"1:shop:n2","ip":"10.0.0.2","heartbeat_port":9050,"host":"be2"},{"cloud_unique_id":"1:shop:n3","ip":"fd00::1","heartbeat_port":9050}],"mysql_user_name":["ann","o'neil"],"properties":{"k.l":"v"}},"op":"ADD_CLUSTER"}`,
	}
	for i, w := range want {
		if i >= len(replayed.calls) || replayed.calls[i] != w {
			t.Errorf("got  %s\nwant %s", replayed.calls[min(i, len(replayed.calls)-1)], w)
		}
	}
	one, err := exec(t, f, admin(), `SHOW CREATE CLUSTER ID c1`)
	must(t, err)
	if one.rows[0][1] != a.rows[3][1] {
		t.Errorf("got %v, want %v", one.rows[0][1], a.rows[3][1])
	}
}

func TestUse(t *testing.T) {
	s := admin()
	for _, db := range []string{"lab", "roster", "INFORMATION_SCHEMA", "mysql"} {
		_, err := exec(t, newFake(), s, "USE `"+db+"`")
		must(t, err)
		if s.Database != db {
			t.Errorf("the database is %s", s.Database)
		}
	}
}

func TestHelpShowsAllStatements(t *testing.T) {
	a, err := exec(t, newFake(), admin(), `HELP`)
	must(t, err)
	if len(a.rows) != len(table) {
		t.Errorf("got %d topics of %d", len(a.rows), len(table))
	}
}
