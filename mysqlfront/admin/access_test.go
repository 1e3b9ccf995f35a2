package admin

import (
	"slices"
	"testing"
	"time"

	"roster/mysqlfront/session"
)

// TestRoles holds the role of every statement.
func TestRoles(t *testing.T) {
	readers := []string{"SHOW INSTANCES", "SHOW INSTANCE", "SHOW CLUSTERS", "SHOW CLUSTER STATUS", "SHOW CLUSTER", "SHOW NODES", "SHOW OBJECT STORES", "SHOW STORAGE VAULTS",
		"SHOW STORAGE", "SHOW STAGES", "SHOW CREATE", "SHOW HISTORY", "SHOW SERVERS", "ALTER USER", "SHOW GRANTS", "USE", "KILL", "SHOW PROCESSLIST", "SHOW WARNINGS", "SHOW COUNT", "HELP",
		"ADMIN DECODE KEY", "ADMIN ENCODE KEY", "ADMIN SHOW TABLET STATS", "ADMIN SHOW FRAGMENTS"}
	admins := []string{"CREATE INSTANCE", "DROP INSTANCE", "ALTER INSTANCE", "CREATE OBJECT STORE", "ALTER OBJECT STORE", "CREATE USER", "DROP USER", "GRANT", "SHOW USERS", "ADMIN SET VALUE",
		"SHOW FAILPOINTS", "SET FAILPOINT", "CLEAR FAILPOINT"}
	for _, r := range table {
		want := session.Operator
		if slices.Contains(readers, r.topic) {
			want = session.Reader
		} else if slices.Contains(admins, r.topic) {
			want = session.Admin
		}
		if r.role != want {
			t.Errorf("%s needs the role %s, want %s", r.topic, r.role, want)
		}
		if want == session.Reader {
			continue
		}
		s := admin()
		s.Role = want - 1
		stmt, _, err := New(Options{Backend: newFake()}).Prepare(s, r.examples[0])
		must(t, err)
		_, err = stmt.Run(t.Context(), s, make([]any, stmt.Params()))
		wantError(t, err, 1227, r.topic)
	}
}

// TestWrites names statements that must not be cut short, and some that may.
func TestWrites(t *testing.T) {
	for text, want := range map[string]bool{
		`DROP CLUSTER etl`: true, `ADMIN SET VALUE 'K' KEY '01' TO '{}'`: true, `DROP USER ann`: true, `GRANT reader TO ann`: true,
		`SHOW CLUSTERS`: false, `ADMIN GET VALUE 'K' KEY '01'`: false, `HELP`: false,
	} {
		stmt, _, err := New(Options{Backend: newFake()}).Prepare(admin(), text)
		must(t, err)
		if stmt.Writes() != want {
			t.Errorf("%s writes: %v", text, stmt.Writes())
		}
	}
}

func scopedTo(instance string) *session.Session {
	s := admin()
	s.Instance, s.Database = instance, ""
	return s
}

func TestUsersOfOneInstance(t *testing.T) {
	refused := []string{
		`USE shop`, `USE nowhere`, `SHOW CLUSTERS IN shop`, `SHOW INSTANCE shop`, `SHOW INSTANCE nowhere`, `SHOW INSTANCE UNIQUE ID '1:shop:n1'`, `SHOW INSTANCE UNIQUE ID '1:nowhere:n1'`,
		`SHOW INSTANCE lab UNIQUE ID '1:shop:n1'`,
		`DROP CLUSTER ID c1 IN UNIQUE ID '1:shop:n1'`, `CREATE INSTANCE new`, `DROP INSTANCE shop`, `ALTER INSTANCE shop ENABLE SSE`,
		`CREATE OBJECT STORE IN shop PROPERTIES("ak"="a")`, `ALTER OBJECT STORE 1 IN shop ACCESS KEY 'a' IDENTIFIED BY 'b'`,
		`SHOW CLUSTER etl IN shop`, `SHOW CLUSTER STATUS IN INSTANCES ('lab', 'shop')`, `SHOW CLUSTER STATUS IN UNIQUE IDS ('1:shop:n1')`,
		`SHOW NODES IN shop`, `SHOW OBJECT STORES IN shop`, `SHOW STORAGE IN shop`, `SHOW STAGES IN shop`, `SHOW CREATE INSTANCE shop`, `SHOW CREATE CLUSTER etl IN shop`,
		`SHOW HISTORY OF INSTANCE shop`, `SHOW HISTORY IN shop`, `SHOW HISTORY OF CLUSTER etl IN shop`,
		`CREATE USER x IDENTIFIED BY 'p'`, `ALTER USER ann ROLE admin`, `DROP USER ann`, `GRANT admin TO ann`, `SHOW USERS`, `SHOW SERVERS`, `SHOW GRANTS FOR ann`,
		`ADMIN GET VALUE 'InstanceKey' PROPERTIES("instance_id"="lab")`, `ADMIN SET VALUE 'InstanceKey' PROPERTIES("instance_id"="lab") TO '{}'`,
		`ADMIN SHOW TABLET STATS IN shop`, `ADMIN ABORT TXN IN shop`, `ADMIN ABORT TABLET JOB IN shop`, `ADMIN SHOW FRAGMENTS IN shop`,
		`ALTER SYSTEM DROP BACKEND 'x:1' IN shop`, `ALTER SYSTEM RENAME COMPUTE GROUP a b IN shop`,
	}
	for _, text := range refused {
		t.Run(text, func(t *testing.T) {
			f := newFake()
			_, err := exec(t, f, scopedTo("lab"), text)
			wantError(t, err, 1044, "Access denied")
			if len(f.calls) > 0 {
				t.Errorf("it did %v", f.calls)
			}
		})
	}
	t.Run("sees only that one", func(t *testing.T) {
		for _, text := range []string{`SHOW INSTANCES`, `SHOW HISTORY`, `SHOW HISTORY IN ALL INSTANCES`, `SHOW FULL HISTORY`} {
			a, err := exec(t, newFake(), scopedTo("lab"), text)
			must(t, err)
			if len(a.rows) != 1 {
				t.Errorf("%s shows %v", text, a.rows)
			}
		}
		a, err := exec(t, newFake(), scopedTo("lab"), `SHOW CLUSTERS IN ALL INSTANCES`)
		must(t, err)
		if len(a.rows) != 0 {
			t.Errorf("got %v", a.rows)
		}
	})
	t.Run("may work in that one", func(t *testing.T) {
		f := newFake()
		_, err := exec(t, f, scopedTo("shop"), `DROP CLUSTER ID c1 IN UNIQUE ID '1:shop:n1'`)
		must(t, err)
		if want := `DropCluster {"instance_id":"shop","cluster":{"cluster_id":"c1"},"op":"DROP_CLUSTER"}`; len(f.calls) != 1 || f.calls[0] != want {
			t.Errorf("got %v", f.calls)
		}
	})
}

func TestPlaintextConnections(t *testing.T) {
	refused := []string{`CREATE USER x IDENTIFIED BY 'p'`, `CREATE USER x IDENTIFIED BY ?`, `ALTER OBJECT STORE 1 ACCESS KEY 'a' IDENTIFIED BY 'b'`,
		`CREATE INSTANCE x PROPERTIES("obj.sk"=?)`, `CREATE INSTANCE x PROPERTIES("vault"='{"x":1}')`,
		`CREATE INSTANCE x PROPERTIES(?=?)`, `ADMIN SET VALUE 'InstanceKey' KEY '01' TO ?`}
	allowed := []string{`DROP CLUSTER etl`, `ALTER USER ann IDENTIFIED BY SECRET FROM ENV 'ROSTER_SECRET_PW'`, `SHOW CLUSTERS`, `ALTER USER ann ROLE admin`}
	t.Setenv("ROSTER_SECRET_PW", "pw")
	for _, text := range refused {
		s := admin()
		s.Secure = false
		stmt, _, err := New(Options{Backend: newFake()}).Prepare(s, text)
		must(t, err)
		_, err = stmt.Run(t.Context(), s, make([]any, stmt.Params()))
		wantError(t, err, 1227, "not encrypted")
	}
	for _, text := range allowed {
		s := admin()
		s.Secure = false
		if _, err := exec(t, newFake(), s, text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestOwnPassword(t *testing.T) {
	s := admin()
	s.User, s.Role, s.Instance = "ann", session.Reader, "shop"
	f := newFake()
	_, err := exec(t, f, s, `ALTER USER ann IDENTIFIED BY 'new'`)
	must(t, err)
	if len(f.calls) != 1 {
		t.Errorf("got %v", f.calls)
	}
	_, err = exec(t, f, s, `ALTER USER ann IDENTIFIED BY 'new' ROLE admin`)
	wantError(t, err, 1227, "")
	_, err = exec(t, f, s, `ALTER USER ann ON ALL INSTANCES`)
	wantError(t, err, 1227, "")
	_, err = exec(t, f, s, `ALTER USER root IDENTIFIED BY 'new'`)
	wantError(t, err, 1227, "")
}

func TestProcesses(t *testing.T) {
	me, mine, other := admin(), &session.Session{ID: 2, User: "root", Client: session.Client{Program: "a-tool"}}, &session.Session{ID: 3, User: "bob", Instance: "lab"}
	me.ID = 1
	mine.SetActivity(session.Activity{Command: "Query", Since: time.Now(), Statement: "SHOW CLUSTERS WHERE " + string(make([]byte, 200)), Database: "shop"})
	registry := &sessions{all: []*session.Session{me, mine, other}}
	me.Registry = registry
	list := func(text string, s *session.Session) []string {
		t.Helper()
		a, err := exec(t, newFake(), s, text)
		must(t, err)
		return a.column(t, "Id")
	}
	if got := list(`SHOW PROCESSLIST`, me); !slices.Equal(got, []string{"1", "2", "3"}) {
		t.Errorf("an administrator sees %v", got)
	}
	a, err := exec(t, newFake(), me, `SHOW PROCESSLIST WHERE Id = 2`)
	must(t, err)
	if info := a.column(t, "Info")[0]; len(info) != maxInfo {
		t.Errorf("the statement is %d bytes long", len(info))
	}
	if a, err = exec(t, newFake(), me, `SHOW FULL PROCESSLIST WHERE Id = 2`); err != nil || len(a.column(t, "Info")[0]) != 220 || a.column(t, "ProgramName")[0] != "a-tool" {
		t.Errorf("got %v, %v", a.rows, err)
	}
	me.Role = session.Reader
	if got := list(`SHOW FULL PROCESSLIST`, me); !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("a reader sees %v", got)
	}
	_, err = exec(t, newFake(), me, `KILL 3`)
	wantError(t, err, 1095, "3")
	_, err = exec(t, newFake(), me, `KILL QUERY 2`)
	must(t, err)
	_, err = exec(t, newFake(), me, `KILL CONNECTION ?`, int64(2))
	must(t, err)
	if !slices.Equal(registry.killed, []string{"2 true", "2 false"}) {
		t.Errorf("killed %v", registry.killed)
	}
	me.Role, me.Instance = session.Admin, "shop"
	_, err = exec(t, newFake(), me, `KILL 3`)
	wantError(t, err, 1095, "3")
}
