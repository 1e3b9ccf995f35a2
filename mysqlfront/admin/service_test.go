package admin

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"roster/core"
	"roster/core/coretest"
	"roster/core/seal"
)

const newShop = `CREATE INSTANCE shop PROPERTIES("user_id"='u1', "obj.ak"='AK', "obj.sk"='SK', "obj.bucket"='b', "obj.endpoint"='e', "obj.region"='r', "obj.provider"='S3')`

// TestLifeOfAnInstance runs on the real core, which the error numbers come from.
func TestLifeOfAnInstance(t *testing.T) {
	service, s := coretest.NewService(t, core.Options{}), admin()
	do := func(text string, args ...any) answer {
		t.Helper()
		a, err := exec(t, service, s, text, args...)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return a
	}
	refuse := func(number uint16, text string) {
		t.Helper()
		_, err := exec(t, service, s, text)
		wantError(t, err, number, ": ")
	}
	refuse(1049, `DROP INSTANCE shop`)
	refuse(1049, `SHOW INSTANCE shop`)
	refuse(1049, `ALTER INSTANCE shop ENABLE SSE`)
	do(strings.Replace(newShop, ")", ") DRY RUN", 1))
	refuse(1049, `SHOW INSTANCE shop`)
	do(newShop)
	do(strings.Replace(newShop, "INSTANCE", "INSTANCE IF NOT EXISTS", 1))
	refuse(1007, newShop)
	do(`USE shop`)
	do(`CREATE CLUSTER etl NODES('10.0.0.1:9050' AS BE UNIQUE ID 'n1')`)
	refuse(1050, `CREATE CLUSTER etl`)
	refuse(1050, `CREATE CLUSTER etl ID other`)
	refuse(1062, `CREATE CLUSTER bi NODES('10.0.0.1:9050' UNIQUE ID 'n9')`)
	refuse(1062, `CREATE CLUSTER bi NODES('10.0.0.7:9050' UNIQUE ID 'n9', '10.0.0.7:9050' UNIQUE ID 'n8')`)
	do(`ALTER CLUSTER etl ADD NODE '10.0.0.2:9050' UNIQUE ID 'n2'`)
	refuse(1062, `ALTER CLUSTER etl ADD NODE '10.0.0.2:9050' UNIQUE ID 'n3'`)
	refuse(1146, `ALTER CLUSTER nope ADD NODE '10.0.0.3:9050' UNIQUE ID 'n3'`)
	refuse(1146, `ALTER CLUSTER etl DROP NODE '10.0.0.9:9050'`)
	do(`ALTER SYSTEM ADD BACKEND '10.0.0.4:9050' PROPERTIES("tag.compute_group_name"="etl")`)
	do(`ALTER SYSTEM DROP BACKEND '10.0.0.4:9050'`)
	do(`ALTER CLUSTER etl DROP NODE '10.0.0.2:9050'`)
	if got := do(`SHOW NODES`).column(t, "CloudUniqueId"); !slices.Equal(got, []string{"n1"}) {
		t.Errorf("got the nodes %v", got)
	}
	do(`CREATE CLUSTER bi`)
	refuse(1062, `ALTER CLUSTER bi RENAME TO etl`)
	do(`ALTER CLUSTER bi RENAME TO c`)
	do(`ALTER CLUSTER c SET USERS ('ann')`)
	do(`ALTER CLUSTER c SET USERS ()`)
	refuse(1210, `ALTER CLUSTER c SET USERS ()`)
	do(`ALTER CLUSTER etl SUSPEND IF RUNNING`)
	do(`ALTER CLUSTER etl SUSPEND IF RUNNING`)
	refuse(1210, `ALTER CLUSTER etl SUSPEND`)
	do(`RESUME CLUSTER etl`)
	refuse(1451, `DROP INSTANCE shop`)

	version := do(`SHOW FULL INSTANCES`).column(t, "Version")[0]
	do(`ALTER CLUSTER etl SET STATUS NORMAL IF VERSION ?`, version)
	_, err := exec(t, service, s, `ALTER CLUSTER etl SUSPEND IF VERSION ?`, version)
	wantError(t, err, 1213, "CONFLICT: ")
	if core.CodeOf(err) != core.Conflict {
		t.Errorf("the core's code is lost: %v", core.CodeOf(err))
	}

	if a := do(`CREATE OBJECT STORE PROPERTIES("ak"='a', "sk"='s', "bucket"='b2', "endpoint"='e', "region"='r')`); a.InsertID != 2 {
		t.Errorf("the id is %d", a.InsertID)
	}
	refuse(1062, `CREATE OBJECT STORE PROPERTIES("ak"='a', "sk"='s', "bucket"='b2', "endpoint"='e', "region"='r')`)
	do(`CREATE OBJECT STORE IF NOT EXISTS PROPERTIES("ak"='a', "sk"='s', "bucket"='b2', "endpoint"='e', "region"='r')`)
	do(`ALTER OBJECT STORE 2 SET ACCESS KEY 'x' IDENTIFIED BY 'y'`)
	refuse(1210, `ALTER OBJECT STORE 2 SET ACCESS KEY 'x' IDENTIFIED BY 'y'`)
	if got := do(`SHOW OBJECT STORES`).column(t, "SecretKey"); !slices.Equal(got, []string{seal.Masked, seal.Masked}) {
		t.Errorf("got the secrets %v", got)
	}

	do(`CREATE USER ann IDENTIFIED BY 'pw'`)
	refuse(1396, `CREATE USER ann IDENTIFIED BY 'pw'`)
	do(`GRANT operator ON INSTANCE shop TO ann`)
	if user, err := service.GetUser(t.Context(), "ann"); err != nil || user.Password.Reveal() != "pw" || user.Role != "operator" || user.Instance != "shop" {
		t.Errorf("got %+v, %v", user, err)
	}
	do(`DROP USER ann`)
	refuse(1396, `DROP USER ann`)

	do(`DROP CLUSTER etl`)
	refuse(1146, `DROP CLUSTER etl`)
	do(`DROP CLUSTER IF EXISTS etl`)
	do(`DROP CLUSTER c`)
	if got := do(`SHOW HISTORY OF INSTANCE shop LIMIT 1`).column(t, "Operation"); !slices.Equal(got, []string{"drop_cluster"}) {
		t.Errorf("the last change is %v", got)
	}
	do(`DROP INSTANCE shop`)
	refuse(1007, strings.Replace(newShop, "INSTANCE", "INSTANCE IF NOT EXISTS", 1))
	if got := do(`SHOW INSTANCES`).column(t, "Status"); !slices.Equal(got, []string{"DELETED"}) {
		t.Errorf("got %v", got)
	}
}

// TestConditionsMeet has the same conditional statement run many times at once.
func TestConditionsMeet(t *testing.T) {
	service := coretest.NewService(t, core.Options{})
	for _, text := range []string{newShop, `CREATE CLUSTER etl IN shop`} {
		_, err := exec(t, service, admin(), text)
		must(t, err)
	}
	for _, text := range []string{`SUSPEND CLUSTER etl IN shop IF RUNNING`, `ALTER CLUSTER etl IN shop RESUME IF SUSPENDED`, `DROP CLUSTER IF EXISTS etl IN shop`} {
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				if _, err := exec(t, service, admin(), text); err != nil {
					t.Errorf("%s: %v", text, err)
				}
			})
		}
		all.Wait()
	}
}

func BenchmarkShowClusters(b *testing.B) {
	e, s := New(Options{Backend: newFake()}), admin()
	b.ReportAllocs()
	for b.Loop() {
		stmt, _, err := e.Prepare(s, "SHOW CLUSTERS IN INSTANCE shop")
		must(b, err)
		result, err := stmt.Run(b.Context(), s, nil)
		must(b, err)
		for _, err := range result.Rows {
			must(b, err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	text := "SHOW CLUSTERS IN INSTANCE shop"
	for b.Loop() {
		tokens, _ := scan(text)
		_, _, err := parse(candidates(tokens), text, tokens)
		must(b, err)
	}
}
