package admin

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roster/core"
	"roster/mysqlfront/session"
)

// TestChanges says which request each statement makes.
func TestChanges(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "sk"), []byte("filed\n"), 0o600))
	t.Setenv("ROSTER_SECRET_AK", "from-env")
	tests := []struct {
		text string
		args []any
		want string
	}{
		{`CREATE INSTANCE x PROPERTIES("user_id"='u', name=NULL, 'obj.ak'="a", "obj.sk"='s', "obj_info.provider"="s3", sse_enabled=TRUE)`, nil,
			`CreateInstance {"instance_id":"x","user_id":"u","obj_info":{"ak":"a","sk":"s","provider":"S3"},"sse_enabled":true}`},
		{`create database if not exists ? properties(?=?)`, []any{"i d", "user_id", []byte("u")}, `CreateInstance {"instance_id":"i d","user_id":"u"}`},
		{`CREATE WAREHOUSE x PROPERTIES("vault"='{"hdfs_info":{"prefix":"p"}}', "vault.hdfs_info.build_conf.hdfs_confs.dfs.x"="y", "vault.hdfs_info.build_conf.fs_name"="fs")`, nil,
			`CreateInstance {"instance_id":"x","vault":{"hdfs_info":{"build_conf":{"fs_name":"fs","hdfs_confs":[{"key":"dfs.x","value":"y"}]},"prefix":"p"}}}`},
		{`CREATE INSTANCE x PROPERTIES("obj.ak"=SECRET FROM ENV 'ROSTER_SECRET_AK', "obj.sk"=SECRET FROM FILE ?)`, []any{"sk"}, `CreateInstance {"instance_id":"x","obj_info":{"ak":"from-env","sk":"filed"}}`},
		{`CREATE INSTANCE ''`, nil, `CreateInstance {"instance_id":""}`},
		{`DROP INSTANCE x`, nil, `DropInstance {"instance_id":"x","op":"DROP"}`},
		{`ALTER INSTANCE x SET STATUS overdue`, nil, `SetInstanceStatus {"instance_id":"x","op":"SET_OVERDUE"}`},
		{`ALTER WAREHOUSE x SET STATUS = ?`, []any{"normal"}, `SetInstanceStatus {"instance_id":"x","op":"SET_NORMAL"}`},
		{`ALTER INSTANCE x ENABLE SSE`, nil, `EnableInstanceSSE {"instance_id":"x","op":"ENABLE_SSE"}`},
		{`ALTER INSTANCE x DISABLE SSE`, nil, `DisableInstanceSSE {"instance_id":"x","op":"DISABLE_SSE"}`},
		{`ALTER INSTANCE x ROTATE CREDENTIALS BUCKET USER 'u' ACCESS KEY ? IDENTIFIED BY ?, RAM USER r ACCESS KEY 'a' IDENTIFIED BY 's'`, []any{"A", "S"},
			`UpdateAkSk {"instance_id":"x","internal_bucket_user":[{"user_id":"u","ak":"A","sk":"S"}],"ram_user":{"user_id":"r","ak":"a","sk":"s"}}`},
		{`CREATE OBJECT STORE PROPERTIES("ak"="a","sk"="s","bucket"="new")`, nil, `AddObjInfo {"cloud_unique_id":"1:shop:sql","obj":{"ak":"a","sk":"s","bucket":"new"},"op":"ADD_OBJ_INFO"}`},
		{`CREATE STORAGE VAULT IN UNIQUE ID 'n' PROPERTIES("use_path_style"=1)`, nil, `AddObjInfo {"cloud_unique_id":"n","obj":{"use_path_style":true},"op":"ADD_OBJ_INFO"}`},
		{`ALTER OBJECT STORE 1 IN INSTANCE x SET ACCESS KEY 'a' IDENTIFIED BY 's'`, nil, `LegacyUpdateAkSk {"cloud_unique_id":"1:x:sql","obj":{"id":"1","ak":"a","sk":"s"},"op":"LEGACY_UPDATE_AK_SK"}`},
		{`ALTER OBJECT STORE ? PROPERTIES("role_arn"='r')`, []any{float64(2)}, `LegacyUpdateAkSk {"cloud_unique_id":"1:shop:sql","obj":{"id":"2","role_arn":"r"},"op":"LEGACY_UPDATE_AK_SK"}`},
		{`CREATE CLUSTER c`, nil, `AddCluster {"instance_id":"shop","cluster":{"cluster_id":"c","cluster_name":"c","type":"COMPUTE"},"op":"ADD_CLUSTER"}`},
		{`CREATE CLUSTER c IN x ID '' TYPE NULL`, nil, `AddCluster {"instance_id":"x","cluster":{"cluster_name":"c"},"op":"ADD_CLUSTER"}`},
		{`CREATE COMPUTE GROUP c FROM WAREHOUSE x UNIQUE ID u ID 'i' USERS('a', ?) PROPERTIES("desc"='d', "properties.a.b"=1) NODES('h:1' AS BE UNIQUE ID 'n' PROPERTIES("name"="N"), '1.2.3.4:2', '[::1]:3', 'bare')`, []any{"b"},
			`AddCluster {"instance_id":"x","cloud_unique_id":"u","cluster":{"cluster_id":"i","cluster_name":"c","type":"COMPUTE","desc":"d","nodes":[{"cloud_unique_id":"n","name":"N","heartbeat_port":1,"host":"h"},{"ip":"1.2.3.4","heartbeat_port":2},{"ip":"::1","heartbeat_port":3},{"host":"bare"}],"mysql_user_name":["a","b"],"properties":{"a.b":"1"}},"op":"ADD_CLUSTER"}`},
		{`CREATE CLUSTER fe NODES(? AS FE_MASTER UNIQUE ID ?, 'g:2' AS FE_FOLLOWER)`, []any{"f:1", "u"},
			`AddCluster {"instance_id":"shop","cluster":{"cluster_id":"fe","cluster_name":"fe","type":"SQL","nodes":[{"cloud_unique_id":"u","edit_log_port":1,"node_type":"FE_MASTER","host":"f"},{"edit_log_port":2,"node_type":"FE_FOLLOWER","host":"g"}]},"op":"ADD_CLUSTER"}`},
		{`DROP CLUSTER etl`, nil, `DropCluster {"instance_id":"shop","cluster":{"cluster_id":"c1","cluster_name":"etl"},"op":"DROP_CLUSTER"}`},
		{`DROP COMPUTE GROUP ID c9 IN UNIQUE ID 'u'`, nil, `DropCluster {"cloud_unique_id":"u","cluster":{"cluster_id":"c9"},"op":"DROP_CLUSTER"}`},
		{`DROP CLUSTER etl ID c9`, nil, `DropCluster {"instance_id":"shop","cluster":{"cluster_id":"c9","cluster_name":"etl"},"op":"DROP_CLUSTER"}`},
		{"ALTER CLUSTER `etl` RENAME TO \"b c\"", nil, `RenameCluster {"instance_id":"shop","cluster":{"cluster_id":"c1","cluster_name":"b c"},"op":"RENAME_CLUSTER"}`},
		{`ALTER SYSTEM RENAME COMPUTE GROUP etl ?`, []any{"x"}, `RenameCluster {"instance_id":"shop","cluster":{"cluster_id":"c1","cluster_name":"x"},"op":"RENAME_CLUSTER"}`},
		{`ALTER CLUSTER etl SET STATUS suspended`, nil, `SetClusterStatus {"instance_id":"shop","cluster":{"cluster_id":"c1","cluster_name":"etl","cluster_status":"SUSPENDED"},"op":"SET_CLUSTER_STATUS"}`},
		{`ALTER CLUSTER ID c1 SET STATUS = ?`, []any{"TO_RESUME"}, `SetClusterStatus {"instance_id":"shop","cluster":{"cluster_id":"c1","cluster_status":"TO_RESUME"},"op":"SET_CLUSTER_STATUS"}`},
		{`ALTER CLUSTER etl SUSPEND IF RUNNING`, nil, `SetClusterStatus {"instance_id":"shop","cluster":{"cluster_id":"c1","cluster_name":"etl","cluster_status":"SUSPENDED"},"op":"SET_CLUSTER_STATUS"}`},
		{`RESUME CLUSTER ID c1`, nil, `SetClusterStatus {"instance_id":"shop","cluster":{"cluster_id":"c1","cluster_status":"TO_RESUME"},"op":"SET_CLUSTER_STATUS"}`},
		{`ALTER CLUSTER etl SET USERS ()`, nil, `UpdateClusterMysqlUserName {"instance_id":"shop","cluster":{"cluster_id":"c1","cluster_name":"etl"},"op":"UPDATE_CLUSTER_MYSQL_USER_NAME"}`},
		{`ALTER CLUSTER etl SET USERS ('a', ?)`, []any{int64(5)}, `UpdateClusterMysqlUserName {"instance_id":"shop","cluster":{"cluster_id":"c1","cluster_name":"etl","mysql_user_name":["a","5"]},"op":"UPDATE_CLUSTER_MYSQL_USER_NAME"}`},
		{`ALTER CLUSTER etl ADD NODE '10.0.0.5:1' UNIQUE ID 'n5'`, nil, `AddNode {"instance_id":"shop","cluster":{"cluster_name":"etl","type":"COMPUTE","nodes":[{"cloud_unique_id":"n5","ip":"10.0.0.5","heartbeat_port":1}]},"op":"ADD_NODE"}`},
		{`ALTER CLUSTER sql ADD NODE '10.0.0.5:1'`, nil, `AddNode {"instance_id":"shop","cluster":{"cluster_name":"sql","type":"SQL","nodes":[{"ip":"10.0.0.5","edit_log_port":1}]},"op":"ADD_NODE"}`},
		{`ALTER CLUSTER ID q IN x ADD NODE 'h:1' TYPE NULL`, nil, `AddNode {"instance_id":"x","cluster":{"cluster_id":"q","nodes":[{"heartbeat_port":1,"host":"h"}]},"op":"ADD_NODE"}`},
		{`ALTER CLUSTER etl DROP NODE '10.0.0.1:9050', 'be2:9050'`, nil,
			`DropNode {"instance_id":"shop","cluster":{"cluster_name":"etl","type":"COMPUTE","nodes":[{"cloud_unique_id":"1:shop:n1","ip":"10.0.0.1","heartbeat_port":9050},{"cloud_unique_id":"1:shop:n2","heartbeat_port":9050,"host":"be2"}]},"op":"DROP_NODE"}`},
		{`ALTER CLUSTER ID q IN x DROP NODE 'h:1' AS FE_OBSERVER UNIQUE ID u`, nil, `DropNode {"instance_id":"x","cluster":{"cluster_id":"q","type":"SQL","nodes":[{"cloud_unique_id":"u","edit_log_port":1,"node_type":"FE_OBSERVER","host":"h"}]},"op":"DROP_NODE"}`},
		{`ALTER SYSTEM ADD BACKEND '10.0.0.7:9050' PROPERTIES("tag.compute_group_name"="etl")`, nil,
			`AddNode {"instance_id":"shop","cluster":{"cluster_id":"c1","type":"COMPUTE","nodes":[{"cloud_unique_id":"1:shop:10.0.0.7_9050","ip":"10.0.0.7","heartbeat_port":9050}]},"op":"ADD_NODE"}`},
		{`ALTER SYSTEM ADD OBSERVER 'fe2:9010' PROPERTIES("cloud_unique_id"="u")`, nil,
			`AddNode {"instance_id":"shop","cluster":{"cluster_id":"fe","type":"SQL","nodes":[{"cloud_unique_id":"u","edit_log_port":9010,"node_type":"FE_OBSERVER","host":"fe2"}]},"op":"ADD_NODE"}`},
		{`ALTER SYSTEM DROP BACKEND 'be2:9050'`, nil, `DropNode {"instance_id":"shop","cluster":{"cluster_id":"c1","type":"COMPUTE","nodes":[{"cloud_unique_id":"1:shop:n2","heartbeat_port":9050,"host":"be2"}]},"op":"DROP_NODE"}`},
		{`ADMIN ABORT TXN PROPERTIES("db_id"=1, "label"='l', "reason"=?)`, []any{"r"}, `AbortTxn {"cloud_unique_id":"1:shop:sql","db_id":"1","label":"l","reason":"r"}`},
		{`ADMIN ABORT TABLET JOB IN UNIQUE ID u PROPERTIES("tablet_id"=7, "id"='j')`, nil, `AbortTabletJob {"cloud_unique_id":"u","action":"ABORT","job":{"idx":{"tablet_id":"7"},"compaction":[{"id":"j"}]}}`},
		{`ADMIN ABORT TABLET JOB PROPERTIES("compaction"='[{"id":"a"},{"id":"b"}]')`, nil, `AbortTabletJob {"cloud_unique_id":"1:shop:sql","action":"ABORT","job":{"compaction":[{"id":"a"},{"id":"b"}]}}`},
		{`ADMIN SET VALUE 'K' KEY '01' PROPERTIES("a"=1) TO '{"x":1}'`, nil, `SetValue {K 01 map[a:1]} {"x":1}`},
		{`CREATE USER 'bob'@'%' IDENTIFIED BY 'pw' ROLE Operator ON INSTANCE shop`, nil, `CreateUser bob operator "shop" pw`},
		{`CREATE USER bob IDENTIFIED BY ?`, []any{"pw"}, `CreateUser bob reader "" pw`},
		{`ALTER USER ann IDENTIFIED BY 'new'`, nil, `AlterUser ann reader "" new`},
		{`ALTER USER ann ROLE admin ON lab.*`, nil, `AlterUser ann admin "lab" old`},
		{`GRANT operator ON *.* TO ann`, nil, `AlterUser ann operator "" old`},
		{`GRANT admin ON INSTANCE lab TO 'ann'`, nil, `AlterUser ann admin "lab" old`},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			f := newFake()
			a, err := execWith(t, Options{Backend: f, SecretDir: dir}, admin(), tt.text, tt.args...)
			must(t, err)
			if got := strings.Join(f.calls, "\n"); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if a.rows == nil && a.Affected != 1 {
				t.Errorf("%d rows are affected", a.Affected)
			}
			if f.call.Front != "sql" && !strings.HasPrefix(tt.want, "Get") || f.call.Caller != "root" || f.call.Reveal || f.call.Force || f.call.DryRun {
				t.Errorf("it is called as %+v", f.call)
			}
		})
	}
}

func TestOptionsReachTheCore(t *testing.T) {
	tests := []struct {
		text string
		want core.Call
	}{
		{`DROP CLUSTER etl FORCE IF VERSION 99 DRY RUN REQUEST ID 'r'`, core.Call{Force: true, IfRevision: 99, DryRun: true, RequestID: "r"}},
		{`ALTER CLUSTER etl DROP NODE '10.0.0.1:9050' FORCE`, core.Call{Force: true}},
		{`ALTER SYSTEM DROP BACKEND '10.0.0.1:9050' FORCE DRY RUN`, core.Call{Force: true, DryRun: true}},
		{`CREATE CLUSTER x REQUEST ID r`, core.Call{RequestID: "r"}},
		{`ALTER CLUSTER etl SET USERS ('a') IF VERSION 3`, core.Call{IfRevision: 3}},
		{`ALTER CLUSTER etl SET STATUS SUSPENDED IF VERSION 3`, core.Call{IfRevision: 3}},
		{`ALTER CLUSTER etl SUSPEND IF RUNNING IF VERSION 3`, core.Call{IfRevision: 3}},
		{`ALTER CLUSTER etl SUSPEND IF VERSION 3`, core.Call{IfRevision: 3}},
		{`DROP INSTANCE IF EXISTS shop IF VERSION 3`, core.Call{IfRevision: 3}},
		{`ALTER USER ann ROLE admin DRY RUN REQUEST ID 'r'`, core.Call{DryRun: true, RequestID: "r"}},
		{`ADMIN ABORT TXN IN shop PROPERTIES("txn_id"=1) REQUEST ID 'r' DRY RUN`, core.Call{DryRun: true, RequestID: "r"}},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			f := newFake()
			tt.want.Front, tt.want.Caller = "sql", "root"
			a, err := exec(t, f, admin(), tt.text)
			must(t, err)
			if f.call != tt.want {
				t.Errorf("got %+v, want %+v", f.call, tt.want)
			}
			if dry := strings.Contains(a.Info, "nothing was written"); dry != tt.want.DryRun || dry == (a.Affected > 0) {
				t.Errorf("a dry run answers %+v", a.Result)
			}
		})
	}
}

func TestConditions(t *testing.T) {
	existed := core.Errorf(core.AlreadyExisted, "try to add a existing cluster id, existing_cluster_id=x").About(core.TheCluster)
	tests := []struct {
		name, text string
		fail       error
		note       uint16
		number     uint16
	}{
		{"a created instance", `CREATE INSTANCE IF NOT EXISTS shop`, core.Errorf(core.AlreadyExisted, "instance already existed").About(core.TheInstance), 1007, 0},
		{"an id used before", `CREATE INSTANCE IF NOT EXISTS gone`, core.Errorf(core.AlreadyExisted, "instance already existed").About(core.TheInstance), 0, 1007},
		{"no instance to drop", `DROP INSTANCE IF EXISTS gone`, core.Errorf(core.NotFound, "instance not existed").About(core.TheInstance), 1008, 0},
		{"a created cluster", `CREATE CLUSTER IF NOT EXISTS etl`, existed, 1050, 0},
		{"a cluster's id is taken", `CREATE CLUSTER IF NOT EXISTS other`, existed, 0, 1050},
		{"no cluster to drop", `DROP CLUSTER IF EXISTS nope`, nil, 1051, 0},
		{"no cluster to drop by id", `DROP CLUSTER IF EXISTS ID nope`, core.Errorf(core.NotFound, "try to drop unknown cluster"), 1051, 0},
		{"a young frontend", `DROP CLUSTER IF EXISTS sql`, core.Errorf(core.NotFound, "drop fe cluster not in safe time"), 0, 1146},
		{"no cluster to suspend", `SUSPEND CLUSTER IF EXISTS nope`, nil, 1051, 0},
		{"a running cluster", `ALTER CLUSTER etl RESUME IF SUSPENDED`, nil, 1105, 0},
		{"a running cluster, verb first", `RESUME CLUSTER etl IF SUSPENDED`, nil, 1105, 0},
		{"the same object store", `CREATE OBJECT STORE IF NOT EXISTS PROPERTIES("bucket"="b")`, core.Errorf(core.InvalidArgument, "original obj infos has a same conf, please check it").About(core.ADuplicate), 1062, 0},
		{"a created user", `CREATE USER IF NOT EXISTS ann IDENTIFIED BY ?`, nil, 3163, 0},
		{"a created user unasked", `CREATE USER ann IDENTIFIED BY ?`, nil, 0, 1396},
		{"no user to drop", `DROP USER IF EXISTS eve`, nil, 3162, 0},
		{"no user to drop unasked", `DROP USER eve`, nil, 0, 1396},
		{"no user to alter", `ALTER USER IF EXISTS eve ROLE admin`, nil, 3162, 0},
		{"no user to grant to", `GRANT admin TO eve`, nil, 0, 1396},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, s := newFake(), admin()
			f.fail = tt.fail
			var args []any
			if strings.Contains(tt.text, "?") {
				args = []any{"pw"}
			}
			a, err := exec(t, f, s, tt.text, args...)
			if tt.number != 0 {
				wantError(t, err, tt.number, "")
				return
			}
			must(t, err)
			if a.Affected != 0 || len(s.Warnings) != 1 || s.Warnings[0].Level != "Note" || s.Warnings[0].Code != tt.note {
				t.Errorf("got %d rows and %v, want the note %d", a.Affected, s.Warnings, tt.note)
			}
		})
	}
}

func TestObjectStoreTellsItsID(t *testing.T) {
	s := admin()
	a, err := exec(t, newFake(), s, `CREATE OBJECT STORE PROPERTIES("bucket"="b2","endpoint"="e","region"="r")`)
	must(t, err)
	if a.InsertID != 2 || len(s.Warnings) != 1 {
		t.Errorf("got the id %d and %v", a.InsertID, s.Warnings)
	}
}

func TestWarnings(t *testing.T) {
	s := admin()
	_, err := exec(t, newFake(), s, `ALTER CLUSTER etl SET STATUS STOPPED`)
	must(t, err)
	a, err := exec(t, newFake(), s, `SHOW WARNINGS`)
	must(t, err)
	if got := a.column(t, "Level"); len(got) != 1 || got[0] != "Warning" {
		t.Errorf("got %v", a.rows)
	}
	if a, err = exec(t, newFake(), s, `SHOW COUNT(*) WARNINGS`); err != nil || a.rows[0][0] != int64(1) {
		t.Errorf("got %v, %v", a.rows, err)
	}
	if a, err = exec(t, newFake(), s, `SHOW ERRORS`); err != nil || len(a.rows) != 0 {
		t.Errorf("got %v, %v", a.rows, err)
	}
	_, err = exec(t, newFake(), s, `CREATE USER x IDENTIFIED BY 'pw'`)
	must(t, err)
	if len(s.Warnings) != 1 || s.Warnings[0].Code != 1287 {
		t.Errorf("a secret in the text is met with %v", s.Warnings)
	}
	_, err = exec(t, newFake(), s, `USE shop`)
	must(t, err)
	if len(s.Warnings) != 0 {
		t.Errorf("the next statement leaves %v", s.Warnings)
	}
}

func TestReadOnlyTransactions(t *testing.T) {
	s := admin()
	s.Snapshot = 5
	_, err := exec(t, newFake(), s, `DROP CLUSTER etl`)
	wantError(t, err, 1792, "READ ONLY")
	_, err = exec(t, newFake(), s, `SHOW CLUSTERS`)
	must(t, err)
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		text   string
		number uint16
		part   string
	}{
		{`SHOW CLUSTERS IN nope`, 1049, "NOT_FOUND: "},
		{`USE nope`, 1049, "nope"},
		{`ALTER CLUSTER nope SUSPEND`, 1146, "NOT_FOUND: cluster 'nope' doesn't exist in instance 'shop'"},
		{`SHOW CLUSTER nope`, 1146, ""},
		{`SHOW NODES OF CLUSTER nope`, 1146, ""},
		{`SHOW CREATE CLUSTER nope`, 1146, ""},
		{`ALTER CLUSTER etl SET STATUS weird`, 1231, "NORMAL, SUSPENDED"},
		{`ALTER INSTANCE shop SET STATUS DELETED`, 1231, "NORMAL, OVERDUE"},
		{`CREATE CLUSTER c TYPE weird`, 1231, "COMPUTE"},
		{`CREATE CLUSTER c NODES('h:x')`, 1210, "port"},
		{`CREATE CLUSTER c PROPERTIES("nope"=1)`, 1210, "unknown"},
		{`CREATE CLUSTER c PROPERTIES("desc.x"=1)`, 1210, "nothing is below desc"},
		{`CREATE CLUSTER c PROPERTIES("ctime"='x')`, 1210, "64 bits"},
		{`CREATE CLUSTER c PROPERTIES("desc"=SECRET FROM ENV 'ROSTER_SECRET_X')`, 1210, "is no secret"},
		{`CREATE CLUSTER ?`, 1210, "NULL"},
		{`CREATE INSTANCE x PROPERTIES("vault"='{')`, 1210, "JSON"},
		{`CREATE INSTANCE x PROPERTIES("vault"='{},"user_id":"u"')`, 1210, "JSON"},
		{`CREATE INSTANCE x PROPERTIES("instance_id"='y')`, 1210, "names"},
		{`CREATE INSTANCE x PROPERTIES("obj.sk"=SECRET FROM ENV 'PATH')`, 1210, "ROSTER_SECRET_"},
		{`CREATE INSTANCE x PROPERTIES("obj.sk"=SECRET FROM FILE 'sk')`, 1210, "has none"},
		{`CREATE OBJECT STORE IN INSTANCE 'a:b' PROPERTIES("ak"=1)`, 1210, "colon"},
		{`DROP CLUSTER etl IN ALL INSTANCES`, 1235, ""},
		{`ALTER INSTANCE x ROTATE CREDENTIALS RAM USER a ACCESS KEY 'k' IDENTIFIED BY 's', RAM USER b ACCESS KEY 'k' IDENTIFIED BY 's'`, 1210, "more than once"},
		{`ALTER SYSTEM DROP BACKEND '9.9.9.9:1'`, 1146, "9.9.9.9:1"},
		{`ALTER SYSTEM ADD BACKEND 'x:1' PROPERTIES("tag.compute_group_name"="nope")`, 1146, "nope"},
		{`ALTER SYSTEM ADD BACKEND 'x:1', 'y:1' PROPERTIES("cloud_unique_id"="u")`, 1210, "one by one"},
		{`ALTER SYSTEM ADD BACKEND 'x:1' PROPERTIES("weird"="u")`, 1210, "unknown"},
		{`CREATE USER 'x'@'localhost' IDENTIFIED BY 'p'`, 1235, "localhost"},
		{`CREATE USER x IDENTIFIED BY ''`, 1819, ""},
		{`CREATE USER x IDENTIFIED BY 'p' ROLE god`, 1231, "reader, operator, admin"},
		{`SHOW GRANTS FOR eve`, 1141, "eve"},
		{`KILL 100`, 1094, "100"},
		{`KILL 'x'`, 1210, ""},
		{`CREATE USER x IDENTIFIED BY 'p' ON INSTANCE ''`, 1210, "ON ALL INSTANCES"},
		{"GRANT admin ON `` TO ann", 1210, "ON ALL INSTANCES"},
		{`SUSPEND CLUSTER etl IF SUSPENDED`, 1210, "SUSPEND does not go with IF SUSPENDED"},
		{`RESUME CLUSTER etl IF RUNNING`, 1210, "RESUME does not go with IF RUNNING"},
		{`CREATE USER x IDENTIFIED BY 'p' IF VERSION 3`, 1064, ""},
		{`ALTER USER ann ROLE admin IF VERSION 3`, 1064, ""},
		{`DROP USER ann IF VERSION 3`, 1064, "near 'IF VERSION 3'"},
		{`GRANT admin TO ann IF VERSION 3`, 1064, ""},
		{`ADMIN SET VALUE 'TxnIndexKey' KEY '01' TO '{}' IF VERSION 3`, 1064, ""},
		{`ADMIN ABORT TXN IN shop IF VERSION 3`, 1064, ""},
		{`ADMIN ABORT TABLET JOB IN shop IF VERSION 3`, 1064, ""},
		{`DROP CLUSTER etl IF VERSION 0`, 1210, "VERSION"},
		{`DROP CLUSTER etl IF VERSION x`, 1210, "whole number"},
		{`SHOW CLUSTERS WHERE nope = 1`, 1054, "nope"},
		{`SHOW CLUSTERS ORDER BY nope`, 1054, "nope"},
		{`SHOW CLUSTERS LIMIT x`, 1210, "LIMIT"},
		{`SHOW CLUSTERS WHERE Nodes = 'x'`, 1210, "number"},
		{`SHOW CLUSTERS WHERE ModifyTime = 'x'`, 1210, "YYYY"},
		{`ADMIN DECODE KEY ''`, 1210, "no key"},
		{`ADMIN ENCODE KEY 'Nope'`, 1210, "not supported"},
		{`SHOW CLUSTERS; SHOW NODES`, 1064, "one statement"},
		{`SHOW CLUSTERS;;`, 1064, ""},
		{`SHOW CLUSTERS garbage here`, 1064, "near 'garbage here' at line 1, position 15"},
		{"ALTER CLUSTER etl\nRENAME x", 1064, "line 2"},
		{`ALTER CLUSTER etl SET STATUS`, 1064, "position 29"},
		{`ALTER CLUSTER etl STOP`, 1064, `"RENAME" "TO" Name`},
		{`ALTER CLUSTER etl STOP`, 1064, `"SET" "USERS" Values`},
		{`ALTER CLUSTER etl STOP`, 1064, `("ADD" | "DROP")`},
		{`DROP CLUSTER 'x`, 1064, "quote is not closed"},
		{`DROP CLUSTER x /* y`, 1064, "comment is not closed"},
		{`SHOW CLUSTERS WHERE ` + strings.Repeat("(", 100) + `Nodes=1` + strings.Repeat(")", 100), 1064, "too deep"},
	}
	for _, tt := range tests {
		t.Run(tt.text[:min(len(tt.text), 90)], func(t *testing.T) {
			var args []any
			if strings.Contains(tt.text, "?") {
				args = []any{nil}
			}
			f := newFake()
			_, err := exec(t, f, admin(), tt.text, args...)
			wantError(t, err, tt.number, tt.part)
			if len(f.calls) > 0 {
				t.Errorf("it did %v", f.calls)
			}
		})
	}
	t.Run("nothing is selected", func(t *testing.T) {
		for _, db := range []string{"", "roster", "Information_Schema", "mysql"} {
			s := admin()
			s.Database = db
			_, err := exec(t, newFake(), s, `SHOW CLUSTERS`)
			wantError(t, err, 1046, "USE")
		}
	})
	t.Run("the wrong number of values", func(t *testing.T) {
		_, err := exec(t, newFake(), admin(), `USE ?`)
		wantError(t, err, 1210, "1 parameters, 0 values")
	})
	t.Run("a session of a reader", func(t *testing.T) {
		_, err := exec(t, newFake(), &session.Session{Role: session.Reader}, `DROP CLUSTER etl`)
		wantError(t, err, 1227, "operator")
	})
}
