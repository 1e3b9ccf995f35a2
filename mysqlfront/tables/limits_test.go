package tables_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"roster/core"
	pb "roster/core/metapb"
	"roster/mysqlfront/session"
	"roster/mysqlfront/tables"
)

func TestReads(t *testing.T) {
	src := newSource()
	e := newEngine(t, src, tables.Options{})
	for _, c := range []struct{ name, query, want string }{
		{"a constant reads nothing", "SELECT 1", ""},
		{"one instance is one read", "SELECT * FROM roster.clusters WHERE instance_id = 'beta'", "version get:beta"},
		{"an instance's database is one read", "SELECT * FROM beta.clusters WHERE cluster_id = 'c1'", "version get:beta"},
		{"a join of one instance is one read", "SELECT * FROM roster.clusters c JOIN roster.nodes n USING (instance_id, cluster_id) WHERE c.instance_id = 'beta'", "version get:beta"},
		{"a join of instance databases", "SELECT * FROM beta.clusters JOIN alpha.nodes USING (cluster_id)", "version get:beta get:alpha"},
		{"IN is a read each", "SELECT * FROM roster.instances WHERE instance_id IN ('alpha', 'beta')", "version get:alpha get:beta"},
		{"OR is a read each", "SELECT * FROM roster.instances WHERE instance_id = 'alpha' OR 'beta' = instance_id", "version get:alpha get:beta"},
		{"a join of one side is one read", "SELECT * FROM roster.instances LEFT JOIN roster.clusters USING (instance_id) WHERE instance_id = 'beta'", "version get:beta"},
		{"an equality around a derived table", "SELECT * FROM (SELECT * FROM roster.clusters) t WHERE t.instance_id = 'beta'", "version get:beta"},
		{"an equality around a CTE", "WITH t AS (SELECT * FROM roster.clusters) SELECT * FROM t WHERE instance_id = 'beta'", "version get:beta"},
		{"an equality with a subquery", "SELECT * FROM roster.clusters WHERE instance_id = (SELECT 'beta')", "version get:beta"},
		{"a correlated subquery of one instance", "SELECT (SELECT COUNT(*) FROM roster.nodes n WHERE n.instance_id = i.instance_id) FROM roster.instances i WHERE instance_id = 'beta'", "version get:beta"},
		{"all instances are listed once", "SELECT * FROM roster.instances a JOIN roster.instances b ON a.name = b.name", "version list"},
		{"a NULL reads nothing", "SELECT * FROM roster.instances WHERE instance_id = NULL", ""},
		{"history of one instance", "SELECT * FROM roster.history WHERE instance_id = 'beta'", "version history:beta"},
		{"columns of a system schema", "SELECT * FROM information_schema.columns WHERE table_schema = 'roster'", ""},
		{"columns of an instance", "SELECT * FROM information_schema.columns WHERE table_schema = 'beta' AND table_name = 'nodes'", "version get:beta"},
	} {
		t.Run(c.name, func(t *testing.T) {
			src.took()
			if _, err := ask(t, e, newSession(), c.query); err != nil {
				t.Fatal(err)
			}
			if got := src.took(); got != c.want {
				t.Errorf("read %q, want %q", got, c.want)
			}
		})
	}
	t.Run("a join over many instances stops reading one by one", func(t *testing.T) {
		for i := range 300 {
			id := fmt.Sprintf("many%03d", i)
			src.docs[id] = &pb.InstanceInfoPB{InstanceId: &id, Name: &id, Clusters: []*pb.ClusterPB{{ClusterId: &id}}}
		}
		src.took()
		got, err := ask(t, e, newSession(), "SELECT COUNT(*) FROM roster.instances i JOIN roster.clusters c ON c.instance_id = i.instance_id WHERE c.cluster_id LIKE 'many%'")
		if err != nil || got != "COUNT(*)\n300" {
			t.Fatalf("got %q, %v", got, err)
		}
		if n := len(strings.Fields(src.took())); n > 30 {
			t.Errorf("%d reads", n)
		}
	})
}

func number(err error) uint16 {
	var e *session.Error
	if errors.As(err, &e) {
		return e.Number
	}
	return 0
}

func TestRefusals(t *testing.T) {
	e := newEngine(t, newSource(), tables.Options{})
	for query, want := range map[string]uint16{
		"":                                       1065,
		"-- nothing":                             1065,
		"SELEC 1":                                1064,
		"SELECT 1; SELECT 2":                     1235,
		"INSERT INTO roster.instances VALUES ()": 1290,
		"UPDATE roster.instances SET name = 'x'": 1290,
		"DELETE FROM roster.instances":           1290,
		"CREATE TABLE t (a INT)":                 1290,
		"DROP DATABASE alpha":                    1290,
		"LOAD DATA INFILE '/etc/passwd' INTO TABLE t":                     1290,
		"SELECT 1 INTO OUTFILE '/tmp/x'":                                  1235,
		"SELECT LOAD_FILE('/etc/passwd')":                                 1305,
		"SELECT load_extension('x')":                                      1305,
		"SELECT sqlite_version()":                                         1305,
		"SELECT m_sleep(1)":                                               1305,
		"SELECT collect(1)":                                               1305,
		"SELECT readfile('/etc/passwd')":                                  1305,
		"SELECT * FROM sqlite_master":                                     1046,
		"SELECT * FROM main.sqlite_master":                                1146,
		"SELECT * FROM roster.sqlite_schema":                              1146,
		"PRAGMA database_list":                                            1064,
		"ATTACH DATABASE 'x' AS y":                                        1064,
		"VACUUM INTO '/tmp/x'":                                            1064,
		"SELECT * FROM roster.instances FOR UPDATE":                       1235,
		"SELECT SQL_CALC_FOUND_ROWS 1":                                    1235,
		"SELECT COUNT(*) FROM roster.instances GROUP BY name WITH ROLLUP": 1235,
		"SELECT @a := 1":                                                  1235,
		"SELECT @@nosuch":                                                 1193,
		"SELECT nosuch FROM roster.instances":                             1054,
		"SELECT i.name FROM roster.instances":                             1054,
		"SELECT name AS x FROM roster.instances WHERE x = 1":              1054,
		"SELECT instance_id FROM roster.instances a, roster.clusters b":   1052,
		"SELECT * FROM nosuch":                                            1046,
		"SELECT * FROM roster.nosuch":                                     1146,
		"SELECT * FROM nosuch.clusters":                                   1049,
		"SELECT * FROM (SELECT 1)":                                        1248,
		"SELECT * FROM (SELECT 1 a, 2 a) t":                               1060,
		"WITH t AS (SELECT 1 a, 2 A) SELECT * FROM t":                     1060,
		"SELECT * FROM roster.instances, roster.instances":                1066,
		"SELECT 1 UNION SELECT 1, 2":                                      1222,
		"SELECT *":                                                        1096,
		"SELECT x.* FROM roster.instances":                                1051,
		"SELECT NOSUCH(1)":                                                1305,
		"SELECT UPPER()":                                                  1582,
		"SELECT 1 FROM roster.instances WHERE COUNT(*) > 1":               1111,
		"SELECT 9223372036854775807 + 1 FROM (SELECT SUM(9223372036854775807) FROM roster.instances) t": 1690,
		"SELECT 'a' REGEXP '('":                               1139,
		"SELECT (SELECT instance_id FROM roster.instances)":   1242,
		"SELECT 9223372036854775807 + 1":                      1690,
		"SELECT 'a' COLLATE nosuch":                           1273,
		"SELECT 'a' COLLATE latin1_swedish_ci":                1253,
		"SELECT CONVERT('a' USING nosuch)":                    1115,
		"SELECT 'a' LIKE '" + strings.Repeat("x", 2000) + "'": 1210,
		"SELECT REPEAT(REPEAT('x', 1000000), 2) IS NOT NULL AND CONCAT(REPEAT('x', 1000000), REPEAT('x', 1000000))":                                                  1301,
		"SELECT REPLACE(REPEAT('x', 10000), 'x', REPEAT('y', 1000))":                                                                                                 1301,
		"SELECT REGEXP_REPLACE(REPEAT('x', 1000), 'x', REPEAT('y', 10000))":                                                                                          1301,
		"SELECT REGEXP_REPLACE(REPEAT('x', 1000000), 'x', REPEAT('y', 1000000))":                                                                                     3699,
		"SELECT REGEXP_REPLACE(REPEAT('x', 100000), 'x*y|x', '')":                                                                                                    3699,
		"SELECT 'x' REGEXP CONCAT(REPEAT('x{0,1000}', 100), 'y')":                                                                                                    1139,
		"SELECT GROUP_CONCAT(DISTINCT name SEPARATOR '" + strings.Repeat("x", 100_000) + "') IS NULL, CONCAT_WS(REPEAT('x', 600000), 1, 2, 3) FROM roster.instances": 1301,
		"SELECT JSON_LENGTH('{')":         3141,
		"SELECT JSON_LENGTH('{}', 'x')":   3143,
		"EXPLAIN SELECT 1":                1235,
		"KILL 1":                          1235,
		"GRANT ALL ON *.* TO x":           1235,
		"SET GLOBAL max_connections = 1":  1227,
		"SET nosuch = 1":                  1193,
		"SET version = 'x'":               1238,
		"SET time_zone = 'Nowhere'":       1298,
		"SET NAMES latin1":                1115,
		"SET sql_mode = 'NOSUCH'":         1231,
		"SET autocommit = 'x'":            1231,
		"USE nosuch":                      1049,
		"SHOW TABLES":                     1046,
		"SHOW COLUMNS FROM roster.nosuch": 1146,
		"SHOW MASTER STATUS":              1235,
		"SELECT " + strings.Repeat("(", 300) + "1" + strings.Repeat(")", 300): 1235,
		"SELECT '" + strings.Repeat("x", 200_000) + "'":                       1153,
		"SELECT * FROM roster.instances AS OF TIMESTAMP 'yesterday'":          1292,
		"SELECT 1 FROM roster.instances LIMIT -1":                             1064,
	} {
		t.Run(query[:min(len(query), 60)], func(t *testing.T) {
			got, err := ask(t, e, newSession(), query)
			if number(err) != want {
				t.Errorf("got %q, %v (%d), want error %d", got, err, number(err), want)
			}
		})
	}
	for name, query := range map[string]string{
		"parentheses": "SELECT " + strings.Repeat("(", 60_000) + "1" + strings.Repeat(")", 60_000),
		"signs":       "SELECT " + strings.Repeat("- ", 60_000) + "1",
		"sums":        "SELECT 1" + strings.Repeat("+1", 60_000),
		"subqueries":  "SELECT " + strings.Repeat("(SELECT ", 10_000) + "1" + strings.Repeat(")", 10_000),
		"unions":      "SELECT 1" + strings.Repeat(" UNION SELECT 1", 5_000),
		"values":      "SELECT " + strings.Repeat("1,", 50_000) + "1",
	} {
		t.Run("a statement of many "+name, func(t *testing.T) {
			if got, err := ask(t, e, newSession(), query); number(err) != 1235 {
				t.Errorf("got %.20q, %v", got, err)
			}
		})
	}
	t.Run("a statement of many recursive queries", func(t *testing.T) {
		query := "SELECT 1 AS c"
		for i := range 22 {
			query = fmt.Sprintf("WITH RECURSIVE t%d AS (%s UNION ALL SELECT 1) SELECT c FROM t%[1]d", i, query)
			query = fmt.Sprintf("SELECT c FROM (%s) AS d", query)
		}
		if got, err := ask(t, e, newSession(), query); number(err) != 1235 || !strings.Contains(err.Error(), "large") {
			t.Errorf("got %.20q, %v", got, err)
		}
	})
	t.Run("a statement that names subqueries over and over", func(t *testing.T) {
		query := "WITH a0 AS (SELECT 1 c)"
		for i := range 20 {
			query += fmt.Sprintf(", a%d AS (SELECT x.c FROM a%d x JOIN a%[2]d y ON x.c = y.c)", i+1, i)
		}
		if got, err := ask(t, e, newSession(), query+" SELECT COUNT(*) FROM a20"); number(err) != 1235 {
			t.Errorf("got %.20q, %v", got, err)
		}
	})
	t.Run("no secret in a syntax error", func(t *testing.T) {
		_, err := ask(t, e, newSession(), "ALTER OBJECT STORE 1 SET ACCESS KEY 'ak' IDENTIFIED BY CANARY")
		if number(err) != 1064 || strings.Contains(err.Error(), "CANARY") || strings.Contains(err.Error(), "ak") {
			t.Error(err)
		}
	})
	t.Run("no secret in the redacted text", func(t *testing.T) {
		stmt, _, err := e.Prepare(newSession(), "SELECT 'CANARY' AS password")
		if err != nil || strings.Contains(stmt.Redacted(), "CANARY") {
			t.Error(stmt, err)
		}
	})
}

func TestScope(t *testing.T) {
	src := newSource()
	e := newEngine(t, src, tables.Options{})
	s := newSession()
	s.Instance, s.Role, s.User = "beta", session.Reader, "bob"
	for query, want := range map[string]string{
		"SELECT instance_id FROM roster.instances":                                    "instance_id\nbeta",
		"SELECT COUNT(*) FROM roster.clusters WHERE instance_id = 'alpha'":            "COUNT(*)\n0",
		"SELECT COUNT(*) FROM roster.clusters WHERE instance_id = 'beta'":             "COUNT(*)\n2",
		"SELECT COUNT(*) FROM roster.history":                                         "COUNT(*)\n2",
		"SELECT COUNT(*) FROM roster.history WHERE instance_id = 'alpha'":             "COUNT(*)\n0",
		"SELECT DISTINCT table_schema FROM information_schema.tables ORDER BY 1":      "table_schema\nbeta\ninformation_schema\nmysql\nroster",
		"SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'alpha'": "COUNT(*)\n0",
		"SELECT User FROM mysql.user":                                                 "User\nbob",
		"SHOW DATABASES":                                                              "Database\nbeta\ninformation_schema\nmysql\nroster",
	} {
		if got, err := ask(t, e, s, query); err != nil || got != want {
			t.Errorf("%s: got %q, %v", query, got, err)
		}
	}
	for _, query := range []string{"SELECT * FROM alpha.clusters", "USE alpha", "SHOW TABLES FROM alpha", "DESCRIBE alpha.nodes", "SHOW CREATE DATABASE alpha"} {
		if got, err := ask(t, e, s, query); number(err) != 1044 {
			t.Errorf("%s: got %q, %v", query, got, err)
		}
	}
	if strings.Contains(src.took(), "alpha") {
		t.Error("another instance was read")
	}
}

func TestBounds(t *testing.T) {
	t.Run("a long result is cut off with a warning", func(t *testing.T) {
		e, s := newEngine(t, newSource(), tables.Options{MaxRows: 2}), newSession()
		got, err := ask(t, e, s, "SELECT instance_id FROM roster.instances")
		if err != nil || got != "instance_id\nalpha\nbeta" || len(s.Warnings) != 1 {
			t.Errorf("got %q, %v, %v", got, err, s.Warnings)
		}
	})
	t.Run("reading too much is an error", func(t *testing.T) {
		e := newEngine(t, newSource(), tables.Options{MaxReadBytes: 1000})
		if _, err := ask(t, e, newSession(), "SELECT COUNT(*) FROM roster.nodes"); number(err) != 1104 {
			t.Error(err)
		}
		if _, err := ask(t, e, newSession(), "SELECT REPEAT('x', 2000)"); number(err) != 1104 {
			t.Error(err)
		}
	})
	t.Run("a join too large is an error", func(t *testing.T) {
		e := newEngine(t, newSource(), tables.Options{MaxSteps: 1000})
		if _, err := ask(t, e, newSession(), "SELECT COUNT(*) FROM roster.nodes a, roster.nodes b, roster.nodes c"); number(err) != 1104 {
			t.Error(err)
		}
	})
	t.Run("a failing source is its error", func(t *testing.T) {
		src := newSource()
		src.fail = core.Errorf(core.Unavailable, "the store is away")
		e := newEngine(t, src, tables.Options{})
		if _, err := ask(t, e, newSession(), "SELECT * FROM roster.clusters"); core.CodeOf(err) != core.Unavailable {
			t.Error(err)
		}
	})
	for name, query := range map[string]string{
		"SLEEP":                "SELECT SLEEP(1000)",
		"an endless CTE":       "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0",
		"an endless CTE late":  "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 3",
		"a long LIKE":          "SELECT REPEAT('a', 1000000) LIKE CONCAT('%', REPEAT('a', 990), 'b%')",
		"a long REGEXP":        "SELECT REPEAT('a', 1000000) REGEXP CONCAT(REPEAT('a{0,90}', 50), 'b')",
		"a long REGEXP_INSTR":  "SELECT REGEXP_INSTR(REPEAT('a', 1000000), CONCAT(REPEAT('a{0,90}', 50), 'b'))",
		"a long JSON_CONTAINS": "SELECT JSON_CONTAINS(CONCAT('[', REPEAT('1,', 400000), '2]'), CONCAT('[', REPEAT('2,', 400000), '2]'))",
	} {
		t.Run("the context ends "+name, func(t *testing.T) {
			e, s := newEngine(t, newSource(), tables.Options{Slots: 1}), newSession()
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			stmt, _, err := e.Prepare(s, query)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := stmt.Run(ctx, s, nil); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			if got, err := ask(t, e, s, "SELECT 1"); err != nil || got != "1\n1" {
				t.Errorf("afterwards: %q, %v", got, err)
			}
		})
	}
	t.Run("waiting for a slot ends with the context", func(t *testing.T) {
		e, s := newEngine(t, newSource(), tables.Options{Slots: 1}), newSession()
		stmt, _, err := e.Prepare(s, "SELECT SLEEP(1000)")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if _, err := stmt.Run(ctx, newSession(), nil); !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
		}
		cancel()
		all.Wait()
	})
	t.Run("a closed engine is unavailable", func(t *testing.T) {
		e := tables.New(newSource(), tables.Options{})
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := ask(t, e, newSession(), "SELECT 1"); core.CodeOf(err) != core.Unavailable {
			t.Error(err)
		}
	})
	t.Run("many at once", func(t *testing.T) {
		e := newEngine(t, newSource(), tables.Options{Slots: 2})
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				s := newSession()
				for range 10 {
					if got, err := ask(t, e, s, "SELECT COUNT(*) FROM roster.nodes"); err != nil || got != "COUNT(*)\n12" {
						t.Errorf("%q, %v", got, err)
					}
				}
			})
		}
		all.Wait()
	})
}
