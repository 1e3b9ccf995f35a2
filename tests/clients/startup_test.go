package clients

import (
	"database/sql"
	"errors"
	"strings"
	"testing"

	"roster/tests/harness"
)

// answer is the rows of a statement, a line each with "|" between the values.
func answer(t *testing.T, conn *sql.Conn, text string) (columns []string, lines []string, err error) {
	t.Helper()
	rows, err := conn.QueryContext(t.Context(), text)
	if err != nil {
		return nil, nil, err
	}
	if columns, err = rows.Columns(); err != nil {
		return nil, nil, err
	}
	for rows.Next() {
		values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, nil, err
		}
		var line []string
		for _, v := range values {
			line = append(line, v.String)
		}
		lines = append(lines, strings.Join(line, "|"))
	}
	return columns, lines, errors.Join(rows.Err(), rows.Close())
}

// startups are the statements that clients which no test can install here send
// when they connect and look around; $I is an instance. The columns are those
// that the client reads by name, and rows is a part of what it has to find.
var startups = map[string][]struct{ text, columns, rows string }{
	"Connector/J": {
		{`/* mysql-connector-java-8.0.33 (Revision: 0) */SELECT  @@session.auto_increment_increment AS auto_increment_increment,
			@@character_set_client AS character_set_client, @@character_set_connection AS character_set_connection,
			@@character_set_results AS character_set_results, @@character_set_server AS character_set_server,
			@@collation_server AS collation_server, @@collation_connection AS collation_connection, @@init_connect AS init_connect,
			@@interactive_timeout AS interactive_timeout, @@license AS license, @@lower_case_table_names AS lower_case_table_names,
			@@max_allowed_packet AS max_allowed_packet, @@net_write_timeout AS net_write_timeout, @@performance_schema AS performance_schema,
			@@sql_mode AS sql_mode, @@system_time_zone AS system_time_zone, @@time_zone AS time_zone,
			@@transaction_isolation AS transaction_isolation, @@wait_timeout AS wait_timeout`,
			"auto_increment_increment,character_set_client,character_set_connection,character_set_results,character_set_server,collation_server," +
				"collation_connection,init_connect,interactive_timeout,license,lower_case_table_names,max_allowed_packet,net_write_timeout," +
				"performance_schema,sql_mode,system_time_zone,time_zone,transaction_isolation,wait_timeout", "utf8mb4"},
		{"SET NAMES utf8mb4", "", ""},
		{"SET character_set_results = NULL", "", ""},
		{"SET autocommit=1", "", ""},
		{"SET sql_mode='STRICT_TRANS_TABLES'", "", ""},
		{"SELECT @@query_cache_size, @@query_cache_type", "@@query_cache_size,@@query_cache_type", "0|OFF"},
		{"SELECT @@session.tx_isolation", "@@session.tx_isolation", ""},
		{"SELECT @@session.transaction_read_only", "@@session.transaction_read_only", "0"},
		{"SET SESSION TRANSACTION READ WRITE", "", ""},
		{"SHOW WARNINGS", "Level,Code,Message", ""},
	},
	"DBeaver": {
		{"/* ApplicationName=DBeaver 24.1.0 - Main */ SELECT DATABASE()", "DATABASE()", ""},
		{"/* ApplicationName=DBeaver 24.1.0 - Main */ SET SQL_SELECT_LIMIT=DEFAULT", "", ""},
		{"/* ApplicationName=DBeaver 24.1.0 - Metadata */ SHOW ENGINES", "Engine,Support,Comment", ""},
		{"/* ApplicationName=DBeaver 24.1.0 - Metadata */ SHOW CHARSET", "Charset,Description,Default collation,Maxlen", "utf8mb4"},
		{"/* ApplicationName=DBeaver 24.1.0 - Metadata */ SHOW COLLATION", "Collation,Charset,Id,Default", "utf8mb4"},
		{"SELECT @@GLOBAL.character_set_server,@@GLOBAL.collation_server", "@@GLOBAL.character_set_server,@@GLOBAL.collation_server", "utf8mb4"},
		{"SHOW PLUGINS", "Name,Status,Type,Library,License", ""},
		{"SHOW VARIABLES LIKE 'lower_case_table_names'", "Variable_name,Value", "lower_case_table_names|"},
		{"show databases", "Database", "$I"},
		{`SELECT * FROM information_schema.TABLES t WHERE t.TABLE_SCHEMA = 'information_schema' AND t.TABLE_NAME = 'CHECK_CONSTRAINTS'`, "TABLE_NAME", ""},
		{"SELECT WORD FROM INFORMATION_SCHEMA.KEYWORDS WHERE RESERVED=1 ORDER BY WORD", "WORD", "SELECT"},
		{"SHOW FULL TABLES FROM `$I`", "Tables_in_$I,Table_type", "clusters|"},
		{"SHOW TABLE STATUS FROM `$I`", "Name,Engine,Rows,Comment", "clusters|"},
		{"SELECT * FROM information_schema.COLUMNS c WHERE c.TABLE_SCHEMA = '$I' AND c.TABLE_NAME = 'clusters' ORDER BY c.ORDINAL_POSITION",
			"TABLE_SCHEMA,TABLE_NAME,COLUMN_NAME,ORDINAL_POSITION,DATA_TYPE,COLUMN_TYPE,IS_NULLABLE", "cluster_name"},
		{"SELECT kc.CONSTRAINT_NAME,kc.TABLE_NAME,kc.COLUMN_NAME,kc.ORDINAL_POSITION FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE kc WHERE kc.TABLE_SCHEMA='$I' AND kc.REFERENCED_TABLE_NAME IS NULL",
			"CONSTRAINT_NAME,TABLE_NAME,COLUMN_NAME,ORDINAL_POSITION", ""},
		{"SELECT * FROM INFORMATION_SCHEMA.STATISTICS WHERE TABLE_SCHEMA='$I' ORDER BY TABLE_NAME,INDEX_NAME,SEQ_IN_INDEX", "INDEX_NAME", ""},
		{"SELECT * FROM INFORMATION_SCHEMA.VIEWS WHERE TABLE_SCHEMA='$I'", "VIEW_DEFINITION", ""},
		{"SELECT * FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '$I' ORDER BY ROUTINE_NAME", "ROUTINE_NAME", ""},
		{"SHOW CREATE TABLE `$I`.`clusters`", "Table,Create Table", "cluster_name"},
	},
	"Grafana": {
		{"SET time_zone='+00:00'", "", ""},
		{"SELECT 1", "1", "1"},
		{"SELECT DISTINCT TABLE_SCHEMA from information_schema.TABLES where TABLE_TYPE != 'SYSTEM VIEW' ORDER BY TABLE_SCHEMA", "TABLE_SCHEMA", "roster"},
		{"SELECT table_name FROM information_schema.tables WHERE table_schema = 'roster' ORDER BY table_name", "table_name", "clusters"},
		{"SELECT column_name, data_type FROM information_schema.columns WHERE table_schema='roster' AND table_name='clusters' ORDER BY column_name",
			"column_name,data_type", "cluster_name|varchar"},
	},
	"Workbench": {
		{"set autocommit=1", "", ""},
		{"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ", "", ""},
		{"SHOW SESSION VARIABLES LIKE 'lower_case_table_names'", "Variable_name,Value", "lower_case_table_names|"},
		{"SHOW SESSION VARIABLES LIKE 'sql_mode'", "Variable_name,Value", "sql_mode|"},
		{"SHOW SESSION VARIABLES LIKE 'version_comment'", "Variable_name,Value", "version_comment|"},
		{"SHOW SESSION VARIABLES LIKE 'version'", "Variable_name,Value", "version|"},
		{"SHOW SESSION STATUS LIKE 'Ssl_cipher'", "Variable_name,Value", "Ssl_cipher|"},
		{"SELECT CONNECTION_ID()", "CONNECTION_ID()", ""},
		{"SELECT current_user()", "current_user()", "root@"},
		{"SHOW PLUGINS", "Name,Status,Type,Library,License", ""},
		{"SHOW GLOBAL STATUS", "Variable_name,Value", "Uptime|"},
		{"SHOW FULL PROCESSLIST", "Id,User,Host,db,Command,Time,State,Info,ProgramName", "SHOW FULL PROCESSLIST|Go-MySQL-Driver"},
	},
	"mariadb": {
		{"select @@version_comment limit 1", "@@version_comment", "Roster"},
		{"USE `$I`", "", ""},
		{"SELECT DATABASE()", "DATABASE()", "$I"},
		{"show databases", "Database", "$I"},
		{"show tables", "Tables_in_$I", "clusters"},
		{"select DATABASE(), USER() limit 1", "DATABASE(),USER()", "$I|root@"},
		{"select @@character_set_client, @@character_set_connection, @@character_set_server, @@character_set_database limit 1",
			"@@character_set_client,@@character_set_connection,@@character_set_server,@@character_set_database", "utf8mb4|utf8mb4|utf8mb4|utf8mb4"},
		{"help 'clusters'", "", ""},
		{"show processlist", "Id,User,Host,db,Command,Time,State,Info", "show processlist"},
		{"SHOW DATABASES LIKE '%'", "", "$I"},
		{"/*!40100 SET @@SQL_MODE='' */", "", ""},
	},
	"Go": {
		{"SELECT @@max_allowed_packet", "@@max_allowed_packet", "1048576"},
		{"SET NAMES utf8mb4", "", ""},
		{"SET time_zone = 'UTC'", "", ""},
		{"SELECT @@time_zone", "@@time_zone", "UTC"},
		{"SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "", ""},
		{"START TRANSACTION", "", ""},
		{"COMMIT", "", ""},
		{"START TRANSACTION READ ONLY", "", ""},
		{"ROLLBACK", "", ""},
	},
	"warnings": {
		{"DROP CLUSTER IF EXISTS none_such IN INSTANCE `$I`", "", ""},
		{"SHOW WARNINGS", "Level,Code,Message", "Note|"},
		{"SHOW WARNINGS LIMIT 1", "Level,Code,Message", "Note|"},
		{"SHOW COUNT(*) WARNINGS", "@@session.warning_count", "1"},
		{"SELECT @@warning_count", "@@warning_count", "1"},
		{"SHOW COUNT(*) ERRORS", "@@session.error_count", "0"},
		{"SELECT @@error_count", "@@error_count", "0"},
	},
	"mycli": {
		{"SET AUTOCOMMIT = 1", "", ""},
		{"select connection_id()", "connection_id()", ""},
		{"SHOW DATABASES", "Database", "roster"},
		{"USE `$I`", "", ""},
		{"SHOW TABLES", "Tables_in_$I", "clusters"},
		{"select TABLE_NAME, COLUMN_NAME from information_schema.columns where table_schema = '$I' order by table_name,ordinal_position",
			"TABLE_NAME,COLUMN_NAME", "clusters|cluster_name"},
		{`SELECT CONCAT("'", user, "'@'",host,"'") FROM mysql.user`, "", "'root'@"},
		{`SELECT ROUTINE_NAME FROM INFORMATION_SCHEMA.ROUTINES WHERE ROUTINE_TYPE="FUNCTION" AND ROUTINE_SCHEMA = "$I"`, "ROUTINE_NAME", ""},
		{`SELECT name from mysql.help_topic WHERE name like "SHOW %"`, "name", ""},
		{"SHOW GLOBAL STATUS;", "Variable_name,Value", "Uptime|"},
		{"SHOW GLOBAL VARIABLES;", "Variable_name,Value", "version|"},
		{"SELECT @@character_set_server, @@character_set_database, @@character_set_client, @@character_set_connection LIMIT 1;",
			"@@character_set_server,@@character_set_client", "utf8mb4|utf8mb4|utf8mb4|utf8mb4"},
		{"SHOW GLOBAL STATUS LIKE 'Slow_queries'", "Variable_name,Value", "Slow_queries|"},
		{"SHOW GLOBAL STATUS LIKE 'Opened_tables'", "Variable_name,Value", "Opened_tables|"},
		{"SHOW GLOBAL STATUS LIKE 'Open_tables'", "Variable_name,Value", "Open_tables|"},
		{"SELECT DATABASE(), USER();", "DATABASE(),USER()", "$I|root@"},
	},
}

// TestStartup replays what clients send before their user types anything.
func TestStartup(t *testing.T) {
	s := newSite(t, harness.Run(t, harness.Options{}))
	fill := strings.NewReplacer("$I", s.instance).Replace
	for client, statements := range startups {
		t.Run(client, func(t *testing.T) {
			conn, err := s.open(t).Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := conn.Close(); err != nil {
					t.Error(err)
				}
			}()
			for _, st := range statements {
				columns, lines, err := answer(t, conn, fill(st.text))
				if err != nil {
					t.Errorf("%s: %v", fill(st.text), err)
					continue
				}
				for _, want := range strings.Split(fill(st.columns), ",") {
					if want != "" && !strings.Contains(","+strings.Join(columns, ",")+",", ","+want+",") {
						t.Errorf("%s: no column %s in %v", fill(st.text), want, columns)
					}
				}
				if rows := strings.Join(lines, "\n"); !strings.Contains(rows, fill(st.rows)) {
					t.Errorf("%s: no %q in\n%s", fill(st.text), fill(st.rows), rows)
				}
			}
		})
	}
}
