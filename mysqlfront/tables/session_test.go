package tables_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/core"
	"roster/mysqlfront/session"
	"roster/mysqlfront/tables"
)

// startUp is what clients send before a user does; each must be answered.
var startUp = map[string][]string{
	"mariadb": {
		"select @@version_comment limit 1", "SELECT DATABASE()", "show databases", "show tables", "select DATABASE(), USER() limit 1",
		"select @@character_set_client, @@character_set_connection, @@character_set_server, @@character_set_database limit 1",
		"SHOW DATABASES LIKE '%'", "/*!40100 SET @@SQL_MODE='' */", "show processlist",
	},
	"mycli": {
		"SET AUTOCOMMIT = 1", "select connection_id()", "SHOW DATABASES", "SHOW TABLES",
		"select TABLE_NAME, COLUMN_NAME from information_schema.columns where table_schema = 'alpha' order by table_name,ordinal_position",
		`SELECT CONCAT("'", user, "'@'",host,"'") FROM mysql.user`,
		`SELECT ROUTINE_NAME FROM INFORMATION_SCHEMA.ROUTINES WHERE ROUTINE_TYPE="FUNCTION" AND ROUTINE_SCHEMA = "alpha"`,
		`SELECT name from mysql.help_topic WHERE name like "SHOW %"`, "SHOW GLOBAL STATUS;", "SHOW GLOBAL VARIABLES;", "SELECT DATABASE(), USER();",
	},
	"go": {
		"SELECT @@max_allowed_packet", "SET NAMES utf8mb4", "SET time_zone = 'UTC'", "START TRANSACTION READ ONLY", "COMMIT", "ROLLBACK",
		"SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "SET NAMES utf8mb4 COLLATE utf8mb4_general_ci",
	},
	"Connector/J": {
		"/* mysql-connector-java-8.0.19 (Revision: a0ca826f5cdf51a98356fdfb1bf251eb042f80bf) */SELECT  @@session.auto_increment_increment AS auto_increment_increment, " +
			"@@character_set_client AS character_set_client, @@character_set_connection AS character_set_connection, @@character_set_results AS character_set_results, " +
			"@@character_set_server AS character_set_server, @@collation_server AS collation_server, @@collation_connection AS collation_connection, @@init_connect AS init_connect, " +
			"@@interactive_timeout AS interactive_timeout, @@license AS license, @@lower_case_table_names AS lower_case_table_names, @@max_allowed_packet AS max_allowed_packet, " +
			"@@net_write_timeout AS net_write_timeout, @@performance_schema AS performance_schema, @@sql_mode AS sql_mode, @@system_time_zone AS system_time_zone, " +
			"@@time_zone AS time_zone, @@transaction_isolation AS transaction_isolation, @@wait_timeout AS wait_timeout",
		"SELECT @@session.tx_isolation, @@query_cache_size, @@query_cache_type", "SET NAMES utf8mb4", "SET character_set_results = NULL", "SET autocommit=1",
		"SET sql_mode='STRICT_TRANS_TABLES'", "SET sql_mode=CONCAT(@@sql_mode,',STRICT_TRANS_TABLES')", "select @@session.transaction_read_only", "SET SESSION TRANSACTION READ WRITE",
	},
	"DBeaver": {
		"/* ApplicationName=DBeaver 23.0 - Metadata */ SELECT DATABASE()", "SHOW ENGINES", "SHOW CHARSET", "SHOW COLLATION",
		"SELECT @@GLOBAL.character_set_server,@@GLOBAL.collation_server", "SHOW PLUGINS", "SHOW VARIABLES LIKE 'lower_case_table_names'", "show databases",
		"SELECT * FROM information_schema.TABLES t WHERE t.TABLE_SCHEMA = 'information_schema' AND t.TABLE_NAME = 'CHECK_CONSTRAINTS'",
		"SELECT WORD FROM INFORMATION_SCHEMA.KEYWORDS WHERE RESERVED=1 ORDER BY WORD", "SHOW FULL TABLES FROM alpha", "SHOW TABLE STATUS FROM alpha",
		"SELECT * FROM information_schema.COLUMNS WHERE TABLE_SCHEMA='alpha' AND TABLE_NAME='clusters' ORDER BY ORDINAL_POSITION", "SHOW CREATE TABLE alpha.clusters",
		"SHOW INDEX FROM clusters FROM alpha", "SELECT * FROM information_schema.STATISTICS WHERE TABLE_SCHEMA='alpha'", "SELECT * FROM mysql.user ORDER BY User",
		"SHOW TRIGGERS FROM alpha", "SHOW EVENTS FROM alpha", "SHOW PROCEDURE STATUS WHERE Db = 'alpha'", "SHOW CREATE DATABASE alpha",
		"SELECT * FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'alpha' ORDER BY ROUTINE_NAME",
		"SELECT * FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = 'alpha' AND REFERENCED_TABLE_NAME IS NOT NULL",
	},
	"Grafana": {
		"SET time_zone='+00:00'", "SELECT 1", "SELECT DISTINCT TABLE_SCHEMA from information_schema.TABLES where TABLE_TYPE != 'SYSTEM VIEW' ORDER BY TABLE_SCHEMA",
		"SELECT table_name FROM information_schema.tables WHERE table_schema = 'alpha' ORDER BY table_name",
		"SELECT column_name, data_type FROM information_schema.columns WHERE table_schema='alpha' AND table_name='nodes' ORDER BY column_name",
	},
	"Workbench": {
		"set autocommit=1", "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SHOW SESSION STATUS LIKE 'Ssl_cipher'", "SHOW SESSION VARIABLES LIKE 'lower_case_table_names'",
		"SELECT CONNECTION_ID()", "SHOW PLUGINS", "SET SQL_SAFE_UPDATES=1", "SELECT current_user()", "SHOW VARIABLES WHERE Variable_name IN ('version', 'version_comment')", "DO 1", "BEGIN", "SAVEPOINT a",
	},
}

func TestStartUp(t *testing.T) {
	e := newEngine(t, newSource(), tables.Options{})
	for client, statements := range startUp {
		t.Run(client, func(t *testing.T) {
			s := newSession()
			s.Database = "alpha"
			for _, text := range statements {
				if _, err := ask(t, e, s, text); err != nil {
					t.Errorf("%s: %v", text, err)
				}
			}
		})
	}
}

func TestStandardShow(t *testing.T) {
	e := newEngine(t, newSource(), tables.Options{})
	s := newSession()
	s.Database = "alpha"
	for query, want := range map[string]string{
		"SHOW DATABASES":                                        "Database\nalpha\nbeta\ngamma\ninformation_schema\nmysql\nroster",
		"SHOW SCHEMAS LIKE 'A%'":                                "Database\nalpha",
		"SHOW TABLES":                                           "Tables_in_alpha\ncluster_users\nclusters\nhistory\ninstances\nnodes\nobject_stores\nstages",
		"SHOW FULL TABLES FROM roster LIKE 'set%'":              "Tables_in_roster|Table_type\nsettings|BASE TABLE",
		"SHOW TABLES WHERE Tables_in_alpha = 'nodes'":           "Tables_in_alpha\nnodes",
		"DESC roster.settings":                                  "Field|Type|Null|Key|Default|Extra\nname|varchar(256)|NO||NULL|\nvalue|varchar(1024)|YES||NULL|",
		"DESCRIBE roster.settings value":                        "Field|Type|Null|Key|Default|Extra\nvalue|varchar(1024)|YES||NULL|",
		"SHOW FULL COLUMNS FROM settings FROM roster LIKE 'n%'": "Field|Type|Collation|Null|Key|Default|Extra|Privileges|Comment\nname|varchar(256)|utf8mb4_bin|NO||NULL||select|",
		"SHOW VARIABLES LIKE 'autocommit'":                      "Variable_name|Value\nautocommit|ON",
		"SHOW CREATE TABLE roster.settings":                     "Table|Create Table\nsettings|CREATE TABLE `settings` (\n  `name` varchar(256) COLLATE utf8mb4_bin NOT NULL,\n  `value` varchar(1024) COLLATE utf8mb4_general_ci\n) DEFAULT CHARSET=utf8mb4",
		"SHOW CREATE DATABASE alpha":                            "Database|Create Database\nalpha|CREATE DATABASE `alpha` /*!40100 DEFAULT CHARACTER SET utf8mb4 */",
		"SHOW CHARACTER SET LIKE 'utf8mb4'":                     "Charset|Description|Default collation|Maxlen\nutf8mb4|UTF-8 Unicode|utf8mb4_general_ci|4",
		"SHOW ENGINES":                                          "Engine|Support|Comment|Transactions|XA|Savepoints\nROSTER|DEFAULT|Read-only views of what Roster manages|NO|NO|NO",
	} {
		if got, err := ask(t, e, s, query); err != nil || got != want {
			t.Errorf("%s:\n%s\n%v", query, got, err)
		}
	}
}

func TestSession(t *testing.T) {
	e := newEngine(t, newSource(), tables.Options{})
	s := newSession()
	for _, c := range []struct{ text, want string }{
		{"SELECT DATABASE(), USER(), CURRENT_USER(), CONNECTION_ID(), VERSION()", "DATABASE()|USER()|CURRENT_USER()|CONNECTION_ID()|VERSION()\nNULL|root@127.0.0.1|root@%|7|8.0.36-roster"},
		{"USE Roster", "OK"},
		{"SELECT DATABASE()", "DATABASE()\nroster"},
		{"SELECT COUNT(*) FROM instances", "COUNT(*)\n3"},
		{"USE alpha", "OK"},
		{"SELECT COUNT(*) FROM instances", "COUNT(*)\n1"},
		{"SET @a = 1 + 1, @b = 'x'", "OK"},
		{"SELECT @a, @B, @c", "@a|@B|@c\n2|x|NULL"},
		{"SELECT @@time_zone, modify_time FROM instances", "@@time_zone|modify_time\nSYSTEM|2026-01-01 00:00:00"},
		{"SET time_zone = '+08:00'", "OK"},
		{"SELECT @@time_zone, modify_time, FROM_UNIXTIME(modify_time_unix) = modify_time FROM instances", "@@time_zone|modify_time|FROM_UNIXTIME(modify_time_unix) = modify_time\n+08:00|2026-01-01 08:00:00|1"},
		{"SET time_zone = DEFAULT", "OK"},
		{"SELECT @@time_zone", "@@time_zone\nSYSTEM"},
		{"SET autocommit = 0, sql_mode = ANSI_QUOTES", "OK"},
		{`SELECT @@autocommit, @@global.autocommit, "instance_id" FROM instances`, "@@autocommit|@@global.autocommit|instance_id\n0|1|alpha"},
		{"SET sql_mode = DEFAULT", "OK"},
		{"SET NAMES utf8", "OK"},
		{"SELECT @@character_set_client, @@SESSION.character_set_server", "@@character_set_client|@@SESSION.character_set_server\nutf8mb3|utf8mb4"},
		{"SET character_set_results = NULL", "OK"},
		{"SELECT @@character_set_results", "@@character_set_results\nNULL"},
	} {
		if got, err := ask(t, e, s, c.text); err != nil || got != c.want {
			t.Errorf("%s: got %q, %v, want %q", c.text, got, err, c.want)
		}
	}
	t.Run("a SET that fails sets nothing", func(t *testing.T) {
		if _, err := ask(t, e, s, "SET @z = 1, time_zone = 'Nowhere'"); number(err) != 1298 {
			t.Fatal(err)
		}
		if _, set := s.Vars["@z"]; set {
			t.Error("@z was set")
		}
	})
}

func TestParameters(t *testing.T) {
	e, s := newEngine(t, newSource(), tables.Options{}), newSession()
	query := "SELECT instance_id, ? FROM roster.instances WHERE create_time <= ? AND instance_id IN (?, ?) ORDER BY 1 LIMIT ? OFFSET ?"
	got, err := ask(t, e, s, query, []byte("x"), time.Unix(born, 0), "beta", "gamma", 5.0, uint64(1))
	if err != nil || got != "instance_id|?\ngamma|x" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := ask(t, e, s, query, 1); number(err) != 1210 {
		t.Error(err)
	}
	t.Run("a statement runs again", func(t *testing.T) {
		stmt, _, err := e.Prepare(s, "SELECT name FROM roster.instances WHERE instance_id = ?")
		if err != nil || stmt.Params() != 1 || len(stmt.Columns()) != 1 || stmt.Columns()[0].Table != "instances" {
			t.Fatal(stmt, err)
		}
		for _, id := range []string{"alpha", "beta"} {
			result, err := stmt.Run(t.Context(), s, []any{id})
			if err != nil {
				t.Fatal(err)
			}
			for row, err := range result.Rows {
				if err != nil || !strings.EqualFold(row[0].(string), id) {
					t.Error(row, err)
				}
			}
		}
	})
}

func TestSnapshots(t *testing.T) {
	src := newSource()
	e := newEngine(t, src, tables.Options{})
	s := newSession()
	latest := core.VersionAt(time.Unix(born, 0))
	old := core.VersionAt(time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC))
	for _, c := range []struct {
		text string
		want uint64
	}{
		{"SELECT * FROM alpha.clusters", latest},
		{"SELECT * FROM roster.clusters AS OF TIMESTAMP '2026-02-03 04:05:06' WHERE instance_id = 'alpha'", old},
		{"SELECT c.* FROM alpha.clusters AS c AS OF TIMESTAMP '2026-02-03 04:05:05' + INTERVAL 1 SECOND", old},
		{"START TRANSACTION READ ONLY", 0},
		{"SELECT * FROM alpha.clusters", latest},
		{"COMMIT", 0},
		{"START TRANSACTION READ ONLY AS OF TIMESTAMP '2026-02-03 04:05:06'", 0},
		{"SELECT * FROM alpha.clusters", old},
		{"ROLLBACK", 0},
		{"SELECT * FROM alpha.clusters", latest},
	} {
		src.at = 0
		if _, err := ask(t, e, s, c.text); err != nil {
			t.Fatalf("%s: %v", c.text, err)
		}
		if src.at != c.want {
			t.Errorf("%s: read at %d, want %d", c.text, src.at, c.want)
		}
	}
	t.Run("BEGIN says that it pins nothing", func(t *testing.T) {
		if _, err := ask(t, e, s, "BEGIN"); err != nil || s.Snapshot != 0 || len(s.Warnings) != 1 {
			t.Error(s.Warnings, err)
		}
	})
}

func TestProcesses(t *testing.T) {
	e := newEngine(t, newSource(), tables.Options{})
	admin, reader := newSession(), newSession()
	reader.ID, reader.User, reader.Role = 8, "bob", session.Reader
	admin.SetActivity(session.Activity{Command: "Query", Since: time.Now(), Statement: "SELECT 1"})
	reader.SetActivity(session.Activity{Command: "Sleep", Since: time.Now()})
	for _, s := range []*session.Session{admin, reader} {
		s.Registry = registry{admin, reader}
	}
	for s, want := range map[*session.Session]string{admin: "ID|USER|INFO\n7|root|SELECT 1\n8|bob|NULL", reader: "ID|USER|INFO\n8|bob|NULL"} {
		if got, err := ask(t, e, s, "SELECT ID, USER, INFO FROM information_schema.PROCESSLIST"); err != nil || got != want {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if got, err := ask(t, e, admin, "SHOW STATUS LIKE 'Threads%'"); err != nil || got != "Variable_name|Value\nThreads_connected|2\nThreads_running|1" {
		t.Errorf("got %q, %v", got, err)
	}
}

type registry []*session.Session

func (r registry) Sessions() []*session.Session { return slices.Clone(r) }
func (registry) Kill(uint64, bool) bool         { return false }

func FuzzPrepare(f *testing.F) {
	for _, c := range golden {
		f.Add(c.query)
	}
	for _, statements := range startUp {
		for _, s := range statements {
			f.Add(s)
		}
	}
	e := newEngine(f, newSource(), tables.Options{MaxSteps: 10_000, MaxRows: 100})
	f.Fuzz(func(t *testing.T, text string) {
		s := newSession()
		s.Database = "alpha"
		stmt, ok, err := e.Prepare(s, text)
		if !ok {
			t.Fatal("not taken")
		}
		if err != nil {
			if number(err) == 0 {
				t.Fatalf("%q: %v has no number", text, err)
			}
			return
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		args := make([]any, stmt.Params())
		for i := range args {
			args[i] = "1"
		}
		result, err := stmt.Run(ctx, s, args)
		if core.CodeOf(err) == core.Internal && number(err) == 0 && err != nil && ctx.Err() == nil {
			t.Fatalf("%q: %v: %v", text, err, unwrap(err))
		}
		if err == nil && result.Columns != nil {
			for row, err := range result.Rows {
				if err != nil || len(row) != len(result.Columns) {
					t.Fatal(row, err)
				}
				for i, v := range row {
					checkType(t, text, result.Columns[i], v)
				}
			}
		}
	})
}

func unwrap(err error) error {
	var e *core.Error
	if errors.As(err, &e) {
		return e.Cause
	}
	return err
}

// What is kept for a time zone is found by its location.
func TestSessionsInOneTimeZoneShareItsLocation(t *testing.T) {
	e := newEngine(t, newSource(), tables.Options{})
	in := func(zone string) *time.Location {
		t.Helper()
		s := newSession()
		if _, err := ask(t, e, s, "SET time_zone = '"+zone+"'"); err != nil {
			t.Fatal(err)
		}
		return s.Location
	}
	for _, same := range [][2]string{
		{"+00:00", "+00:00"}, {"+00:00", "-0:00"}, {"-05:30", "-5:30"}, {"Europe/Berlin", "Europe/Berlin"}, {"UTC", "UTC"},
	} {
		if in(same[0]) != in(same[1]) {
			t.Errorf("%s and %s are two locations", same[0], same[1])
		}
	}
	if in("+05:30") == in("-05:30") || in("Europe/Berlin") == in("Europe/Paris") {
		t.Error("different time zones share a location")
	}
	for _, spelling := range []string{"Europe//Berlin", "Europe/./Berlin", "./Europe/Berlin", "Europe/Berlin/"} {
		if _, err := ask(t, e, newSession(), "SET time_zone = '"+spelling+"'"); number(err) != 1298 {
			t.Errorf("%s: %v", spelling, err)
		}
	}
}
